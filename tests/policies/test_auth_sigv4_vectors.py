"""Signature Version 4, by what AWS has published.

The vectors are those of AWS's own `aws-sig-v4-test-suite` (30 August 2015, AKIDEXAMPLE), as its
libraries carry them (awslabs/aws-c-auth, aws/aws-sdk-js-v3), and of the examples in the Amazon S3
API Reference, "Signature Calculations for the Authorization Header" (24 May 2013).
"""

from __future__ import annotations

import hashlib

import pytest

from antiphon.models.body_builder import build_body
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.url import URL
from antiphon.policies.auth_sigv4 import AWSSigV4
from antiphon.policies.auth_sigv4_signature import authorization, canonical_path, canonical_query

ACCESS_KEY = "AKIDEXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
STAMP = "20150830T123600Z"
AT = 1_440_938_160.0
SESSION_TOKEN = (
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSP"
    "fIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT"
    "7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlz"
    "m8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
)
UNRESERVED = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
VANILLA = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
POST_VANILLA = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"

# Name, method, path, query, header lines, body, signature.
SUITE = [
    ("get-vanilla", "GET", "/", "", (), "", VANILLA),
    ("get-vanilla-query", "GET", "/", "", (), "", VANILLA),
    (
        "get-vanilla-empty-query-key",
        "GET",
        "/",
        "Param1=value1",
        (),
        "",
        "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
    ),
    (
        "get-vanilla-query-order-key-case",
        "GET",
        "/",
        "Param2=value2&Param1=value1",
        (),
        "",
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ),
    (
        "get-vanilla-query-unreserved",
        "GET",
        "/",
        f"{UNRESERVED}={UNRESERVED}",
        (),
        "",
        "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
    ),
    (
        "get-vanilla-utf8-query",
        "GET",
        "/",
        "ሴ=bar",
        (),
        "",
        "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
    ),
    (
        "get-header-key-duplicate",
        "GET",
        "/",
        "",
        (("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "value1")),
        "",
        "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
    ),
    (
        "get-header-value-multiline",
        "GET",
        "/",
        "",
        (("My-Header1", "value1,value2,value3"),),
        "",
        "ba17b383a53190154eb5fa66a1b836cc297cc0a3d70a5d00705980573d8ff790",
    ),
    (
        "get-header-value-order",
        "GET",
        "/",
        "",
        tuple(("My-Header1", f"value{number}") for number in (4, 1, 3, 2)),
        "",
        "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
    ),
    (
        "get-header-value-trim",
        "GET",
        "/",
        "",
        (("My-Header1", " value1"), ("My-Header2", ' "a   b   c"')),
        "",
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    ),
    (
        "get-unreserved",
        "GET",
        f"/{UNRESERVED}",
        "",
        (),
        "",
        "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
    ),
    (
        "get-utf8",
        "GET",
        "/ሴ",
        "",
        (),
        "",
        "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
    ),
    ("get-relative", "GET", "/example/..", "", (), "", VANILLA),
    ("get-relative-relative", "GET", "/example1/example2/../..", "", (), "", VANILLA),
    ("get-slash", "GET", "//", "", (), "", VANILLA),
    ("get-slash-dot-slash", "GET", "/./", "", (), "", VANILLA),
    (
        "get-slash-pointless-dot",
        "GET",
        "/./example",
        "",
        (),
        "",
        "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5",
    ),
    (
        "get-slashes",
        "GET",
        "//example//",
        "",
        (),
        "",
        "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
    ),
    (
        "get-space",
        "GET",
        "/example space/",
        "",
        (),
        "",
        "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
    ),
    (
        "get-special-character",
        "GET",
        "/example/$delete",
        "",
        (),
        "",
        "a853c9b21b528b19643d00910d35b83a10c366a10833ceefb45edd6c80e40f27",
    ),
    ("post-vanilla", "POST", "/", "", (), "", POST_VANILLA),
    ("post-header-key-case", "POST", "/", "", (), "", POST_VANILLA),
    (
        "post-header-key-sort",
        "POST",
        "/",
        "",
        (("My-Header1", "value1"),),
        "",
        "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
    ),
    (
        "post-header-value-case",
        "POST",
        "/",
        "",
        (("My-Header1", "VALUE1"),),
        "",
        "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
    ),
    ("post-sts-header-after", "POST", "/", "", (), "", POST_VANILLA),
    (
        "post-sts-header-before",
        "POST",
        "/",
        "",
        (("X-Amz-Security-Token", SESSION_TOKEN),),
        "",
        "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
    ),
    (
        "post-vanilla-query",
        "POST",
        "/",
        "Param1=value1",
        (),
        "",
        "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
    ),
    (
        "post-vanilla-query-nonunreserved",
        "POST",
        "/",
        '%40%23%24%25%5E=&+=/,?><`";:\\|][{}',
        (),
        "",
        "66c82657c86e26fb25238d0e69f011edc4c6df5ae71119d7cb98ed9b87393c1e",
    ),
    (
        "post-x-www-form-urlencoded",
        "POST",
        "/",
        "",
        (("Content-Type", "application/x-www-form-urlencoded"),),
        "Param1=value1",
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ),
    (
        "post-x-www-form-urlencoded-parameters",
        "POST",
        "/",
        "",
        (("Content-Type", "application/x-www-form-urlencoded; charset=utf8"),),
        "Param1=value1",
        "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe",
    ),
]


@pytest.mark.parametrize(
    ("method", "path", "query", "lines", "body", "signature"),
    [row[1:] for row in SUITE],
    ids=[row[0] for row in SUITE],
)
def test_the_suite_of_aws(
    method: str,
    path: str,
    query: str,
    lines: tuple[tuple[str, str], ...],
    body: str,
    signature: str,
) -> None:
    """The signature of what stands on the wire in the suite is the suite's."""
    value = authorization(
        access_key=ACCESS_KEY,
        secret_key=SECRET_KEY,
        region="us-east-1",
        service="service",
        stamp=STAMP,
        method=method,
        path=canonical_path(path, is_s3=False),
        query=canonical_query(query),
        headers=[("Host", "example.amazonaws.com"), ("X-Amz-Date", STAMP), *lines],
        payload_hash=hashlib.sha256(body.encode()).hexdigest(),
    )

    names = ";".join(sorted({"host", "x-amz-date"} | {name.lower() for name, _ in lines}))
    scope = "20150830/us-east-1/service/aws4_request"
    assert (
        f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, SignedHeaders={names}, "
        f"Signature={signature}"
    ) == value


@pytest.mark.parametrize(
    ("request_", "token", "signature"),
    [
        (Request("GET", URL("https://example.amazonaws.com/")), None, VANILLA),
        (
            Request("GET", URL("https://example.amazonaws.com/?Param2=value2&Param1=value1")),
            None,
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (
            Request("POST", URL("https://example.amazonaws.com/")),
            SESSION_TOKEN,
            "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
        ),
        (
            Request(
                "POST",
                URL("https://example.amazonaws.com/"),
                Headers({"Content-Type": "application/x-www-form-urlencoded"}),
                build_body(content=b"Param1=value1"),
            ),
            None,
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
    ],
)
def test_whole_requests_of_the_suite(request_: Request, token: str | None, signature: str) -> None:
    """A request gets its date, its token and the suite's signature, and no hash that nobody wants."""
    auth = AWSSigV4(ACCESS_KEY, SECRET_KEY, "us-east-1", "service", token)

    headers = auth.sign(request_, AT).headers

    assert headers["Authorization"].endswith(f"Signature={signature}")
    assert (STAMP, token) == (headers["X-Amz-Date"], headers.get("X-Amz-Security-Token"))
    assert "X-Amz-Content-SHA256" not in headers


S3 = AWSSigV4("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1", "s3")
BUCKET = "https://examplebucket.s3.amazonaws.com"
AT_S3 = 1_369_353_600.0
DATED = Headers(
    {"Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"}
)


@pytest.mark.parametrize(
    ("request_", "names", "signature"),
    [
        (
            Request("GET", URL(f"{BUCKET}/test.txt"), Headers({"Range": "bytes=0-9"})),
            "host;range;x-amz-content-sha256;x-amz-date",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            Request(
                "PUT",
                URL(f"{BUCKET}/test$file.text"),
                DATED,
                build_body(content=b"Welcome to Amazon S3."),
            ),
            "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (
            Request("GET", URL(f"{BUCKET}/?lifecycle")),
            "host;x-amz-content-sha256;x-amz-date",
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            Request("GET", URL(f"{BUCKET}/?max-keys=2&prefix=J")),
            "host;x-amz-content-sha256;x-amz-date",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ],
    ids=["GET Object", "PUT Object", "GET Bucket Lifecycle", "List Objects"],
)
def test_the_examples_of_s3(request_: Request, names: str, signature: str) -> None:
    """The examples of the S3 API Reference are signed as they stand there."""
    value = S3.sign(request_, AT_S3).headers["Authorization"]

    assert value.endswith(f"SignedHeaders={names}, Signature={signature}")

"""Signature Version 4: what is signed and how, beside AWS's vectors."""

from __future__ import annotations

import hashlib
import hmac
import io
import pickle
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import InvalidBodyError, InvalidOptionError, UsageError
from antiphon.models.body import Body
from antiphon.models.body_builder import build_body
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.secret import Secret
from antiphon.models.url import URL
from antiphon.policies.auth_sigv4 import AWSSigV4
from antiphon.policies.auth_sigv4_signature import (
    EMPTY_PAYLOAD,
    authorization,
    canonical_headers,
    canonical_path,
    canonical_query,
)

AT = 1_440_938_160.0
BUCKET = "https://examplebucket.s3.amazonaws.com"
SIGNER = AWSSigV4("AKIDEXAMPLE", "key", "us-east-1", "service")
S3 = AWSSigV4("AKIDEXAMPLE", "key", "us-east-1", "s3")


class Stream(Body):
    """A body that can be read once."""

    def __init__(self) -> None:
        self.content, self.content_type, self.length, self.replayable = None, None, None, False


FILE = io.BytesIO(b"Welcome to Amazon S3.")
HASH = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"


@pytest.mark.parametrize(
    ("service", "payload", "url", "body", "expected"),
    [
        ("s3", "auto", BUCKET, None, EMPTY_PAYLOAD),
        ("s3", "auto", BUCKET, build_body(content=b"Welcome to Amazon S3."), HASH),
        ("s3", "auto", BUCKET, build_body(content=FILE), "UNSIGNED-PAYLOAD"),
        ("s3", "auto", BUCKET, Stream(), "UNSIGNED-PAYLOAD"),
        ("s3", "auto", "http://localhost:9000", build_body(content=FILE), HASH),
        ("s3", "signed", BUCKET, build_body(content=FILE), HASH),
        ("s3", "unsigned", BUCKET, build_body(content=b"x"), "UNSIGNED-PAYLOAD"),
        ("s3", "unsigned", BUCKET, None, "UNSIGNED-PAYLOAD"),
        ("s3-outposts", "auto", BUCKET, None, EMPTY_PAYLOAD),
        ("aoss", "auto", BUCKET, None, EMPTY_PAYLOAD),
        ("execute-api", "auto", BUCKET, build_body(content=FILE), None),
        ("execute-api", "unsigned", BUCKET, Stream(), "UNSIGNED-PAYLOAD"),
    ],
)
def test_what_is_said_of_the_payload(
    service: str, payload: str, url: str, body: Body | None, expected: str | None
) -> None:
    """S3 is told the hash, or that there is none; others only that there is none."""
    auth = AWSSigV4("a", "b", "eu-central-1", service, payload=payload)  # type: ignore[arg-type]

    signed = auth.sign(Request("PUT", URL(url), body=body), AT)

    assert expected == signed.headers.get("x-amz-content-sha256")


@pytest.mark.parametrize(
    ("service", "payload", "url"),
    [("execute-api", "auto", BUCKET), ("s3", "signed", BUCKET), ("s3", "auto", "http://minio")],
)
def test_a_stream_cannot_be_signed(service: str, payload: str, url: str) -> None:
    """A body that can be read once is refused where it would have to be read twice."""
    auth = AWSSigV4("a", "b", "eu-central-1", service, payload=payload)  # type: ignore[arg-type]

    with pytest.raises(InvalidBodyError, match="is a stream, which cannot be read once"):
        auth.sign(Request("PUT", URL(url), body=Stream()), AT)


def test_a_hash_of_the_callers() -> None:
    """A header x-amz-content-sha256 is taken as it is, and signed."""
    given = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    request = Request("PUT", URL(BUCKET), Headers({"X-Amz-Content-SHA256": given}), Stream())

    signed = S3.sign(request, AT)

    assert given == signed.headers["x-amz-content-sha256"]
    assert "x-amz-content-sha256;" in signed.headers["Authorization"]


def test_signing_again_replaces_the_signature() -> None:
    """Signing a signed request is signing the request, with the time and token of now."""
    request = Request("GET", URL("https://example.amazonaws.com/"))
    before = AWSSigV4("other", "key", "us-east-1", "service", "token").sign(request, 0.0)

    assert SIGNER.sign(request, AT) == SIGNER.sign(before, AT)


def test_what_others_may_change_is_not_signed() -> None:
    """Fields of one hop, of proxies and of tracing are left out; a Host of the caller's is taken."""
    headers = Headers(
        {
            "User-Agent": "x",
            "Accept-Encoding": "gzip",
            "Connection": "close",
            "traceparent": "00-1-2-01",
            "Host": "other.example",
            "Accept": "*/*",
        }
    )

    signed = SIGNER.sign(Request("GET", URL("https://example.amazonaws.com/"), headers), AT)

    assert "SignedHeaders=accept;host;x-amz-date," in signed.headers["Authorization"]
    plain = SIGNER.sign(
        Request("GET", URL("https://other.example/"), Headers({"Accept": "*/*"})), AT
    )
    assert plain.headers["Authorization"] == signed.headers["Authorization"]


def test_a_plus_is_sent_as_its_escape() -> None:
    """What some read as a space and some as a plus is written so that all read a plus."""
    plus = SIGNER.sign(Request("GET", URL("https://example.amazonaws.com/?a=1+2")), AT)
    escape = SIGNER.sign(Request("GET", URL("https://example.amazonaws.com/?a=1%2B2")), AT)

    assert ("a=1%2B2", plus) == (plus.url.query, escape)


def test_paths() -> None:
    """S3 signs a key once escaped and as it is; others sign the escapes, and no empty segments."""
    assert "/a%20b//c%24" == canonical_path("/a%20b//c$", is_s3=True)
    assert "/a%2520b/c%24" == canonical_path("/a%20b//c$", is_s3=False)
    assert "/b/" == canonical_path("/a/../b/.", is_s3=False)
    assert "/" == canonical_path("/..", is_s3=False)
    assert "a=&a=%FF&b=" == canonical_query("b&&a=%ff&a")


def test_header_values_are_signed_as_they_are_sent() -> None:
    """UTF-8 in a header is signed byte by byte, also where a byte looks like a space."""
    value = "à  \tla carte"
    lines, names = canonical_headers([("X-Amz-Meta-Name", value.encode().decode("latin-1"))])

    assert ("x-amz-meta-name:à la carte\n".encode(), "x-amz-meta-name") == (
        lines.encode("latin-1"),
        names,
    )
    asked = "GET\n/\n\nhost:h\nx-amz-meta-name:à la carte\n\nhost;x-amz-meta-name\nhash".encode()
    scope = "20150830/r/s/aws4_request"
    key = b"AWS4key"
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    to_sign = f"AWS4-HMAC-SHA256\n20150830T0Z\n{scope}\n{hashlib.sha256(asked).hexdigest()}"
    signed = authorization(
        access_key="id",
        secret_key="key",
        region="r",
        service="s",
        stamp="20150830T0Z",
        method="GET",
        path="/",
        query="",
        headers=[("host", "h"), ("X-Amz-Meta-Name", value.encode().decode("latin-1"))],
        payload_hash="hash",
    )
    assert signed.endswith(f"Signature={hmac.digest(key, to_sign.encode(), 'sha256').hex()}")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("", "hunter2", "r", "s"), r"access_key=\.\.\.\): is empty"),
        (("a", "hunter2\n", "r", "s"), r"secret_key=\.\.\.\): is empty, or has"),
        (("a", 3, "r", "s"), r"secret_key=\.\.\.\): must be a str or a Secret, not int"),
        (("a", "hunter2", "", "s"), "region=''"),
        (("a", "hunter2", "r", "s3/x"), "service='s3/x'"),
        (("a", "hunter2", "r", None), "service=None"),
        (("a", "hunter2", "us\neast", "s3"), "region="),
        (("a", "hunter2", "us east", "s3"), "region='us east'"),
        (("a", "hunter2", "r", "s3, x"), "service="),
        (("a", "hunter2", "r", "s", "hunter2 x"), r"session_token=\.\.\.\)"),
    ],
)
def test_what_is_refused(arguments: tuple[str, ...], said: str) -> None:
    """What cannot be signed with is refused by the name of the argument, and never shown."""
    with pytest.raises(InvalidOptionError, match=said) as caught:
        AWSSigV4(*arguments)

    assert "hunter2" not in str(caught.value)


def test_payload_is_one_of_three_words() -> None:
    """Any other word is refused with those that are right."""
    with pytest.raises(InvalidOptionError, match="one of 'auto', 'signed', 'unsigned'"):
        AWSSigV4("a", "b", "r", "s", payload="no")  # type: ignore[arg-type]


def test_nothing_is_shown() -> None:
    """Neither repr nor a pickle holds a key."""
    auth = AWSSigV4(Secret("hunter1"), "hunter2", "eu-central-1", "s3", "hunter3")

    assert "AWSSigV4('***', '***', 'eu-central-1', 's3', session_token='***')" == repr(auth)
    assert "AWSSigV4('***', '***', 'us-east-1', 's3')" == repr(S3)
    pickled = pickle.dumps(auth)
    assert b"hunter" not in pickled
    with pytest.raises(UsageError, match="out of a pickle"):
        pickle.loads(pickled).sign(Request("GET", URL(BUCKET)), AT)


PAIRS = st.lists(
    st.tuples(st.text("ab%/ +é", max_size=4), st.text("ab=é~", max_size=4)), max_size=5
)


@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_a_query_does_not_matter(pairs: list[tuple[str, str]], chance: Random) -> None:
    """AWS sorts the parameters before it signs them, so any order has one signature."""
    shuffled = chance.sample(pairs, len(pairs))

    one, other = (
        SIGNER.sign(Request("GET", URL("https://h.example/").with_params(each)), AT)
        for each in (pairs, shuffled)
    )

    assert one.headers["authorization"] == other.headers["authorization"]


@given(st.text(min_size=1, max_size=20))
def test_another_text_is_signed_otherwise(text: str) -> None:
    """A signature is for one query; what was changed on the way is noticed."""
    where = URL("https://h.example/")

    signed = SIGNER.sign(Request("GET", where.with_params([("a", text)])), AT)
    changed = SIGNER.sign(Request("GET", where.with_params([("a", text + "x")])), AT)

    assert signed.headers["authorization"] != changed.headers["authorization"]

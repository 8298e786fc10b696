"""Digest access authentication (RFC 7616): challenges, and the arithmetic of the answers."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.models.body import Body
from antiphon.models.body_builder import build_body
from antiphon.models.request import Request
from antiphon.models.url import URL
from antiphon.policies.auth_challenges import Challenge, challenges_of, parameters_of
from antiphon.policies.auth_digest_response import DigestChallenge, strongest_challenge


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], []),
        ([""], []),
        (['Basic realm="x"'], [("basic", {"realm": "x"})]),
        # RFC 9110 section 11.6.1.
        (
            ['Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""'],
            [
                ("basic", {"realm": "simple"}),
                ("newauth", {"realm": "apps", "type": "1", "title": 'Login to \\"apps\\"'}),
            ],
        ),
        (["Negotiate, Digest nonce=a"], [("negotiate", {}), ("digest", {"nonce": "a"})]),
        (["Negotiate YWJj==, NTLM"], [("negotiate", {}), ("ntlm", {})]),
        (
            ["DIGEST Realm = x ,\tNONCE= \"a, b=c\",,"],
            [("digest", {"realm": "x", "nonce": "a, b=c"})],
        ),
        (["Basic realm=a", "Digest nonce=b"], [("basic", {"realm": "a"}), ("digest", {"nonce": "b"})]),
        (["Basic realm=a, realm=b"], [("basic", {"realm": "a"})]),
        (['Digest nonce="never ends', "Basic"], [("digest", {}), ("basic", {})]),
        (["a=b"], []),
        (["Digest @"], [("digest", {})]),
    ],
)  # fmt: skip
def test_challenges(lines: list[str], expected: list[tuple[str, dict[str, str]]]) -> None:
    """Several challenges may stand in a line, and commas inside of their values."""
    assert [Challenge(*one) for one in expected] == challenges_of(lines)


@given(st.text(max_size=200))
def test_any_line_is_read(line: str) -> None:
    """Whatever a server writes, reading it ends, without an error."""
    challenges_of([line])
    parameters_of(line)


RFC_NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
RFC_CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
RFC_OPAQUE = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
RFC_LINES = [
    f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
    f'nonce="{RFC_NONCE}", opaque="{RFC_OPAQUE}"'
    for algorithm in ("SHA-256", "MD5")
]


@pytest.mark.parametrize(
    ("line", "response"),
    [
        # RFC 7616 section 3.9.1.
        (RFC_LINES[0], "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        (RFC_LINES[1], "8ca523f5e9506fed4657c9700eebdbec"),
    ],
)
def test_the_examples_of_the_rfc(line: str, response: str) -> None:
    """Section 3.9.1: the same user name and password, by SHA-256 and by MD5."""
    challenge = strongest_challenge([line])
    assert challenge is not None

    value = challenge.authorization(
        Request("GET", URL("http://www.example.org/dir/index.html")),
        username="Mufasa",
        secret=challenge.secret("Mufasa", "Circle of Life", RFC_CNONCE),
        nonce=challenge.nonce,
        count=1,
        cnonce=RFC_CNONCE,
    )

    assert (
        f'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", '
        f'nonce="{RFC_NONCE}", algorithm={challenge.algorithm}, nc=00000001, qop=auth, '
        f'cnonce="{RFC_CNONCE}", response="{response}", opaque="{RFC_OPAQUE}"'
    ) == value


def test_the_example_with_a_hashed_name() -> None:
    """Section 3.9.2: SHA-512-256 and userhash, with what erratum 4897 says they come to."""
    if "sha512_256" not in hashlib.algorithms_available:
        pytest.skip("this Python's hashlib has no SHA-512/256")
    challenge = strongest_challenge(
        [
            (
                'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, '
                'nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", '
                'opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true'
            )
        ]
    )
    assert challenge is not None
    cnonce = "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v"

    value = challenge.authorization(
        Request("GET", URL("http://api.example.org/doe.json")),
        username="Jäsøn Doe",
        secret=challenge.secret("Jäsøn Doe", "Secret, or not?", cnonce),
        nonce=challenge.nonce,
        count=1,
        cnonce=cnonce,
    )

    name = "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"
    response = "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"
    assert value.startswith(f'Digest username="{name}", ')
    assert f'response="{response}"' in value
    assert value.endswith(", userhash=true")


def test_the_example_of_the_former_rfc() -> None:
    """RFC 2617 section 3.5, which RFC 7616 still reads: MD5 unsaid."""
    challenge = strongest_challenge(
        [
            (
                'Digest realm="testrealm@host.com", qop="auth,auth-int", '
                'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
            )
        ]
    )
    assert challenge is not None

    value = challenge.authorization(
        Request("GET", URL("http://www.nowhere.org/dir/index.html")),
        username="Mufasa",
        secret=challenge.secret("Mufasa", "Circle Of Life", ""),
        nonce=challenge.nonce,
        count=1,
        cnonce="0a4f113b",
    )

    assert 'response="6629fae49393a05397450978507c4ef1"' in value
    assert "algorithm" not in value


def test_without_qop() -> None:
    """RFC 2069 knew neither counts nor a nonce of the client's; its erratum 749 has the digest."""
    challenge = strongest_challenge(
        [
            (
                'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
                'opaque="5ccc069c403ebaf9f0171e9517f40e41"'
            )
        ]
    )
    assert challenge is not None

    value = challenge.authorization(
        Request("GET", URL("http://www.nowhere.org/dir/index.html")),
        username="Mufasa",
        secret=challenge.secret("Mufasa", "CircleOfLife", ""),
        nonce=challenge.nonce,
        count=1,
        cnonce="x",
    )

    assert 'response="1949323746fe6a43ef61f9606e7febea"' in value
    assert not {"nc", "qop", "cnonce"} & set(parameters_of(value.removeprefix("Digest ")))


def test_sessions_hash_the_password_once() -> None:
    """-sess: H(A1) has the nonce and the cnonce of the first answer in it (section 3.4.2)."""
    challenge = DigestChallenge("r", "n", "SHA-256-sess", frozenset({"auth"}))

    def hashed(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    assert hashed(f"{hashed('u:r:p')}:n:c") == challenge.secret("u", "p", "c")


@pytest.mark.parametrize(
    ("qop", "body", "expected"),
    [
        ("auth, auth-int", build_body(content=b"x"), "auth"),
        ("auth-int", build_body(content=b"some body"), "auth-int"),
        ("auth-int", None, "auth-int"),
        ("auth-int", build_body(content=iter([b"x"])), None),
    ],
)
def test_what_is_protected(qop: str, body: Body | None, expected: str | None) -> None:
    """auth where there is a choice; auth-int for bodies that can be read twice."""
    challenge = strongest_challenge([f'Digest realm="r", nonce="n", qop="{qop}"'])
    assert challenge is not None
    request = Request("PUT", URL("http://a.example/p?q"), body=body)

    assert expected == challenge.protection(request)
    if expected == "auth-int":
        value = challenge.authorization(
            request, username="u", secret="s", nonce="n", count=2, cnonce="c"
        )

        def hashed(text: bytes | str) -> str:
            return hashlib.md5(text if isinstance(text, bytes) else text.encode()).hexdigest()

        content = b"" if body is None else body.content or b""
        subject = hashed(f"PUT:/p?q:{hashed(content)}")
        response = hashed(f"s:n:00000002:c:auth-int:{subject}")
        assert response == parameters_of(value.removeprefix("Digest "))["response"]


@pytest.mark.parametrize(
    ("lines", "algorithm"),
    [
        (['Digest realm="r", nonce="n"'], ""),
        (RFC_LINES, "SHA-256"),
        (RFC_LINES[::-1], "SHA-256"),
        ([", ".join(RFC_LINES[::-1])], "SHA-256"),
        (['Digest realm=r, nonce=n, algorithm="sha-256-SESS"', RFC_LINES[0]], "sha-256-SESS"),
        (['Digest realm=r, nonce=n, algorithm=SHA-3', RFC_LINES[1]], "MD5"),
        (['Digest realm=r, nonce=n, qop="auth-conf"', RFC_LINES[1]], "MD5"),
        (["Digest realm=r", "Digest nonce=n", 'Basic realm="r"'], None),
    ],
)  # fmt: skip
def test_the_strongest_challenge(lines: list[str], algorithm: str | None) -> None:
    """The strongest hash counts, then the order; what is unknown or incomplete is passed over."""
    found = strongest_challenge(lines)

    assert algorithm == (None if found is None else found.algorithm)


@pytest.mark.parametrize(
    ("username", "expected"),
    [
        ("Mufasa", 'username="Mufasa"'),
        ('a "b" \\c', 'username="a \\"b\\" \\\\c"'),
        ("Jäsøn Doe", "username*=UTF-8''J%C3%A4s%C3%B8n%20Doe"),
    ],
)
def test_user_names(username: str, expected: str) -> None:
    """Names in quotes, escaped; those outside of ASCII as RFC 8187 has them."""
    value = DigestChallenge("r", "n").authorization(
        Request("GET", URL("http://a.example")),
        username=username,
        secret="s",
        nonce="n",
        count=1,
        cnonce="",
    )

    assert value.startswith(f"Digest {expected}, realm=")


@pytest.mark.parametrize("sent", ["Küche", "日本"])
@pytest.mark.parametrize("algorithm", ["MD5", "MD5-sess"])
def test_a_realm_is_hashed_as_it_was_sent(sent: str, algorithm: str) -> None:
    """Headers are read as latin-1; what is hashed are the bytes of the server, UTF-8 or not."""
    realm = sent.encode().decode("latin-1")
    challenge = strongest_challenge([f'Digest realm="{realm}", nonce="n", algorithm={algorithm}'])
    assert challenge is not None

    expected = hashlib.md5(f"zoë:{sent}:pä".encode()).hexdigest()
    if challenge.is_session:
        expected = hashlib.md5(f"{expected}:n:c".encode()).hexdigest()
    assert expected == challenge.secret("zoë", "pä", "c")


def test_a_hashed_name_in_a_realm_outside_of_ascii() -> None:
    """The name is hashed with the realm as it was sent (RFC 7616 section 3.4.4)."""
    realm = "Küche".encode().decode("latin-1")
    line = f'Digest realm="{realm}", nonce="n", userhash=true'
    challenge = strongest_challenge([line])
    assert challenge is not None
    sent = challenge.authorization(
        Request("GET", URL("http://a.example/")),
        username="zoë",
        secret="s",
        nonce="n",
        count=1,
        cnonce="c",
    )
    assert f'username="{hashlib.md5("zoë:Küche".encode()).hexdigest()}"' in sent

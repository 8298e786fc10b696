"""Well-formed responses, as RFC 9112 and its examples have them, read the same however they arrive."""

from __future__ import annotations

import attrs
import pytest

from antiphon.wire.http1 import ResponseReader
from tests.wire.http1_reading import FEEDS, Outcome, read

OK = "HTTP/1.1 200 OK\r\n"


def outcome(
    status: int = 200,
    reason: str = "OK",
    lines: tuple[tuple[str, str], ...] = (),
    body: bytes = b"",
    *,
    version: str = "HTTP/1.1",
    before: tuple[tuple[str, int, str, tuple[tuple[str, str], ...]], ...] = (),
    trailers: tuple[tuple[str, str], ...] = (),
    reusable: bool = True,
) -> Outcome:
    heads = (*before, (version, status, reason, lines))
    return Outcome(heads=heads, body=body, trailers=trailers, reusable=reusable)


CL5 = ("Content-Length", "5")
CHUNKED = ("Transfer-Encoding", "chunked")
TE = "Transfer-Encoding: chunked\r\n"

# name: (method, message, what comes out of it)
MESSAGES = {
    "content-length": (
        "GET",
        f"{OK}Server: x\r\nContent-Length: 5\r\n\r\nhello",
        outcome(lines=(("Server", "x"), CL5), body=b"hello"),
    ),
    "content-length 0": (
        "GET",
        f"{OK}content-length: 0\r\n\r\n",
        outcome(lines=(("content-length", "0"),)),
    ),
    "no headers, until close": (
        "GET",
        f"{OK}\r\nhello\r\n\r\n",
        outcome(body=b"hello\r\n\r\n", reusable=False),
    ),
    "whitespace around values": (
        "GET",
        f"{OK}A:\t b \t c \t\r\nB:\r\nC: \r\nContent-Length:5\r\n\r\nhello",
        outcome(lines=(("A", "b \t c"), ("B", ""), ("C", ""), CL5), body=b"hello"),
    ),
    "every token character in a name": (
        "GET",
        f"{OK}!#$%&'*+-.^_`|~09azAZ: 1\r\nContent-Length: 5\r\n\r\nhello",
        outcome(lines=(("!#$%&'*+-.^_`|~09azAZ", "1"), CL5), body=b"hello"),
    ),
    "latin-1 in value and reason": (
        "GET",
        "HTTP/1.1 200 \xe9\r\nA: \x80\xff\r\nContent-Length: 5\r\n\r\nhello",
        outcome(reason="\xe9", lines=(("A", "\x80\xff"), CL5), body=b"hello"),
    ),
    "repeated names stay apart and in order": (
        "GET",
        f"{OK}A: 1\r\na: 2\r\nContent-Length: 5\r\nA: 3\r\n\r\nhello",
        outcome(lines=(("A", "1"), ("a", "2"), CL5, ("A", "3")), body=b"hello"),
    ),
    "empty reason": (
        "GET",
        "HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\nhello",
        outcome(reason="", lines=(CL5,), body=b"hello"),
    ),
    "no reason and no space": (
        "GET",
        "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello",
        outcome(reason="", lines=(CL5,), body=b"hello"),
    ),
    "reason longer than any cache takes": (
        "GET",
        f"HTTP/1.1 200 {'x' * 100}\r\nContent-Length: 5\r\n\r\nhello",
        outcome(reason="x" * 100, lines=(CL5,), body=b"hello"),
    ),
    "leading zeros in a length": (
        "GET",
        f"{OK}Content-Length: 005\r\n\r\nhello",
        outcome(lines=(("Content-Length", "005"),), body=b"hello"),
    ),
    "the same length twice": (
        "GET",
        f"{OK}Content-Length: 5\r\nContent-Length: 5, 5\r\n\r\nhello",
        outcome(lines=(CL5, ("Content-Length", "5, 5")), body=b"hello", reusable=False),
    ),
    "chunked, the example of RFC 9112 7.1": (
        "GET",
        f"{OK}{TE}\r\n4\r\nWiki\r\n7\r\npedia i\r\nB\r\nn \r\nchunks.\r\n0\r\n\r\n",
        outcome(lines=(CHUNKED,), body=b"Wikipedia in \r\nchunks."),
    ),
    "chunked, empty": ("GET", f"{OK}{TE}\r\n0\r\n\r\n", outcome(lines=(CHUNKED,))),
    "chunked, in capitals, hex in both cases": (
        "GET",
        f"{OK}TRANSFER-ENCODING: CHUNKED\r\n\r\n0a\r\n0123456789\r\n0000B\r\n01234567890\r\n00\r\n\r\n",
        outcome(lines=(("TRANSFER-ENCODING", "CHUNKED"),), body=b"012345678901234567890"),
    ),
    "chunked, extensions": (
        "GET",
        f'{OK}{TE}\r\n5;a=b;c="d e" \t\r\nhello\r\n1 ;x\r\n!\r\n0;last\r\n\r\n',
        outcome(lines=(CHUNKED,), body=b"hello!"),
    ),
    "chunked, trailers": (
        "GET",
        f"{OK}{TE}\r\n5\r\nhello\r\n0\r\nDigest: x \r\nA: \r\nA: 2\r\n\r\n",
        outcome(lines=(CHUNKED,), body=b"hello", trailers=(("Digest", "x"), ("A", ""), ("A", "2"))),
    ),
    "chunked, framing in trailers is dropped": (
        "GET",
        f"{OK}{TE}\r\n5\r\nhello\r\n0\r\nContent-Length: 9\r\nA: 1\r\nTransfer-encoding: x\r\n\r\n",
        outcome(lines=(CHUNKED,), body=b"hello", trailers=(("A", "1"),), reusable=False),
    ),
    "chunked and Connection: close": (
        "GET",
        f"{OK}{TE}Connection: close\r\n\r\n0\r\n\r\n",
        outcome(lines=(CHUNKED, ("Connection", "close")), reusable=False),
    ),
    "HEAD with a length": (
        "HEAD",
        f"{OK}Content-Length: 5\r\n\r\n",
        outcome(lines=(CL5,)),
    ),
    "HEAD, chunked": ("HEAD", f"{OK}{TE}\r\n", outcome(lines=(CHUNKED,))),
    "HEAD without any length": ("HEAD", f"{OK}\r\n", outcome()),
    "204": ("GET", "HTTP/1.1 204 No Content\r\n\r\n", outcome(204, "No Content")),
    "204 with length 0": (
        "GET",
        "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
        outcome(204, "No Content", (("Content-Length", "0"),)),
    ),
    "204 with a length": (
        "DELETE",
        "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
        outcome(204, "No Content", (CL5,), reusable=False),
    ),
    "204, chunked": (
        "DELETE",
        f"HTTP/1.1 204 No Content\r\n{TE}\r\n",
        outcome(204, "No Content", (CHUNKED,), reusable=False),
    ),
    "304 with the length of what was not sent": (
        "GET",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
        outcome(304, "Not Modified", (CL5,)),
    ),
    "status 999": (
        "GET",
        "HTTP/1.1 999 Denied\r\nContent-Length: 5\r\n\r\nhello",
        outcome(999, "Denied", (CL5,), b"hello", reusable=False),
    ),
    "interim responses": (
        "POST",
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
            f"{OK}Content-Length: 5\r\n\r\nhello"
        ),
        outcome(
            lines=(CL5,),
            body=b"hello",
            before=(
                ("HTTP/1.1", 100, "Continue", ()),
                ("HTTP/1.1", 103, "Early Hints", (("Link", "</a>"),)),
            ),
        ),
    ),
    "interim response with a length": (
        "POST",
        f"HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n{OK}Content-Length: 5\r\n\r\nhello",
        outcome(
            lines=(CL5,),
            body=b"hello",
            before=(("HTTP/1.1", 100, "Continue", (CL5,)),),
            reusable=False,
        ),
    ),
    "HTTP/1.0": (
        "GET",
        "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        outcome(lines=(CL5,), body=b"hello", version="HTTP/1.0", reusable=False),
    ),
    "every line ends with LF": (
        "GET",
        "HTTP/1.0 200 OK\nA: 1 \nContent-Length: 9\n\nhel\r\n\r\nlo",
        outcome(
            lines=(("A", "1"), ("Content-Length", "9")),
            body=b"hel\r\n\r\nlo",
            version="HTTP/1.0",
            reusable=False,
        ),
    ),
    "every line ends with LF, until close": (
        "GET",
        "HTTP/1.1 200\n\nhello",
        outcome(reason="", body=b"hello", reusable=False),
    ),
    "CONNECT refused": (
        "CONNECT",
        "HTTP/1.1 407 Who\r\nContent-Length: 5\r\n\r\nhello",
        outcome(407, "Who", (CL5,), b"hello"),
    ),
}

HANDED_OVER = {
    "101": ("GET", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
    "101 after 100": ("GET", "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n"),
    "CONNECT": ("CONNECT", f"{OK}\r\n"),
    "CONNECT, length and coding ignored": (
        "CONNECT",
        f"{OK}Content-Length: x\r\nTransfer-Encoding: y\r\n\r\n",
    ),
    "CONNECT, 204": ("CONNECT", "HTTP/1.1 204 No Content\r\n\r\n"),
}


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_reads_the_same_however_it_arrives(name, feed):
    """Heads, body and trailers do not depend on how the bytes were cut (RFC 9112)."""
    method, text, expected = MESSAGES[name]
    for pieces in FEEDS[feed](text.encode("latin-1")):
        assert expected == read(pieces, method)


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize(
    "name", [name for name in MESSAGES if "until close" not in name and MESSAGES[name][2].body]
)
@pytest.mark.parametrize("trailing", [b"\n", b"\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_bytes_after_the_end_change_nothing_but_reuse(name, feed, trailing):
    """Bytes that follow a response are not part of it, and end the use of the connection."""
    method, text, expected = MESSAGES[name]
    expected = attrs.evolve(expected, reusable=False)
    for pieces in FEEDS[feed](text.encode("latin-1") + trailing):
        assert expected == read(pieces, method)


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize("name", HANDED_OVER)
def test_what_follows_a_hand_over_is_not_http(name, feed):
    """After 101, and after 2xx to CONNECT, all bytes belong to the new protocol (RFC 9110 9.3.6)."""
    method, text = HANDED_OVER[name]
    for after in (b"", b"\x00\r\n\r\nHTTP/1.1 nonsense"):
        for pieces in FEEDS[feed](text.encode("latin-1") + after):
            result = read(pieces, method)

            assert (b"", after, False) == (result.body, result.handover, result.reusable)
            assert 101 == result.heads[-1][1] or method == "CONNECT"


def test_the_repr_of_a_head_shows_no_secrets():
    """A head can be shown while debugging: secret values are hidden, as in `Headers`."""
    reader = ResponseReader()
    reader.start("GET")
    reader.feed(b"HTTP/1.1 200 OK\r\nA: b\r\nSet-Cookie: s3cret\r\n\r\n")

    assert "<ResponseHead HTTP/1.1 200 Headers([('A', 'b'), ('Set-Cookie', '***')])>" == repr(
        reader.next_head()
    )

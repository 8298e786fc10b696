"""Malformed and ambiguous responses are refused, by an error that says what was wrong."""

from __future__ import annotations

import pytest

from tests.wire.http1_reading import FEEDS, read

OK = "HTTP/1.1 200 OK\r\n"
END = "Content-Length: 2\r\n\r\nhi"
CHUNKED = f"{OK}Transfer-Encoding: chunked\r\n\r\n"

STATUS_LINES = {
    "HTTP/2.0": ("HTTP/2.0 200 OK", "version is not HTTP/1.1 or HTTP/1.0: 'HTTP/2.0 200 OK'"),
    "HTTP/2": ("HTTP/2 200", "version is not HTTP/1.1 or HTTP/1.0: 'HTTP/2 200'"),
    "HTTP/0.9": ("HTTP/0.9 200 OK", "version is not"),
    "HTTP/1.2": ("HTTP/1.2 200 OK", "version is not"),
    "HTTP/1.10": ("HTTP/1.10 200 OK", "version is not HTTP/1.1 or HTTP/1.0"),
    "lower case": ("http/1.1 200 OK", "does not start with HTTP/"),
    "no version": ("200 OK", "does not start with HTTP/"),
    "another protocol": ("SSH-2.0-OpenSSH_9.6", "does not start with HTTP/"),
    "a TLS alert": ("\x15\x03\x01\x00\x02\x02\x46", "is this an https port?"),
    "empty": ("", "malformed status line"),
    "space before": (" HTTP/1.1 200 OK", "does not start with HTTP/"),
    "two spaces": ("HTTP/1.1  200 OK", "no status code of three digits"),
    "tab": ("HTTP/1.1\t200 OK", "version is not HTTP/1.1 or HTTP/1.0"),
    "two digits": ("HTTP/1.1 20 OK", "no status code of three digits"),
    "four digits": ("HTTP/1.1 2000 OK", "no status code of three digits"),
    "letters": ("HTTP/1.1 2x0 OK", "no status code of three digits"),
    "superscript digits": ("HTTP/1.1 20\xb2 OK", "no status code of three digits"),
    "no code": ("HTTP/1.1", "no status code of three digits"),
    "signed": ("HTTP/1.1 +20 OK", "no status code of three digits"),
    "below 100": ("HTTP/1.1 099 OK", "status code below 100"),
    "zero": ("HTTP/1.1 000 OK", "status code below 100"),
    "control character": ("HTTP/1.1 200 O\x00K", "invalid character '\\x00'"),
    "bare CR": ("HTTP/1.1 200 O\rK", "bare CR"),
}

HEADER_LINES = {
    "folded": ("A: b\r\n c", "folded line (obs-fold) after 'A'"),
    "folded with tab": ("A: b\r\n\tc", "folded line (obs-fold) after 'A'"),
    "folded at once": (" A: b", "folded line (obs-fold) after the status line"),
    "space before the colon": ("A : b", "whitespace between the name 'A' and its colon"),
    "tab before the colon": ("A\t: b", "whitespace between the name 'A' and its colon"),
    "empty name": (": b", "empty name before the colon"),
    "no colon": ("A b", "no colon in 'A b'"),
    "space in the name": ("A b: c", "invalid character ' ' in the name 'A b'"),
    "separator in the name": ("A(: b", "invalid character '(' in the name 'A('"),
    "latin-1 in the name": ("\xc9: b", "invalid character '\\xc9' in the name '\\xc9'"),
    "NUL in the name": ("A\x00: b", "invalid character '\\x00' in the name"),
    "NUL": ("A: b\x00c", "invalid character '\\x00' in the value of 'A'"),
    "control character": ("A: b\x1bc", "invalid character '\\x1b' in the value of 'A'"),
    "DEL": ("A: b\x7f", "invalid character '\\x7f' in the value of 'A'"),
    "vertical tab": ("A: b\x0b", "invalid character '\\x0b' in the value of 'A'"),
    "bare CR": ("A: b\rc", "bare CR"),
    "bare CR at the end": ("A: b\r", "bare CR"),
    "bare LF": ("A: b\nc: d", "bare LF"),
    "bare LF and empty line": ("A: b\n", "bare LF"),
}

FRAMING = {
    "length and coding": ("Content-Length: 2\r\nTransfer-Encoding: chunked", "both Content-Length"),
    "coding and length": ("Transfer-Encoding: chunked\r\nContent-Length: 2", "both Content-Length"),
    "two lengths": ("Content-Length: 2\r\nContent-Length: 3", "conflicting Content-Length: '2, 3'"),
    "listed lengths": ("Content-Length: 2, 3", "conflicting Content-Length: '2, 3'"),
    "02 and 2": ("Content-Length: 02\r\nContent-Length: 2", "conflicting Content-Length"),
    "list with a gap": ("Content-Length: 2,", "conflicting Content-Length"),
    "plus": ("Content-Length: +2", "Content-Length is not a number: '+2'"),
    "minus": ("Content-Length: -2", "Content-Length is not a number: '-2'"),
    "hex": ("Content-Length: 0x2", "Content-Length is not a number: '0x2'"),
    "underscore": ("Content-Length: 1_0", "Content-Length is not a number: '1_0'"),
    "decimals": ("Content-Length: 2.0", "Content-Length is not a number"),
    "space inside": ("Content-Length: 1 2", "Content-Length is not a number"),
    "superscript": ("Content-Length: \xb2", "Content-Length is not a number: '\\xb2'"),
    "empty length": ("Content-Length: ", "Content-Length is not a number: ''"),
    "19 digits": (f"Content-Length: {'9' * 19}", "Content-Length has more than 18 digits"),
    "5000 digits": (f"Content-Length: {'9' * 5000}", "Content-Length has more than 18 digits"),
    "gzip, chunked": ("Transfer-Encoding: gzip, chunked", "not exactly 'chunked'"),
    "gzip": ("Transfer-Encoding: gzip", "not exactly 'chunked', which is all we accept: 'gzip'"),
    "identity": ("Transfer-Encoding: identity", "not exactly 'chunked'"),
    "chunked twice": ("Transfer-Encoding: chunked, chunked", "not exactly 'chunked'"),
    "chunked on two lines": (
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "not exactly 'chunked', which is all we accept: 'chunked, chunked'",
    ),
    "chunked with a parameter": ("Transfer-Encoding: chunked;q=1", "not exactly 'chunked'"),
    "quoted": ('Transfer-Encoding: "chunked"', "not exactly 'chunked'"),
    "empty coding": ("Transfer-Encoding:", "not exactly 'chunked'"),
    "vertical tab": ("Transfer-Encoding: \x0bchunked", "invalid character '\\x0b'"),
}

WHOLE = {
    "coding in HTTP/1.0": (
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding in an HTTP/1.0 response",
    ),
    "LF, then CRLF": (
        "HTTP/1.1 200 OK\nA: b\r\n\r\n",
        "line ends of CRLF and of bare LF are mixed",
    ),
    "LF, then an empty CRLF line": ("HTTP/1.1 200 OK\nA: b\n\r\n", "mixed"),
    "chunked behind LF": (
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n0\r\n\r\n",
        "Transfer-Encoding in a response head whose lines end with bare LF",
    ),
    "NUL behind LF": ("HTTP/1.1 200 OK\nA: \x00\n\n", "invalid character '\\x00'"),
    "bad length to HEAD and 304": (
        "HTTP/1.1 304 OK\r\nContent-Length: x\r\n\r\n",
        "Content-Length is not a number",
    ),
    "garbage after 100": ("HTTP/1.1 100 C\r\n\r\nhello\r\n\r\n", "does not start with HTTP/"),
    "33 interim responses": (
        "HTTP/1.1 103 E\r\n\r\n" * 33,
        "more than 32 interim responses (1xx) in a row",
    ),
}

CHUNKS = {
    "no size": ("\r\nhi\r\n0\r\n\r\n", "malformed chunk size: '\\r'"),
    "sign": ("+2\r\nhi\r\n0\r\n\r\n", "malformed chunk size: '+2\\r'"),
    "negative": ("-2\r\nhi\r\n0\r\n\r\n", "malformed chunk size"),
    "0x": ("0x2\r\nhi\r\n0\r\n\r\n", "malformed chunk size"),
    "underscore": ("1_0\r\nhi\r\n0\r\n\r\n", "malformed chunk size"),
    "space before": (" 2\r\nhi\r\n0\r\n\r\n", "malformed chunk size"),
    "space after": ("2 \r\nhi\r\n0\r\n\r\n", "malformed chunk size: '2 \\r'"),
    "not hex": ("g\r\nhi\r\n0\r\n\r\n", "malformed chunk size: 'g"),
    "17 digits": ("00000000000000002\r\nhi\r\n0\r\n\r\n", "malformed chunk size"),
    "bare LF after the size": ("2\nhi\r\n0\r\n\r\n", "malformed chunk size: '2'"),
    "bare CR after the size": ("2\rhi\r\n0\r\n\r\n", "malformed chunk size"),
    "bare LF in an extension": ("2;a\nhi\r\n0\r\n\r\n", "malformed chunk size: '2;a'"),
    "bare CR in an extension": ("2;a\rb\r\nhi\r\n0\r\n\r\n", "malformed chunk size"),
    "NUL in an extension": ("2;\x00\r\nhi\r\n0\r\n\r\n", "malformed chunk size: '2;\\x00"),
    "data too long": ("2\r\nhi!\r\n0\r\n\r\n", "chunk data is not followed by CRLF but by '!"),
    "data too short": ("4\r\nhi\r\n0\r\n\r\n", "chunk data is not followed by CRLF but by '0"),
    "bare LF after the data": ("2\r\nhi\n0\r\n\r\n", "chunk data is not followed by CRLF"),
    "bare CR after the data": ("2\r\nhi\r0\r\n\r\n", "chunk data is not followed by CRLF"),
    "no CRLF after the data": ("2\r\nhi0\r\n\r\n", "chunk data is not followed by CRLF"),
    "bare LF at the end": ("0\r\n\n", "bare LF"),
    "bare CR at the end": ("0\r\n\rx", "bare CR"),
    "space before a colon in trailers": ("0\r\nA : b\r\n\r\n", "whitespace between the name 'A'"),
    "folded trailer": ("0\r\nA: b\r\n c\r\n\r\n", "folded line"),
    "trailer without a colon": ("0\r\nA\r\n\r\n", "no colon in 'A'"),
    "NUL in a trailer": ("0\r\nA: \x00\r\n\r\n", "invalid character '\\x00' in the value of 'A'"),
}

REFUSED = {
    **{
        f"status line: {name}": (f"{text}\r\n{END}", said)
        for name, (text, said) in STATUS_LINES.items()
    },
    **{
        f"header: {name}": (f"{OK}{text}\r\n{END}", said)
        for name, (text, said) in HEADER_LINES.items()
    },
    **{f"framing: {name}": (f"{OK}{text}\r\n\r\n", said) for name, (text, said) in FRAMING.items()},
    **{f"message: {name}": case for name, case in WHOLE.items()},
    **{f"chunk: {name}": (f"{CHUNKED}{text}", said) for name, (text, said) in CHUNKS.items()},
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_error_says_what_was_wrong(name):
    """A refused response names its fault, with a bounded and escaped excerpt."""
    text, said = REFUSED[name]
    error = read([text.encode("latin-1")]).error

    assert said in error
    assert error.isascii()
    assert error.isprintable()
    assert len(error) <= 200


# Between the two pieces of these, whoever waits for more cannot tell yet.
@pytest.mark.parametrize("feed", [name for name in FEEDS if name != "whole"])
@pytest.mark.parametrize("name", REFUSED)
def test_a_malformed_response_is_refused_however_it_arrives(name, feed):
    """No way of cutting a malformed message makes it acceptable."""
    text, _ = REFUSED[name]
    if len(text) > 1000:
        text = text[:200] + text[-200:]
    for pieces in FEEDS[feed](text.encode("latin-1")):
        assert read(pieces).error


@pytest.mark.parametrize(
    "text",
    [
        "220 smtp ready\r\n",
        "\x15\x03\x01",
        "x",
        "HTTP/1.1 200 OK\r\nA: b\n",
        "HTTP/1.1 200 OK\r\nA: b\rc",
        "HTTP/1.1 200 OK\nA: b\r",
        f"{CHUNKED}2\n",
        f"{CHUNKED}x",
        f"{CHUNKED}2\r\nhi!",
        f"{CHUNKED}2 \r\n",
        f"{CHUNKED}{'0' * 17}",
        f"{CHUNKED}0\r\n\n",
        f"{CHUNKED}0\r\nA: b\n",
    ],
)
def test_what_cannot_become_right_is_refused_before_the_end(text):
    """A fault is an error as soon as it is seen: waiting for more would end in a timeout."""
    from antiphon.errors import RemoteProtocolError
    from antiphon.wire.http1 import ResponseReader

    reader = ResponseReader()
    reader.start("GET")
    reader.feed(text.encode("latin-1"))

    def read_on() -> None:
        if reader.next_head() is not None:
            while reader.next_data():
                pass

    with pytest.raises(RemoteProtocolError):
        read_on()


def test_no_error_shows_the_value_of_a_header():
    """Values may be secrets: an error about a header line names the header only."""
    for fault in ("\x00", "\r", "\n", "\x7f"):
        for pieces in FEEDS["split at every boundary"](
            f"{OK}Set-Cookie: s3cret{fault}s3cret\r\n\r\n".encode("latin-1")
        ):
            error = read(pieces).error

            assert "Set-Cookie" in error
            assert "s3cret" not in error


def test_an_excerpt_is_bounded():
    """However long the fault is, at most 80 characters of it are shown."""
    error = read([b"HTTP/1.1 " + b"\x00" * 10_000 + b"\r\n\r\n"]).error

    assert len(error) < 180
    assert error.endswith("'...")

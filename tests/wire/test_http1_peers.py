"""Differences from h11 and llhttp: each is in the table of docs/http1.md, and no other is found.

Every row of the table has an example here, which all three parsers must answer as the row says,
and a test of whether the row applies to a message. Generated and mutated messages are read by all
three; where the answers differ, a row must apply that says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings

from tests.wire.http1_reading import Lines, Outcome, read, read_with_h11, read_with_llhttp
from tests.wire.http1_strategies import mutated, responses

DOCS = Path(__file__).parents[2] / "docs" / "http1.md"

OK = b"HTTP/1.1 200 OK\r\n"
END = b"Content-Length: 2\r\n\r\nhi"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNKED_END = b"2\r\nhi\r\n0\r\n\r\n"

READS = "reads"
CLOSES = "reads, closes"
REFUSES = "refuses"
UNFINISHED = "unfinished"


# Trailers that we drop; the first two also because h11 writes their values anew.
FRAMING = {
    "content-length", "transfer-encoding", "connection", "host", "te", "trailer", "upgrade"
}  # fmt: skip


@attrs.frozen
class Row:
    """An example of a row of the table, and whether the row applies to another message.

    `misread_by` names the peers that go astray there: what they see after it says nothing.
    """

    example: bytes
    applies: Callable[[bytes], object]
    misread_by: tuple[str, ...] = ()


def never(message: bytes) -> None:
    """Apply a row to no other message: the generated ones are too small."""


def found(pattern: bytes) -> Callable[[bytes], object]:
    """Apply a row to the messages in which this is found, in any case."""
    return re.compile(pattern, re.IGNORECASE | re.DOTALL).search


# A line of the head, or of the trailers, starts after one of these.
CODING = rb"\ntransfer-encoding:[ \t]*"
CONTROL = rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
INTERIM = rb"HTTP/... 1(?!01)[^\n]*\n(?:[^\r\n][^\n]*\n)*"

ROWS = {
    "all lines of the head end with a bare LF": Row(
        b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", found(rb"(?:^|\n)HTTP/[^\r\n]*\n")
    ),
    "the same, with a chunked body": Row(
        b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n" + CHUNKED_END,
        found(rb"(?<!\r)\n.*transfer-encoding"),
    ),
    "a bare LF among line ends of CRLF, in head or trailers": Row(
        OK + b"A: b\n" + END, found(rb"(?<!\r)\n")
    ),
    "an empty line before the status line": Row(b"\r\n" + OK + END, found(rb"(?:^|\n)[\r\n]")),
    "an empty line after the end": Row(OK + END + b"\r\n", found(rb"[\r\n]$")),
    "a control character in the reason": Row(
        b"HTTP/1.1 200 O\x01K\r\n" + END, found(rb"(?:^|\n)HTTP/[^\n]*" + CONTROL)
    ),
    "a status below 100": Row(b"HTTP/1.1 099 X\r\n" + END, found(rb"(?:^|\n)HTTP/... 0")),
    "a status from 600": Row(b"HTTP/1.1 600 X\r\n" + END, found(rb"(?:^|\n)HTTP/... [6-9]")),
    "version HTTP/1.2 to HTTP/1.9": Row(
        b"HTTP/1.2 200 OK\r\n" + END, found(rb"(?:^|\n)HTTP/(?:1\.[2-9]|[03-9]\.|2\.[1-9])")
    ),
    "version HTTP/2.0": Row(b"HTTP/2.0 200 OK\r\n" + END, found(rb"(?:^|\n)HTTP/2\.0")),
    "version HTTP/0.9": Row(b"HTTP/0.9 200 OK\r\n" + END, found(rb"(?:^|\n)HTTP/0\.9")),
    "a folded header line": Row(OK + b"A: b\r\n c\r\n" + END, found(rb"\n[ \t]")),
    "a control character in a value": Row(OK + b"A: b\x01\r\n" + END, found(CONTROL)),
    "Content-Length and Transfer-Encoding": Row(
        OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKED_END,
        found(rb"\ncontent-length:.*\ntransfer-encoding:|\ntransfer-encoding:.*\ncontent-length:"),
    ),
    "the same Content-Length repeated": Row(
        OK + b"Content-Length: 2\r\n" + END,
        found(rb"\ncontent-length:.*\ncontent-length:|\ncontent-length:[^\n]*,"),
    ),
    "a Content-Length of 19 digits": Row(
        OK + b"Content-Length: 0000000000000000002\r\n\r\nhi",
        found(rb"\ncontent-length:[ \t]*\d{19}"),
    ),
    "Transfer-Encoding: gzip, chunked": Row(
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + CHUNKED_END,
        found(CODING + rb"[^\n]*,[ \t]*chunked"),
    ),
    "Transfer-Encoding: gzip, or identity": Row(
        OK + b"Transfer-Encoding: gzip\r\n\r\nhi", found(CODING + rb"(?!chunked[ \t]*\r?\n)")
    ),
    "Transfer-Encoding: chunked in two lines": Row(
        OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKED_END,
        found(CODING + b".*" + CODING),
    ),
    "Transfer-Encoding in HTTP/1.0": Row(
        b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKED_END,
        found(rb"HTTP/1\.0.*" + CODING),
    ),
    "204 with a length or chunks": Row(
        b"HTTP/1.1 204 X\r\nContent-Length: 2\r\n\r\n",
        found(rb" 204.*\n(?:content-length|transfer-encoding):"),
    ),
    "an interim response with a length": Row(
        b"HTTP/1.1 100 X\r\nContent-Length: 0\r\n\r\n" + OK + END,
        found(INTERIM + rb"(?:content-length|transfer-encoding):"),
    ),
    "an interim response with a length that is no number": Row(
        b"HTTP/1.1 100 X\r\nContent-Length: +2\r\n\r\n" + OK + END,
        found(INTERIM + rb"(?:content-length|transfer-encoding):"),
    ),
    "an interim response of 104 to 199 with Transfer-Encoding: gzip": Row(
        b"HTTP/1.1 104 X\r\nTransfer-Encoding: gzip\r\n\r\n" + OK + END,
        found(rb"HTTP/... 1(?!0[0-3]).*\n(?:content-length|transfer-encoding):"),
        misread_by=("llhttp",),
    ),
    "an interim response with Connection: close": Row(
        b"HTTP/1.1 100 X\r\nConnection: close\r\n\r\n" + OK + END,
        found(INTERIM + rb"connection:[^\n]*close"),
    ),
    "more than 32 interim responses": Row(b"HTTP/1.1 103 X\r\n\r\n" * 33 + OK + END, never),
    "101 that nobody asked for": Row(b"HTTP/1.1 101 X\r\n\r\n", found(b"HTTP/... 101")),
    "101 with Upgrade": Row(
        b"HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", found(b"HTTP/... 101")
    ),
    "HTTP/1.0 with Connection: keep-alive": Row(
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + END,
        found(rb"HTTP/1\.0.*\nconnection:[^\n]*keep-alive"),
    ),
    "HTTP/1.0 with Connection: close and keep-alive": Row(
        b"HTTP/1.0 200 OK\r\nConnection: close\r\nConnection: keep-alive\r\n" + END,
        found(rb"HTTP/1\.0.*\nconnection:.*close.*keep-alive|keep-alive.*close"),
    ),
    "more than 256 header lines": Row(OK + b"A: b\r\n" * 256 + END, never),
    "a head of more than 65,536 bytes": Row(OK + b"A: " + b"b" * 65_536 + b"\r\n" + END, never),
    "whitespace after a chunk size": Row(
        CHUNKED + b"2 \r\nhi\r\n0\r\n\r\n", found(rb"\n[0-9a-f]+(?:;[^\n]*)?[ \t]+\r?\n")
    ),
    "whitespace between a chunk size and its extension": Row(
        CHUNKED + b"2 ;a\r\nhi\r\n0\r\n\r\n", found(rb"\n[0-9a-f]+[ \t]+;")
    ),
    "a chunk size of 17 to 20 digits": Row(
        CHUNKED + b"0" * 17 + CHUNKED_END, found(rb"\n[0-9a-f]{17,20}[^0-9a-f]")
    ),
    "a chunk size of more than 20 digits": Row(
        CHUNKED + b"0" * 20 + CHUNKED_END, found(rb"\n[0-9a-f]{21}")
    ),
    "a control character in a chunk extension": Row(
        CHUNKED + b"2;a\x01\r\nhi\r\n0\r\n\r\n",
        found(rb"\n[0-9a-f]+;[^\n]*(?:\r[^\n]|[\x00-\x1f\x7f])"),
    ),
    "a chunk extension that is no name and value": Row(
        CHUNKED + b"2;\r\nhi\r\n0\r\n\r\n", found(rb"\n[0-9a-f]+;")
    ),
    "chunk extensions of more than 4,096 bytes": Row(
        CHUNKED + b"2;" + b"a" * 4_097 + b"\r\nhi\r\n0\r\n\r\n", never
    ),
    "Transfer-Encoding in trailers": Row(
        CHUNKED + b"2\r\nhi\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n",
        found(rb"\n0+[^\n]*\r\n(?:[^\r\n][^\n]*\n)*(?:connection|transfer-encoding|upgrade):"),
    ),
    "a Content-Length that is no number, in trailers": Row(
        CHUNKED + b"2\r\nhi\r\n0\r\nContent-Length: x\r\n\r\n",
        found(rb"\n0+[^\n]*\r\n(?:[^\r\n][^\n]*\n)*(?:content-length|transfer-encoding):"),
    ),
    "Content-Length in trailers": Row(
        CHUNKED + b"2\r\nhi\r\n0\r\nContent-Length: 2\r\n\r\n",
        found(rb"\n0+[^\n]*\r\n(?:[^\r\n][^\n]*\n)*content-length:"),
    ),
}


def documented() -> dict[str, tuple[str, str, str]]:
    """Read the table of the document: what antiphon, h11 and llhttp do with each response."""
    table = DOCS.read_text().partition("| Response |")[2]
    rows = re.findall(
        r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| [^|]+ \|$", table, re.MULTILINE
    )
    return {name: (antiphon, h11, llhttp) for name, antiphon, h11, llhttp in rows}


DOCUMENTED = documented()
READERS = {
    "antiphon": lambda message: read([message]),
    "h11": read_with_h11,
    "llhttp": read_with_llhttp,
}


def verdict(outcome: Outcome) -> str:
    if outcome.error not in {"", UNFINISHED}:
        return REFUSES
    return READS if outcome.reusable else CLOSES


def test_every_row_has_an_example():
    """The table of the document and the examples are the same set."""
    assert sorted(DOCUMENTED) == sorted(ROWS)


@pytest.mark.parametrize("name", ROWS)
def test_the_table_tells_the_truth(name):
    """All three parsers answer the example of a row as the document says."""
    row = ROWS[name]
    answers = tuple(verdict(reader(row.example)) for reader in READERS.values())

    assert DOCUMENTED[name] == answers
    assert len(set(answers)) > 1, "a row without a difference"
    assert row.applies is never or row.applies(row.example)


def explained(message: bytes, peer: str, ours: str, theirs: str) -> bool:
    """Tell whether a row that applies has a difference of this kind."""
    for name, row in ROWS.items():
        row_ours, *row_peers = DOCUMENTED[name]
        row_theirs = row_peers[peer == "llhttp"]
        if (REFUSES in (ours, theirs) or ours == theirs) and peer in row.misread_by:
            same = True
        elif REFUSES in (ours, theirs):
            # Whether the other one closes does not matter: a second oddity may decide that.
            same = (row_ours == REFUSES, row_theirs == REFUSES) == (
                ours == REFUSES,
                theirs == REFUSES,
            )
        else:
            same = (row_ours, row_theirs) == (ours, theirs)
        if same and row.applies(message):
            return True
    return False


def without_framing(lines: Lines) -> Lines:
    """Fold names, and leave out what h11 rewrites and what is dropped from our trailers."""
    folded = ((name.lower(), value) for name, value in lines)
    return tuple((name, value) for name, value in folded if name not in FRAMING)


def content(outcome: Outcome) -> tuple[object, ...]:
    heads = [
        (version, status, without_framing(lines)) for version, status, _, lines in outcome.heads
    ]
    return heads, outcome.body, without_framing(outcome.trailers)


def check(message: bytes) -> None:
    ours = read([message])
    for peer, reader in list(READERS.items())[1:]:
        theirs = reader(message)
        if theirs.error == UNFINISHED and ours.error.startswith("peer closed"):
            continue
        answers = verdict(ours), verdict(theirs)
        agreed = answers[0] == answers[1] and (
            answers[0] == REFUSES or content(ours) == content(theirs)
        )
        assert agreed or explained(message, peer, *answers), (peer, ours, theirs)


@settings(max_examples=500, derandomize=True)
@given(message=responses())
def test_generated_messages_are_read_alike(message):
    """Outside the table, h11 and llhttp see in a response what we see."""
    check(message)


@settings(max_examples=500, derandomize=True)
@given(message=mutated())
def test_mutated_messages_are_read_alike(message):
    """Outside the table, h11 and llhttp refuse what we refuse."""
    check(message)

"""The Content-Length cases of web-platform-tests: all are answered as they say."""

from __future__ import annotations

import json
from pathlib import Path

from tests.wire.http1_reading import read

# A server sends these lines and 42 bytes, then closes. The expected answer is the length of the
# body, null for an error. Where a browser takes a value that is no number for none at all and
# reads until the end, an error is right too (RFC 9112 section 6.3, rule 5).
NOT_A_NUMBER = {
    "Content-Length: aaaah\r\nContent-Length: aaaah",
    "Content-Length: aaaah, aaaah",
    "Content-Length: aaaah",
    "Content-Length: 42s",
    "Content-Length: 30s",
    "Content-Length: -1",
    "Content-Length: 0x20",
}


def test_every_published_content_length_case(ANTIPHON_CORPORA: Path):  # noqa: N803
    """All 28 cases: the same length, or an error where it is expected or allowed."""
    cases = json.loads((ANTIPHON_CORPORA / "wpt" / "content-lengths.json").read_text())
    assert 28 == len(cases)

    for case in cases:
        message = f"HTTP/1.1 200 OK\r\n{case['input']}\r\n\r\n".encode("latin-1") + b"x" * 42
        outcome = read([message])
        if case["output"] is None or case["input"] in NOT_A_NUMBER:
            assert "Content-Length" in outcome.error, case
        else:
            assert (case["output"], "") == (len(outcome.body), outcome.error), case

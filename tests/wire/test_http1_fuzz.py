"""Whatever bytes come, a reader answers, refuses or waits; it never breaks, loops or hoards."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.errors import RemoteProtocolError
from antiphon.wire.http1 import ResponseReader
from tests.wire.http1_reading import read
from tests.wire.http1_strategies import cuts, mutated

PLACES = st.lists(st.integers(0, 1000), max_size=6)
METHODS = st.sampled_from(["GET", "HEAD", "POST", "CONNECT"])
# Random bytes hardly ever get past the first line, so they come after something that does.
STARTS = st.sampled_from(
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: ",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: ",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\n",
    ]
)
SOUP = st.lists(
    st.sampled_from([b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b";", b",", b"0", b"1", b"f", b"\0"])
    | st.binary(max_size=3),
    max_size=30,
).map(b"".join)


@settings(max_examples=500)
@given(start=STARTS, soup=SOUP | st.binary(max_size=200), places=PLACES, method=METHODS)
def test_any_bytes_are_read_or_refused(start, soup, places, method):
    """Nothing but `RemoteProtocolError` comes of any bytes, and what is kept stays small."""
    limit = 60
    reader = ResponseReader(max_head_bytes=limit, max_header_count=3)
    reader.start(method)
    head_done = False
    refused = ""
    pieces = cuts(start + soup, places)
    # Each call gives something, ends the response or asks for more: so many are enough.
    calls = 4 * (len(start + soup) + len(pieces) + 2)
    try:
        for piece in [*pieces, b""]:
            reader.feed(piece)
            while not reader.complete:
                calls -= 1
                assert calls > 0
                if not head_done:
                    head = reader.next_head()
                    if head is None:
                        break
                    head_done = head.status >= 200 or head.status == 101
                elif reader.next_data() is None:
                    break
            if not reader.complete:
                assert len(reader._buffer) - reader._position <= limit
    except RemoteProtocolError as error:
        refused = error.message
    if refused:
        assert refused.isascii()
        assert refused.isprintable()
        assert len(refused) <= 250
    else:
        assert reader.complete
    assert not reader.reusable


@settings(max_examples=500)
@given(message=mutated(), places=PLACES, method=METHODS)
def test_how_bytes_are_cut_changes_nothing(message, places, method):
    """A response, right or wrong, comes out the same whole and in pieces; only words may differ."""
    whole = read([message], method)
    pieces = read(cuts(message, places), method)

    assert bool(whole.error) == bool(pieces.error)
    if not whole.error:
        assert whole == pieces

"""Files are sent block by block, from where they stood, and never longer than was promised."""

from __future__ import annotations

import codecs
import io
import os
import tempfile
import threading

import pytest

from antiphon.errors import (
    InvalidBodyError,
    LocalProtocolError,
)
from antiphon.models.body_builder import build_body

BLOCK = 65_536


def sent(body):
    return b"".join(body.chunks())


class Pipe:
    """A file that can only be read, once."""

    def __init__(self, data):
        self.data = io.BytesIO(data)

    def read(self, size=-1):
        return self.data.read(size)


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK])
def test_a_file_is_read_in_blocks(tmp_path, size):
    """A file is read 64 KiB at a time, never whole, and its length is known before."""
    path = tmp_path / "data"
    path.write_bytes(os.urandom(size))
    with path.open("rb") as file:
        body = build_body(content=file)
        pieces = list(body.chunks())

    assert size == body.length
    assert path.read_bytes() == b"".join(pieces)
    assert max(map(len, pieces), default=0) <= BLOCK
    assert body.content is None


def test_a_file_is_sent_from_where_it_stood():
    """The body is what follows the file's position, whose rewinding never goes before it."""
    file = io.BytesIO(b"headerbody")
    file.seek(6)
    body = build_body(content=file)

    assert (4, 6) == (body.length, file.tell())
    assert b"body" == sent(body)
    assert b"body" == sent(body)


def test_a_file_past_its_end_is_empty():
    """A position past the end leaves nothing to send."""
    file = io.BytesIO(b"abc")
    file.seek(10)

    assert (0, b"") == (build_body(content=file).length, sent(build_body(content=file)))


def test_a_half_read_body_starts_again():
    """After a break in the middle, the next reading starts at the beginning."""
    body = build_body(content=io.BytesIO(bytes(BLOCK) + b"x"))
    assert BLOCK == len(next(body.chunks()))

    assert bytes(BLOCK) + b"x" == sent(body)


def test_copies_that_are_sent_at_the_same_time():
    """Two readers of one body, as of a hedged request, both get all of it, in whatever turns."""
    data = b"".join(bytes([number]) * BLOCK for number in range(6)) + b"end"
    body = build_body(content=io.BytesIO(data))
    readers = [body.chunks(), body.chunks()]
    pieces = [[], []]
    for turn in (0, 0, 1, 0, 1, 1, 1, 0):
        pieces[turn].append(next(readers[turn]))
    for mine, reader in zip(pieces, readers, strict=True):
        mine += reader

    assert [data, data] == [b"".join(mine) for mine in pieces]


def test_copies_that_are_sent_in_threads():
    """Nobody else moves the file between a seek and the reading after it."""
    data = bytes(range(256)) * 1024 * 4

    class Slow(io.BytesIO):
        def seek(self, *where):
            super().seek(*where)
            threading.Event().wait(0.001)  # lets the others run

    body = build_body(content=Slow(data))
    gate = threading.Barrier(4)
    whole = []

    def send():
        gate.wait()
        whole.append(sent(body) == data)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [True] * 4 == whole


def test_a_growing_file_is_cut_at_the_promised_length():
    """What a file gains after its length was announced is not sent."""
    file = io.BytesIO(b"abc")
    body = build_body(content=file)
    file.seek(0, 2)
    file.write(b"defg")

    assert b"abc" == sent(body)


def test_a_shrunken_file_is_an_error():
    """A file that ends early breaks the promised length, and says after how many bytes."""
    file = io.BytesIO(b"abcdef")
    body = build_body(content=file)
    file.truncate(2)

    with pytest.raises(LocalProtocolError, match="ended after 2 of 6 bytes"):
        sent(body)


def test_a_pipe_is_a_stream(tmp_path):
    """A file that cannot seek has no length and is sent once."""
    reader, writer = os.pipe()
    os.write(writer, b"abc")
    os.close(writer)
    with open(reader, "rb") as file:
        body = build_body(content=file)

        assert (None, False) == (body.length, body.replayable)
        assert b"abc" == sent(body)


def test_a_file_that_lies_about_its_size_is_sent_to_its_end():
    """A device says that it is empty and is not: its length counts as unknown."""

    class Device(io.BytesIO):
        def seek(self, offset, whence=0):
            return super().seek(0 if whence == 2 else offset)

    body = build_body(content=Device(b"abc"))

    assert (None, True) == (body.length, body.replayable)
    assert b"abc" == sent(body)
    assert b"abc" == sent(body)


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs /proc")
def test_a_file_that_cannot_tell_its_end_is_a_stream():
    """Files of /proc refuse to seek to their end: they have no length and are sent once."""
    with open("/proc/self/status", "rb") as file:
        body = build_body(content=file)

        assert (None, False) == (body.length, body.replayable)
        assert sent(body).startswith(b"Name:")


def test_closed_unreadable_and_async_files_are_refused(tmp_path):
    """A file that cannot be read as bytes is refused before anything is sent."""
    path = tmp_path / "data"
    with (
        path.open("wb") as file,
        pytest.raises(InvalidBodyError, match="is not open for reading; open it with mode 'rb'"),
    ):
        build_body(content=file)
    with pytest.raises(InvalidBodyError, match="is closed; open it again"):
        build_body(content=file)
    with path.open() as text, pytest.raises(InvalidBodyError, match="text mode"):
        build_body(content=text)
    with (
        tempfile.NamedTemporaryFile("w+") as text,
        pytest.raises(InvalidBodyError, match="text mode"),
    ):
        build_body(content=text)

    class AsyncFile:
        async def read(self, size): ...

    with pytest.raises(InvalidBodyError, match=r"async read\(\)"):
        build_body(content=AsyncFile())


def test_a_file_that_reads_text_is_an_error():
    """A `read` that returns text, which nothing announced, is named when it happens."""
    file = Pipe(b"")
    file.read = lambda size: "text"
    for content in (file, codecs.getreader("utf-8")(io.BytesIO(b"text"))):
        with pytest.raises(InvalidBodyError, match=r"content\.read\(\) returned is of type str"):
            sent(build_body(content=content))


def test_a_file_is_left_open():
    """The file belongs to the caller."""
    file = io.BytesIO(b"abc")
    sent(build_body(content=file))

    assert not file.closed


def test_a_file_that_gives_more_than_was_asked_for():
    """What a file returns beyond the promised length is not sent."""

    class Generous(io.BytesIO):
        def read(self, size=-1):
            return super().read(size) + b"more"

    assert b"data" == sent(build_body(content=Generous(b"data")))

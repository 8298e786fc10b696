"""Each body knows its length if it can, its type, and whether it can be sent again."""

from __future__ import annotations

import asyncio
import io
import pickle
import warnings
from collections import deque
from pathlib import Path
from types import MappingProxyType

import pytest

from antiphon.errors import (
    InvalidBodyError,
    StreamConsumed,
    WrongFlavourError,
)
from antiphon.models.body import Body, BytesBody
from antiphon.models.body_builder import build_body
from antiphon.models.unset import UNSET


def sent(body):
    return b"".join(body.chunks())


async def pieces_of(*pieces):
    for piece in pieces:
        yield piece


async def collected(body):
    return [piece async for piece in body.async_chunks()]


class Pipe:
    """A file that can only be read, once."""

    def __init__(self, data):
        self.data = io.BytesIO(data)

    def read(self, size=-1):
        return self.data.read(size)


@pytest.mark.parametrize(
    ("content", "data", "length", "content_type", "replayable"),
    [
        (b"abc", b"abc", 3, None, True),
        (b"", b"", 0, None, True),
        (bytearray(b"abc"), b"abc", 3, None, True),
        (memoryview(b"abcdef")[::2], b"ace", 3, None, True),
        ("Zoë", "Zoë".encode(), 4, "text/plain; charset=utf-8", True),
        ("", b"", 0, "text/plain; charset=utf-8", True),
        ([b"ab", b"", bytearray(b"c")], b"abc", 3, None, True),
        ((b"ab", memoryview(b"c")), b"abc", 3, None, True),
        (deque([b"a", b"b"]), b"ab", 2, None, True),
        ([], b"", 0, None, True),
        (iter([b"ab", b"", b"c"]), b"abc", None, None, False),
        ((bytes([i]) for i in b"abc"), b"abc", None, None, False),
        ({b"abc"}, b"abc", None, None, False),
        (io.BytesIO(b"abc"), b"abc", 3, None, True),
        (io.BytesIO(b""), b"", 0, None, True),
        (Pipe(b"abc"), b"abc", None, None, False),
    ],
)
def test_content_becomes_a_body(content, data, length, content_type, replayable):
    """Every form of content gives its bytes, its length if known, and says if it can be replayed."""
    body = build_body(content=content)

    assert (length, content_type, replayable) == (body.length, body.content_type, body.replayable)
    assert not body.is_async
    assert data == sent(body)
    if replayable:
        assert data == sent(body) == sent(body)
    else:
        with pytest.raises(StreamConsumed, match="cannot be sent again"):
            body.chunks()


def test_bytes_are_not_copied():
    """A body of bytes holds and hands out the very object that it was made from."""
    content = b"abc"
    body = build_body(content=content)

    assert content is body.content
    assert [content] == list(body.chunks())
    assert content is next(body.chunks())


def test_nothing_given_is_no_body():
    """Without arguments there is no body, which differs from an empty one."""
    assert build_body() is None
    assert build_body(files={}) is None
    assert b"" == sent(build_body(content=b""))


def test_a_body_passes_as_content():
    """A body that was made before is used as it is."""
    body = build_body(json=1)

    assert body is build_body(content=body)


def test_no_piece_is_empty():
    """Empty pieces never come out: as a chunk they would end the body (RFC 9112 section 7.1)."""
    for content in ([b"", b"a", b"", b"b", b""], iter([b"", b"a", b"", b"b", b""])):
        assert [b"a", b"b"] == list(build_body(content=content).chunks())
    assert [] == list(build_body(content=b"").chunks())
    assert [b"a", b"b"] == asyncio.run(
        collected(build_body(content=pieces_of(b"", b"a", b"", b"b")))
    )


def test_a_list_is_read_when_the_body_is_made():
    """What happens to the list afterwards does not change what is sent."""
    content = [b"ab"]
    body = build_body(content=content)
    content.append(b"c")

    assert (2, b"ab") == (body.length, sent(body))


def test_an_async_iterable_is_read_asynchronously_and_once():
    """An async body has no length, cannot be replayed, and refuses to be read by the sync voice."""
    body = build_body(content=pieces_of(b"ab", bytearray(b"c")))

    assert (None, None, False, True) == (
        body.length,
        body.content_type,
        body.replayable,
        body.is_async,
    )
    with pytest.raises(WrongFlavourError, match="AsyncClient"):
        body.chunks()
    assert [b"ab", b"c"] == asyncio.run(collected(body))
    with pytest.raises(StreamConsumed):
        body.async_chunks()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (3, r"content is of type int; pass bytes, str, a binary file"),
        (object(), r"content is of type object"),
        (True, r"content is of type bool"),
        ({"a": 1}, r"content is a mapping; pass json= .* or data="),
        (MappingProxyType({}), r"content is a mapping"),
        (Path("x"), r"open the file with open\(path, 'rb'\)"),
        ([b"a", "b"], r"content\[1\] is of type str; pass bytes"),
        ([b"a", None], r"content\[1\] is of type NoneType"),
        (["a"], r"content\[0\] is of type str"),
        ("a\ud800", r"content has U\+D800 at position 1"),
        (io.StringIO("a"), r"file in content is in text mode; open it with mode 'rb'"),
    ],
)
def test_wrong_content_is_refused(content, message):
    """What is no content is refused naming the argument, its type and what would be right."""
    with pytest.raises(InvalidBodyError, match=message):
        build_body(content=content)


def test_wrong_pieces_are_refused_when_they_come():
    """A stream's piece that is no bytes is an error that names its type."""
    with pytest.raises(
        InvalidBodyError, match="piece of the request body is of type str; pass bytes"
    ):
        sent(build_body(content=iter(["a"])))
    with pytest.raises(InvalidBodyError, match="of type int"):
        asyncio.run(collected(build_body(content=pieces_of(1))))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"content": b"", "json": 1}, "content= and json="),
        ({"content": b"", "json": None}, "content= and json="),
        ({"content": b"", "data": {}}, "content= and data="),
        ({"content": b"", "files": {}}, "content= and files="),
        ({"json": None, "data": {}}, "data= and json="),
        ({"json": 1, "files": {}}, "files= and json="),
        (
            {"content": "", "json": 1, "data": {}, "files": {}},
            "content= and data= and files= and json=",
        ),
    ],
)
def test_two_bodies_are_refused(arguments, named):
    """Arguments that each make a body exclude each other; the error names those given."""
    with pytest.raises(InvalidBodyError, match=f"^{named} are given together"):
        build_body(**arguments)


def test_bodies_of_bytes_are_equal_by_content_and_type():
    """Two bodies in memory are equal if they would be sent alike; streams equal only themselves."""
    assert BytesBody(b"a") == build_body(content=b"a")
    assert hash(BytesBody(b"a")) == hash(build_body(content=b"a"))
    assert BytesBody(b"a") != BytesBody(b"b")
    assert BytesBody(b"1", "application/json") == build_body(json=1)
    assert BytesBody(b"1", "application/json") != BytesBody(b"1")
    file = io.BytesIO(b"a")
    assert build_body(content=file) != build_body(content=file)


def test_a_repr_shows_no_content():
    """What a body holds may be secret; its size and type are not."""
    assert "<BytesBody 9 bytes application/json>" == repr(build_body(json="hunter2"))
    assert "<IterableBody unknown length None>" == repr(build_body(content=iter([])))


@pytest.mark.parametrize(
    "arguments", [{"content": b"abc"}, {"json": 1}, {"content": [b"a"]}, {"data": {"a": "1"}}]
)
def test_a_body_in_memory_survives_pickling(arguments):
    """What is in memory comes back whole."""
    body = build_body(**arguments)
    copy = pickle.loads(pickle.dumps(body))

    assert (sent(body), body.content_type, body.length) == (
        sent(copy),
        copy.content_type,
        copy.length,
    )
    assert copy.replayable


@pytest.mark.parametrize(
    "make", [lambda: io.BytesIO(b"abc"), lambda: iter([b"abc"]), lambda: pieces_of(b"abc")]
)
def test_a_pickled_stream_counts_as_consumed(make):
    """Errors that hold a request travel between processes; its stream stays behind."""
    body = build_body(content=make())
    copy = pickle.loads(pickle.dumps(body))

    assert (body.length, body.content_type, False) == (
        copy.length,
        copy.content_type,
        copy.replayable,
    )
    with pytest.raises(StreamConsumed):
        copy.chunks()


def test_a_body_class_says_how_it_is_read():
    """A body class of one's own has pieces of one kind or the other; the error names them."""

    class Own(Body):
        """Has none."""

    with pytest.raises(WrongFlavourError, match=r"a Own has no chunks\(\); a body defines that"):
        Own().chunks()
    with pytest.raises(WrongFlavourError, match="a Own is not async; iterate over its chunks"):
        Own().async_chunks()


def test_an_argument_that_was_not_given_is_unset():
    """`UNSET` is no JSON value: it stands for the absence of one."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        assert build_body(json=UNSET) is None

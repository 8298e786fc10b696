"""Each body knows its length if it can, its type, and whether it can be sent again."""

from __future__ import annotations

import asyncio
import codecs
import decimal
import io
import json
import os
import pickle
import tempfile
import warnings
from collections import OrderedDict, deque
from pathlib import Path
from types import MappingProxyType
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import (
    InvalidBodyError,
    LocalProtocolError,
    StreamConsumed,
    WrongFlavourError,
)
from antiphon.models.body import Body, BytesBody
from antiphon.models.body_builder import build_body
from antiphon.models.json_codec import STANDARD_JSON
from antiphon.models.unset import UNSET

BLOCK = 65_536


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


# --- content -------------------------------------------------------------------------------------


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


# --- files ---------------------------------------------------------------------------------------


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


# --- json ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, b"null"),
        (False, b"false"),
        ({"a": [1, 2.5], "b": None}, b'{"a":[1,2.5],"b":null}'),
        ("Zoë", '"Zoë"'.encode()),
        ((1, 2), b"[1,2]"),
        ({1: "a"}, b'{"1":"a"}'),
        (OrderedDict(a=1), b'{"a":1}'),
        ([], b"[]"),
    ],
)
def test_json_is_compact_utf_8(value, text):
    """JSON goes out without spaces, as UTF-8; None is a value."""
    body = build_body(json=value)

    assert text == body.content == sent(body)
    assert "application/json" == body.content_type
    assert len(text) == body.length


def circular():
    value = []
    value.append(value)
    return {"a": value}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            {"a": [1, {"b": float("nan")}]},
            r"^json\['a'\]\[1\]\['b'\] is nan, which JSON cannot express",
        ),
        (float("inf"), r"^json is inf"),
        ([float("-inf")], r"^json\[0\] is -inf"),
        ({"a": decimal.Decimal(1)}, r"^json\['a'\] is of type Decimal"),
        ({"a": {1}}, r"^json\['a'\] is a set, which JSON cannot express; pass a list"),
        ([b"bytes"], r"^json\[0\] is of type bytes"),
        ({"a": MappingProxyType({})}, r"^json\['a'\] is of type mappingproxy.* pass dict"),
        ({(1, 2): 3}, r"^json has a key of type tuple; keys are str"),
        (circular(), r"^json\['a'\](\[0\])+ is nested too deeply, or contains itself"),
        (["a\ud800"], r"^json has U\+D800"),
        ({float("nan"): 1}, r"^json cannot be encoded: ValueError"),
    ],
)
def test_a_value_without_json_is_refused_with_its_path(value, message):
    """The error says where in the value the fault is, and shows no other values."""
    with pytest.raises(InvalidBodyError, match=message) as caught:
        build_body(json=value)
    assert len(str(caught.value)) < 600
    with pytest.raises(InvalidBodyError):
        build_body(json=value, dump_json=STANDARD_JSON.dumps)


def test_another_encoder_may_be_given():
    """`dump_json` returns text or bytes, and its own complaints are passed on."""
    assert b"[ 1 ]" == build_body(json=1, dump_json=lambda value: f"[ {value} ]").content
    assert b"<1>" == build_body(json=1, dump_json=lambda value: f"<{value}>".encode()).content
    assert b"[1]" == build_body(json=[1], dump_json=STANDARD_JSON.dumps).content
    with pytest.raises(
        InvalidBodyError, match="encoder returned NoneType; it has to return str or bytes"
    ):
        build_body(json=1, dump_json=lambda value: None)

    def fail(value):
        raise TypeError("no such thing")

    with pytest.raises(InvalidBodyError, match="TypeError: no such thing") as caught:
        build_body(json={1}, dump_json=fail)
    assert isinstance(caught.value.__cause__, TypeError)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text("ab", max_size=2), values, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(JSON_VALUES)
def test_what_goes_in_as_json_can_be_read_back(value):
    """Encoding and parsing give the same value."""
    assert value == json.loads(build_body(json=value).content)


# --- forms ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({}, b""),
        ({"a": "1", "b": "x y&="}, b"a=1&b=x+y%26%3D"),
        ({"a": ["1", 2, None, True]}, b"a=1&a=2&a=true"),
        ([("a", "1"), ("b", "2"), ("a", "3")], b"a=1&b=2&a=3"),
        ([["a", ("1", "2")]], b"a=1&a=2"),
        (iter([("a", "1")]), b"a=1"),
        ({"a": None, "b": ""}, b"b="),
        ({"a": 1, "b": 2.5, "c": False}, b"a=1&b=2.5&c=false"),
        ({"ë": "é", "b": b"\xff\0"}, b"%C3%AB=%C3%A9&b=%FF%00"),
        ({"a\r\nb": "c\nd"}, b"a%0D%0Ab=c%0Ad"),
        (MappingProxyType({"a": "1"}), b"a=1"),
    ],
)
def test_data_is_sent_as_a_form(data, text):
    """Fields are UTF-8 and percent-encoded; lists repeat a field, None leaves it out."""
    body = build_body(data=data)

    assert text == body.content
    assert "application/x-www-form-urlencoded" == body.content_type


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("a=1", r"data is of type str; pass a mapping .*\(raw bytes, text, .* go into content="),
        (b"a=1", r"data is of type bytes"),
        (io.BytesIO(), r"data is of type BytesIO"),
        (3, r"data is of type int"),
        ([1], r"data has an item of type int that is not a pair"),
        (["ab"], r"data has an item of type str"),
        ([("a", 1, 2)], r"data has an item of type tuple"),
        ({1: "a"}, r"data has a field name of type int; names are str"),
        ({"a": {"b": 1}}, r"data\['a'\] is of type dict; .* json="),
        ({"a": [["b"]]}, r"data\['a'\] is of type list"),
        ({"a": object()}, r"data\['a'\] is of type object"),
        ({"a": io.BytesIO()}, r"data\['a'\] is of type BytesIO; .* files="),
        ({"a": "\ud800"}, r"data\['a'\] has U\+D800"),
        ({"\ud800": "a"}, r"name of a field in data has U\+D800"),
    ],
)
def test_wrong_form_data_is_refused(data, message):
    """What is no form is refused naming the field and what would be right."""
    with pytest.raises(InvalidBodyError, match=message):
        build_body(data=data)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@given(st.lists(st.tuples(TEXT.filter(bool), TEXT), max_size=6))
def test_what_goes_in_as_a_form_can_be_read_back(fields):
    """Another implementation reads the same fields in the same order."""
    text = build_body(data=fields).content.decode("ascii")

    assert fields == parse_qsl(text, keep_blank_values=True, strict_parsing=bool(fields))


# --- values --------------------------------------------------------------------------------------


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


def test_the_base_has_no_pieces():
    """A body class of one's own says itself how it is read."""
    with pytest.raises(NotImplementedError):
        Body().chunks()
    with pytest.raises(NotImplementedError):
        Body().async_chunks()


def test_an_argument_that_was_not_given_is_unset():
    """`UNSET` is no JSON value: it stands for the absence of one."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        assert build_body(json=UNSET) is None

"""Multipart bodies are read alike by other implementations, and stream their files."""

from __future__ import annotations

import email
import email.policy
import io
import pickle
import re
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import InvalidBodyError, InvalidHeaderError, StreamConsumed
from antiphon.models.body import BytesBody
from antiphon.models.body_builder import build_body
from antiphon.models.multipart import MultipartBody, Part

BLOCK = 65_536


def sent(body):
    return b"".join(body.chunks())


def heads(body):
    """Return the head lines of each part, by splitting at the boundary."""
    boundary = body.content_type.partition("boundary=")[2].encode()
    parts = sent(body).split(b"--" + boundary)
    assert b"" == parts[0]
    assert b"--\r\n" == parts[-1]
    return [part[2:].partition(b"\r\n\r\n")[0].split(b"\r\n") for part in parts[1:-1]]


def parsed(body):
    """Read the body with the standard library's mail parser, as (name, filename, type, content)."""
    head = f"Content-Type: {body.content_type}\r\n\r\n".encode()
    message = email.message_from_bytes(head + sent(body), policy=email.policy.HTTP)
    return [
        (
            part.get_param("name", header="content-disposition"),
            part.get_filename(),
            part.get_content_type() if "content-type" in part else None,
            part.get_payload(decode=True),
        )
        for part in message.iter_parts()
    ]


def test_the_bytes_of_a_whole_body():
    """Fields, then files, each with its head, between boundaries (RFC 7578 section 4)."""
    body = MultipartBody(
        [Part.of("a", BytesBody(b"1")), Part.of("f", BytesBody(b"data"), "x.bin")], boundary="B"
    )
    expected = (
        b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
        b'--B\r\nContent-Disposition: form-data; name="f"; filename="x.bin"\r\n\r\ndata\r\n'
        b"--B--\r\n"
    )

    assert expected == sent(body)
    assert len(expected) == body.length
    assert "multipart/form-data; boundary=B" == body.content_type


class Named(io.BytesIO):
    def __init__(self, data, name):
        super().__init__(data)
        self.name = name


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"f": b"x"}, [("f", "upload", "application/octet-stream", b"x")]),
        ({"f": "Zoë"}, [("f", "upload", "application/octet-stream", "Zoë".encode())]),
        ({"f": io.BytesIO(b"x")}, [("f", "upload", "application/octet-stream", b"x")]),
        ({"f": Named(b"x", "/folder/a.png")}, [("f", "a.png", "image/png", b"x")]),
        ({"f": Named(b"x", b"/folder/a.txt")}, [("f", "a.txt", "text/plain", b"x")]),
        ({"f": Named(b"x", "<stdin>")}, [("f", "upload", "application/octet-stream", b"x")]),
        ({"f": Named(b"x", 7)}, [("f", "upload", "application/octet-stream", b"x")]),
        ({"f": ("a.json", b"{}")}, [("f", "a.json", "application/json", b"{}")]),
        ({"f": ("a.json", b"{}", "text/x")}, [("f", "a.json", "text/x", b"{}")]),
        ({"f": ("a.json", b"{}", None)}, [("f", "a.json", "application/json", b"{}")]),
        ({"f": (None, b"x")}, [("f", None, None, b"x")]),
        ({"f": (None, "x", "text/y")}, [("f", None, "text/y", b"x")]),
        ({"f": ("a", b"x", None, {"Content-Type": "text/z"})}, [("f", "a", "text/z", b"x")]),
        ({"f": ("a", iter([b"x", b"y"]), "a/b")}, [("f", "a", "a/b", b"xy")]),
        ({"f": [b"1", ("b", b"2", "a/b")]}, [("f", "upload", "application/octet-stream", b"1"), ("f", "b", "a/b", b"2")]),
        ([("f", ("a", b"1", "a/b")), ("f", ("b", b"2", "a/b"))], [("f", "a", "a/b", b"1"), ("f", "b", "a/b", b"2")]),
    ],
)  # fmt: skip
def test_files_become_parts(files, expected):
    """Every form of `files=` gives a name, a file name, a type (guessed from it) and the content."""
    assert expected == parsed(build_body(files=files))


def test_data_and_files_make_one_body():
    """Form fields come before the files, with the values that a form would have."""
    body = build_body(data={"a": ["1", 2], "b": True, "c": None}, files={"f": ("x", b"3", "a/b")})

    assert [
        ("a", None, None, b"1"),
        ("a", None, None, b"2"),
        ("b", None, None, b"true"),
        ("f", "x", "a/b", b"3"),
    ] == parsed(body)


def test_part_headers_are_sent_and_checked():
    """Headers of a part follow its disposition; bad ones are refused like those of a request."""
    body = build_body(files={"f": ("a", b"", "a/b", {"X-One": "1"})})

    assert [
        [
            b'Content-Disposition: form-data; name="f"; filename="a"',
            b"X-One: 1",
            b"Content-Type: a/b",
        ]
    ] == heads(body)
    for wrong in ("a/b\r\nX: y", "\0"):
        with pytest.raises(InvalidHeaderError):
            build_body(files={"f": ("a", b"", wrong)})
    with pytest.raises(InvalidHeaderError):
        build_body(files={"f": ("a", b"", None, {"X": "a\nb"})})


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ('a"b', b"a%22b"),
        ("a\\b", b"a\\b"),
        ("Zoë 文.txt", "Zoë 文.txt".encode()),
        ("a%22b", b"a%22b"),
        ("a;b=c'd", b"a;b=c'd"),
        ("", b""),
        ('"; filename="evil', b"%22; filename=%22evil"),
    ],
)
def test_names_are_escaped_as_browsers_do(name, escaped):
    """Quotes and line breaks are percent-encoded, all else is UTF-8 as it is; nothing breaks out."""
    body = build_body(data={name: "1"}, files={name: (name, b"2", "a/b")})

    assert [
        [b'Content-Disposition: form-data; name="' + escaped + b'"'],
        [
            b'Content-Disposition: form-data; name="' + escaped + b'"; filename="' + escaped + b'"',
            b"Content-Type: a/b",
        ],
    ] == heads(body)


@pytest.mark.parametrize("name", ["a\rb\nc\r\nd", b"a\rb\nc\r\nd"])
def test_line_ends_in_names(name):
    """Each line end in the name of a field becomes CR LF, those in file names stay (HTML)."""
    text = name if isinstance(name, str) else name.decode()
    part = Part.of(name, BytesBody(b""), text)

    assert (
        b'Content-Disposition: form-data; name="a%0D%0Ab%0D%0Ac%0D%0Ad"; '
        b'filename="a%0Db%0Ac%0D%0Ad"\r\n\r\n'
    ) == part.head


def test_every_body_has_its_own_boundary():
    """Boundaries are random and long enough that no content has them."""
    boundaries = {build_body(files={"f": b""}).content_type for _ in range(50)}

    assert 50 == len(boundaries)
    assert all(re.fullmatch("multipart/form-data; boundary=[0-9a-f]{32}", b) for b in boundaries)


def test_a_replayed_body_is_the_same():
    """Each sending of a body has the same boundary and bytes."""
    body = build_body(data={"a": "1"}, files={"f": io.BytesIO(b"x" * 100_000)})

    assert body.replayable
    assert sent(body) == sent(body)


@pytest.mark.parametrize(
    ("part", "known", "replayable"),
    [
        (b"x", True, True),
        ("x", True, True),
        (io.BytesIO(b"x"), True, True),
        ([b"x"], True, True),
        (iter([b"x"]), False, False),
    ],
)
def test_a_body_knows_what_all_its_parts_know(part, known, replayable):
    """The length is known, and the body replayable, if that holds for every part."""
    files = {"a": b"first", "f": part if not isinstance(part, list) else ("upload", part)}
    body = build_body(files=files)
    encoded = sent(body)

    assert (len(encoded) if known else None) == body.length
    assert replayable is body.replayable
    if not replayable:
        with pytest.raises(StreamConsumed):
            body.chunks()


def test_a_small_body_is_in_memory_and_a_large_one_is_not():
    """A small form of bytes is one piece; files are never loaded to be measured."""
    small = build_body(data={"a": "1"}, files={"f": b"x"})

    assert sent(small) == small.content
    assert build_body(files={"f": bytes(BLOCK)}).content is None
    assert build_body(files={"f": io.BytesIO(b"x")}).content is None


class Zeros(io.RawIOBase):
    """A file of so many zeros, made while it is read."""

    def __init__(self, size):
        self.size = size
        self.at = 0
        self.largest = 0

    def readable(self):
        return True

    def tell(self):
        return self.at

    def seek(self, offset, whence=0):
        self.at = self.size + offset if whence == 2 else offset
        return self.at

    def read(self, size=-1):
        self.largest = max(self.largest, size)
        count = min(size, self.size - self.at)
        self.at += count
        return bytes(count)


def test_a_file_streams_in_bounded_memory():
    """100 MB pass through in blocks of 64 KiB."""
    file = Zeros(100_000_000)
    body = build_body(files={"f": file})
    total = 0
    tracemalloc.start()
    for piece in body.chunks():
        assert 0 < len(piece) <= BLOCK
        total += len(piece)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert body.length == total
    assert total > 100_000_000
    assert peak < 1_000_000
    assert file.largest <= BLOCK


def test_small_pieces_are_sent_together():
    """Many small fields do not become many small writes."""
    body = build_body(data={"a": ["x" * 50] * 5000}, files={"f": io.BytesIO(b"1")})
    pieces = list(body.chunks())

    assert body.length == sum(map(len, pieces))
    assert len(pieces) <= body.length // (BLOCK // 2) + 1


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (b"x", r"files is of type bytes; pass a mapping or pairs"),
        (io.BytesIO(), r"files is of type BytesIO"),
        ([b"x"], r"files has an item of type bytes that is not a pair"),
        ({1: b"x"}, r"files has a field name of type int"),
        ({"f": 3}, r"files\['f'\] is of type int; pass bytes, str, a binary file"),
        ({"f": None}, r"files\['f'\] is of type NoneType"),
        ({"f": ("a",)}, r"files\['f'\] is a tuple of 1; pass \(file name, content"),
        ({"f": ("a", b"", "a/b", {}, 1)}, r"files\['f'\] is a tuple of 5"),
        ({"f": (1, b"")}, r"files\['f'\] has a file name of type int"),
        ({"f": ("a", b"", 3)}, r"files\['f'\] has a content type of type int"),
        ({"f": ("a", 3)}, r"files\['f'\] is of type int"),
        ({"f": ("a", {"a": 1})}, r"files\['f'\] is a mapping"),
        ({"f": io.StringIO()}, r"file in files\['f'\] is in text mode"),
        ({"f": ("a", b"", None, {"Content-Disposition": "x"})}, r"files\['f'\] has a header Content-Disposition"),
        ({"f": ("\ud800", b"")}, r"name of a file has U\+D800"),
        ({"\ud800": b""}, r"name of a field has U\+D800"),
        (3, r"files is of type int"),
        ("", r"files is of type str"),
        (0, r"files is of type int"),
    ],
)  # fmt: skip
def test_wrong_files_are_refused(files, message):
    """What is no file is refused naming the field and what would be right."""
    with pytest.raises(InvalidBodyError, match=message):
        build_body(files=files)


def test_an_async_part_is_refused():
    """Parts are read synchronously, whatever the voice."""

    async def pieces():
        yield b""

    with pytest.raises(InvalidBodyError, match=r"files\['f'\] is an async iterable; pass bytes"):
        build_body(files={"f": ("a", pieces())})


def test_pickling_keeps_bytes_and_consumes_streams():
    """A body of bytes comes back whole; one with a file comes back as consumed."""
    body = build_body(files={"f": b"x"})
    copy = pickle.loads(pickle.dumps(body))

    assert (sent(body), body.content_type) == (sent(copy), copy.content_type)
    streamed = build_body(files={"f": io.BytesIO(b"x")})
    copy = pickle.loads(pickle.dumps(streamed))
    assert (streamed.length, streamed.content_type, False) == (
        copy.length,
        copy.content_type,
        copy.replayable,
    )
    with pytest.raises(StreamConsumed):
        sent(copy)


# Without what the other parser takes for quoting: it reads <> as an address.
NAMES = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters='"\\;%<>'),
    min_size=1,
    max_size=8,
)
CONTENTS = st.binary(max_size=200)


@given(
    st.lists(st.tuples(NAMES, NAMES, CONTENTS), max_size=5),
    st.lists(st.tuples(NAMES, CONTENTS), max_size=5),
)
def test_another_parser_reads_the_same(files, fields):
    """Whatever the content is, the standard library's parser finds the same parts."""
    if not files:
        files = [("f", "a", b"")]
    body = build_body(
        data=fields,
        files=[
            (name, (filename, data, "application/octet-stream")) for name, filename, data in files
        ],
    )
    encoded = sent(body)
    boundary = body.content_type.partition("boundary=")[2].encode()
    found = [part.partition(b"\r\n\r\n") for part in encoded.split(b"--" + boundary)[1:-1]]

    assert body.length == len(encoded)
    assert [data + b"\r\n" for _, data in fields] + [data + b"\r\n" for *_, data in files] == [
        content for _, _, content in found
    ]
    assert [(name, None) for name, _ in fields] + [
        (name, filename) for name, filename, _ in files
    ] == [(name, filename) for name, filename, _, _ in parsed(body)]

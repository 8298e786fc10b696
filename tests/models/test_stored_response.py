"""Stored answers as bytes."""

from __future__ import annotations

import json

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.models.headers import Headers
from antiphon.models.stored_response import StoredResponse

LATIN = st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"]), max_size=20)
PAIRS = st.lists(st.tuples(LATIN, LATIN), max_size=4).map(tuple)
TIMES = st.floats(0, 4e9)
STORED = st.builds(
    StoredResponse,
    method=st.just("GET"),
    url=LATIN,
    status=st.integers(200, 599),
    reason=LATIN,
    http_version=st.just("HTTP/1.1"),
    headers=PAIRS.map(Headers.trusted),
    body=st.binary(max_size=100),
    trailers=PAIRS.map(Headers.trusted),
    request_headers=PAIRS,
    request_time=TIMES,
    response_time=TIMES,
    variant=LATIN,
)
ONE = StoredResponse(
    method="GET",
    url="https://site.example/?secret=1",
    status=200,
    headers=Headers({"A": "b"}),
    body=b"body",
    request_headers=(("foo", "1"),),
    request_time=1.0,
    response_time=2.0,
)


@given(stored=STORED)
@settings(max_examples=200)
def test_what_is_written_is_read(stored: StoredResponse) -> None:
    """Every field survives, at the byte."""
    again = StoredResponse.from_bytes(stored.to_bytes())

    assert stored == again
    assert stored.headers.pairs == again.headers.pairs


@given(data=st.binary(max_size=200))
@settings(max_examples=200)
def test_other_bytes_are_refused(data: bytes) -> None:
    """What is not ours raises ValueError and nothing else."""
    for bytes_ in (data, ONE.to_bytes()[:17] + data):
        with pytest.raises(ValueError):
            StoredResponse.from_bytes(bytes_)


def test_every_cut_is_noticed() -> None:
    """Whatever is missing at the end, or too much, is refused: never half an answer."""
    data = ONE.to_bytes()

    for end in range(len(data)):
        with pytest.raises(ValueError):
            StoredResponse.from_bytes(data[:end])
    with pytest.raises(ValueError):
        StoredResponse.from_bytes(data + b"x")


def head_of(data: bytes) -> dict[str, object]:
    start = len(b"antiphon-cache/1\n")
    length = int.from_bytes(data[start : start + 4])
    return json.loads(data[start + 4 : start + 4 + length])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "200"),
        ("status", True),
        ("url", 1),
        ("headers", None),
        ("headers", [["a"]]),
        ("headers", [["a", 1]]),
        ("request_time", "soon"),
        ("request_time", None),
        ("request_time", float("nan")),
        ("response_time", float("inf")),
        ("response_time", 1e300),
        pytest.param("response_time", 10**400, id="response_time-huge"),
        ("body_length", "4"),
    ],
)
def test_wrong_types_are_refused(name: str, value: object) -> None:
    """A field of another type makes the whole of no use."""
    head = json.dumps({**head_of(ONE.to_bytes()), name: value}).encode()
    data = b"antiphon-cache/1\n" + len(head).to_bytes(4) + head + b"body"

    with pytest.raises(ValueError):
        StoredResponse.from_bytes(data)


def test_every_damaged_byte_of_a_body_is_noticed() -> None:
    """A body of the right length with other bytes is refused: never somebody else's answer."""
    data = ONE.to_bytes()

    for place in range(len(data) - len(ONE.body), len(data)):
        damaged = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        with pytest.raises(ValueError, match="damaged"):
            StoredResponse.from_bytes(damaged)


def test_a_head_that_is_no_object() -> None:
    """JSON of another form is refused too."""
    for head in (b"[]", b"1", b'{"a": 1}', b"[" * 200_000):
        with pytest.raises(ValueError):
            StoredResponse.from_bytes(b"antiphon-cache/1\n" + len(head).to_bytes(4) + head)


def test_size_and_repr() -> None:
    """The size counts what is long; the repr shows no URL, which may have secrets."""
    assert ONE.size == 4 + (1 + 1 + 4) + (3 + 1 + 4) + len(ONE.url) + 256
    assert ONE.size + 10 == attrs.evolve(ONE, body=b"x" * 14).size
    assert "<StoredResponse 200 GET, 4 bytes>" == repr(ONE)

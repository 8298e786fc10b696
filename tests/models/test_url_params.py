"""Query parameters: which values are taken, and how they are written."""

from __future__ import annotations

from collections import OrderedDict
from enum import Enum, IntEnum
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import InvalidURLError
from antiphon.models.url import URL
from antiphon.models.url_params import encode_params


class Colour(str, Enum):  # noqa: UP042 - the older spelling is what is tested
    """An enumeration of texts, as it was written before StrEnum."""

    RED = "dark red"


class Size(IntEnum):
    """An enumeration of numbers."""

    BIG = 3


@pytest.mark.parametrize(
    ("params", "query"),
    [
        ({}, ""),
        ([], ""),
        ("", ""),
        ("?", ""),
        ({"a": "1", "b": 2}, "a=1&b=2"),
        (OrderedDict(b=1, a=2), "b=1&a=2"),
        ([("a", 1), ("a", 2)], "a=1&a=2"),
        ((("a", 1), ["b", 2]), "a=1&b=2"),
        (iter([("a", 1)]), "a=1"),
        ({"a": [1, 2], "b": ("x", None, True)}, "a=1&a=2&b=x&b=true"),
        ({"a": []}, ""),
        ({"a": None, "b": ""}, "b="),
        ({"": "x"}, "=x"),
        ({"a": True, "b": False}, "a=true&b=false"),
        ({"a": -1, "b": 1.5, "c": 1e300}, "a=-1&b=1.5&c=1e%2B300"),
        ({"a": Colour.RED, "b": Size.BIG}, "a=dark%20red&b=3"),
        ({"a b": "c d"}, "a%20b=c%20d"),
        ({"a": "&=+#?/%41"}, "a=%26%3D%2B%23%3F%2F%2541"),
        ({"a": "é😀"}, "a=%C3%A9%F0%9F%98%80"),
        ({"a": "AZaz09-._~"}, "a=AZaz09-._~"),
        ({"a": "x\ny\x00"}, "a=x%0Ay%00"),
        ({"a": "٣²"}, "a=%D9%A3%C2%B2"),
        ("?a=b c&d=%41#e", "a=b%20c&d=%41%23e"),
    ],
)
def test_how_params_are_written(params, query):
    """Every form of `params` has one query text."""
    assert query == encode_params(params)


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        (5, "params is of type int; give a mapping"),
        (None, "params is of type NoneType; give a mapping"),
        ([1], r"an item of params is not a \(name, value\) pair"),
        (["ab"], r"an item of params is not a \(name, value\) pair"),
        ([("a", 1, 2)], r"an item of params is not a \(name, value\) pair"),
        (b"a=b", r"an item of params is not a \(name, value\) pair"),
        ({1: "a"}, "a name in params is of type int, not str"),
        ({"a": b"x"}, r"params\['a'\] is of type bytes; give a str"),
        ({"a": {"b": 1}}, r"params\['a'\] is of type dict; give a str"),
        ({"a": [["b"]]}, r"params\['a'\] is of type list; give a str"),
        ({"a": {1}}, r"params\['a'\] is of type set; give a str"),
        ({"a": float("nan")}, r"params\['a'\] is nan"),
        ({"a": [float("-inf")]}, r"params\['a'\] is -inf"),
        ({"a": "\ud800"}, "lone surrogate"),
        ({"\ud800": "a"}, "lone surrogate"),
    ],
)
def test_params_that_are_refused(params, reason):
    """A value that has no one obvious text is refused by its name and type."""
    with pytest.raises(InvalidURLError, match=reason):
        encode_params(params)


@pytest.mark.parametrize("params", ["a=geheim\ud800", {"a": "geheim\ud800"}, {"a": [b"geheim"]}])
def test_errors_do_not_show_values(params):
    """The value of a parameter may be a secret."""
    with pytest.raises(InvalidURLError) as caught:
        encode_params(params)

    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://h", "http://h/?a=1"),
        ("http://h/?", "http://h/?a=1"),
        ("http://h/?b=2", "http://h/?b=2&a=1"),
        ("http://h/?a=2", "http://h/?a=2&a=1"),
        ("http://u:p@h:81/x?b#f", "http://u:p@h:81/x?b&a=1#f"),
    ],
)
def test_params_are_appended(text, expected):
    """`with_params` keeps the query that is there, and the fragment."""
    assert expected == URL(text).with_params({"a": 1}).text


def test_no_params_change_nothing():
    """Without parameters the URL itself comes back, with its empty query."""
    url = URL("http://h/?")

    assert url is url.with_params({}) is url.with_params({"a": None})


@given(
    st.lists(
        st.tuples(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
    )
)
def test_a_server_reads_what_was_written(pairs):
    """Any names and values come back from a form decoder, and the URL is normal already."""
    url = URL("http://h/").with_params(pairs)

    assert pairs == parse_qsl(url.query, keep_blank_values=True, strict_parsing=bool(pairs))
    assert url == URL(url.text)

"""Forms are encoded as browsers do, and wrong fields are refused by name."""

from __future__ import annotations

import io
from types import MappingProxyType
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import (
    InvalidBodyError,
)
from antiphon.models.body_builder import build_body


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

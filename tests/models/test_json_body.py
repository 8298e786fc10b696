"""JSON bodies are compact UTF-8, and what has no JSON form is refused with its path."""

from __future__ import annotations

import decimal
import json
from collections import OrderedDict
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import (
    InvalidBodyError,
)
from antiphon.models.body_builder import build_body
from antiphon.models.json_codec import STANDARD_JSON


def sent(body):
    return b"".join(body.chunks())


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
        ([0.5, float("inf")], r"^json\[1\] is inf"),
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

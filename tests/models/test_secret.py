"""A Secret is used through one method and shown nowhere else."""

from __future__ import annotations

import copy
import json
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import InvalidOptionError, UsageError
from antiphon.models.secret import Secret, reveal

TEXT = "hunter2"


def test_the_value_comes_out_by_name_only() -> None:
    """`get_secret_value` returns the text; repr, str, format and vars do not."""
    secret = Secret(TEXT)
    assert secret.get_secret_value() == TEXT
    for shown in (repr(secret), str(secret), f"{secret}", f"{[secret]}", f"{secret!a}"):
        assert TEXT not in shown
        assert "Secret('***')" in shown
    with pytest.raises(TypeError):
        vars(secret)
    with pytest.raises(TypeError) as caught:
        json.dumps(secret)
    assert TEXT not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_holds_nothing(protocol: int) -> None:
    """A pickle leaves the text behind; asking for it then says so."""
    secret = Secret(TEXT)
    data = pickle.dumps({"key": secret}, protocol)
    assert TEXT.encode() not in data
    again = pickle.loads(data)["key"]
    assert repr(again) == "Secret('***')"
    with pytest.raises(UsageError, match="make it again in this process"):
        again.get_secret_value()
    assert again == again
    assert again != secret
    assert again != Secret("***")
    assert again != pickle.loads(data)["key"]
    assert hash(again) == hash(again)


def test_copies_keep_the_value() -> None:
    """Within the process a Secret is copied as itself."""
    secret = Secret(TEXT)
    assert copy.copy(secret) is secret
    assert copy.deepcopy([secret])[0] is secret


@given(st.text(), st.text())
def test_equality_is_that_of_the_texts(a: str, b: str) -> None:
    """Two Secrets are equal exactly if their texts are, and then hash alike."""
    assert (Secret(a) == Secret(b)) is (a == b)
    assert Secret(a) == Secret(a)
    assert hash(Secret(a)) == hash(Secret(a))


def test_a_secret_is_not_its_text() -> None:
    """Comparing with a str is never true, so that a text cannot stand in by accident."""
    assert Secret(TEXT) != TEXT
    assert Secret("\ud800") == Secret("\ud800")


def test_it_does_not_change() -> None:
    """Attributes can be neither set nor deleted."""
    secret = Secret(TEXT)
    with pytest.raises(AttributeError, match="make a new one"):
        secret.value = "x"  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="make a new one"):
        del secret._Secret__value  # type: ignore[attr-defined]
    assert secret.get_secret_value() == TEXT


@pytest.mark.parametrize("value", [None, b"hunter2", 7, ["hunter2"]])
def test_only_texts_are_taken(value: object) -> None:
    """Other types are refused by the name of the type, without the value."""
    for make in (Secret, reveal):
        with pytest.raises(InvalidOptionError) as caught:
            make(value)  # type: ignore[operator]
        assert type(value).__name__ in str(caught.value)
        assert TEXT not in str(caught.value)


class SecretStr:
    """What pydantic's class of this name offers."""

    def __init__(self, value: object) -> None:
        self._value = value

    def get_secret_value(self) -> object:
        return self._value


@pytest.mark.parametrize("value", [TEXT, Secret(TEXT), SecretStr(TEXT)])
def test_reveal(value: str | Secret) -> None:
    """A str, a Secret and a SecretStr give their text."""
    assert reveal(value) == TEXT


def test_reveal_refuses_secret_bytes() -> None:
    """A secret that holds no text is refused."""
    with pytest.raises(InvalidOptionError, match="got bytes"):
        reveal(SecretStr(b"hunter2"))  # type: ignore[arg-type]

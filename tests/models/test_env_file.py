"""The text of a .env file, as shells and other tools write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import InvalidOptionError
from antiphon.models.env_file import parse_env_file


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("\n\n  # only a comment\n", {}),
        ("A=1", {"A": "1"}),
        ("A=1\nB=2\n", {"A": "1", "B": "2"}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("\ufeffA=1", {"A": "1"}),
        ("A=1\nA=2", {"A": "2"}),
        ("  A = 1  ", {"A": "1"}),
        ("export A=1", {"A": "1"}),
        ("export\tA=1", {"A": "1"}),
        ("A=", {"A": ""}),
        ("A=\nB=2", {"A": "", "B": "2"}),
        ("A= # nothing", {"A": ""}),
        ("A=1 # one", {"A": "1"}),
        ("A=a#b", {"A": "a#b"}),
        ("A=#b", {"A": "#b"}),
        ("A=two words  # here", {"A": "two words"}),
        ("A=x=y", {"A": "x=y"}),
        ("A=it's", {"A": "it's"}),
        ('A="1"', {"A": "1"}),
        ('A="a # b"  # c', {"A": "a # b"}),
        ('A="a\\nb\\t\\"c\\" \\\\ \\$"', {"A": 'a\nb\t"c" \\ $'}),
        ('A="-----BEGIN\nMIIB\n-----END"\nB=2', {"A": "-----BEGIN\nMIIB\n-----END", "B": "2"}),
        ('A="a\\\nb"', {"A": "ab"}),
        ("A='a\\nb \"c\" $D'", {"A": 'a\\nb "c" $D'}),
        ("A=''", {"A": ""}),
        ("A=${B}", {"A": "${B}"}),
        ("a.b_C1=1", {"a.b_C1": "1"}),
        ("A=caf\u00e9", {"A": "caf\u00e9"}),
    ],
)
def test_read(text: str, expected: dict[str, str]) -> None:
    """Quotes, comments, blank lines, `export` and line ends are understood."""
    assert parse_env_file(text) == expected


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("hunter2", 1, "expected KEY=value"),
        ("A=1\n\nhunter2", 3, "expected KEY=value"),
        ("1A=hunter2", 1, "expected KEY=value"),
        ("=hunter2", 1, "expected KEY=value"),
        ('A=1\nB="hunter2', 2, "the quote that begins the value of B never ends"),
        ("A='hunter2", 1, "the quote that begins the value of A never ends"),
        ("A='1' hunter2", 1, "text after the value of A"),
        ("#\nA=hunter2\fB", 2, "text after the value of A"),
    ],
)
def test_refused(text: str, line: int, what: str) -> None:
    """A bad line is named by its number, and nothing of what stands in it is shown."""
    with pytest.raises(InvalidOptionError) as caught:
        parse_env_file(text)
    assert str(caught.value).startswith(f"env file, line {line}: {what}")
    assert "hunter2" not in str(caught.value)


@given(st.dictionaries(st.from_regex(r"[A-Z_][A-Z0-9_]{0,5}", fullmatch=True), st.text()))
def test_quoted_values_come_back(variables: dict[str, str]) -> None:
    """Any text survives between double quotes, with backslashes, quotes and returns escaped."""
    text = "".join(
        f"{name}={chr(34)}{_escaped(value)}{chr(34)}\n" for name, value in variables.items()
    )
    assert parse_env_file(text) == variables


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r")


@given(st.text("A=\"' #\\\n\r\t\fx", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing else than names and texts, or the one error, comes out of a bad file."""
    try:
        variables = parse_env_file(text)
    except InvalidOptionError:
        return
    assert "".join(variables).strip("Ax") == ""

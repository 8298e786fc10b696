"""Headers keep order and case, find names in any case, and refuse what must not be sent."""

from __future__ import annotations

import pickle
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import InvalidHeaderError
from antiphon.models.headers import EMPTY_HEADERS, Headers
from antiphon.models.redaction import is_secret_header

TOKEN = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
NAMES = st.text(TOKEN, min_size=1, max_size=6)
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_categories=["Cc"]))
PAIRS = st.lists(st.tuples(NAMES, VALUES.map(lambda value: value.strip(" \t"))), max_size=8)


@pytest.mark.parametrize(
    "source",
    [
        {"A": "1", "b": ["2", "3"]},
        {"A": "1", "b": ("2", "3")},
        [("A", "1"), ("b", "2"), ("b", "3")],
        [["A", "1"], ["b", ["2", "3"]]],
        iter([("A", "1"), ("b", "2"), ("b", "3")]),
        Headers([("A", "1"), ("b", "2"), ("b", "3")]),
    ],
    ids=["mapping of lists", "of tuples", "pairs", "lists as pairs", "iterator", "headers"],
)
def test_every_source_gives_the_same_lines(source):
    """Mappings, pairs, iterators and headers make the same headers."""
    assert (("A", "1"), ("b", "2"), ("b", "3")) == Headers(source).pairs


def test_names_are_found_in_any_case():
    """A lookup ignores case, and what was written stays as it was."""
    headers = Headers({"Content-Type": "text/plain"})

    assert "text/plain" == headers["content-TYPE"]
    assert "CONTENT-TYPE" in headers
    assert ["Content-Type"] == list(headers)


def test_several_values_join_with_a_comma_and_list_apart():
    """`[]` and `get` join the values of a name (RFC 9110 section 5.3); `get_list` gives each."""
    headers = Headers([("Vary", "a"), ("X", "1"), ("vary", "b"), ("VARY", "c")])

    assert "a, b, c" == headers["vary"] == headers.get("Vary")
    assert ["a", "b", "c"] == headers.get_list("vary")
    assert [("Vary", "a, b, c"), ("X", "1")] == list(headers.items())
    assert ["Vary", "X"] == list(headers.keys())
    assert ["a, b, c", "1"] == list(headers.values())
    assert 4 == len(headers)


def test_what_is_absent_is_none_the_default_or_a_key_error():
    """An absent name reads as None, the given default, an empty list or a KeyError with the name."""
    headers = Headers({"A": "1"})

    assert headers.get("B") is None
    assert "x" == headers.get("B", "x")
    assert [] == headers.get_list("B")
    assert "B" not in headers
    assert 3 not in headers
    with pytest.raises(KeyError, match="B"):
        headers["B"]


def test_a_list_that_was_handed_out_is_the_callers_own():
    """Changing what `get_list` returned changes no headers."""
    headers = Headers([("A", "1"), ("A", "2")])
    headers.get_list("A").append("3")

    assert ["1", "2"] == headers.get_list("A")


def test_one_of_several_names_is_found_at_once():
    """`has_any` takes lower-case names and says whether one of them is there."""
    headers = Headers({"Content-Type": "a", "X": "b"})

    assert headers.has_any(("host", "content-type"))
    assert headers.has_any({"x"})
    assert not headers.has_any(("host", "te"))
    assert not headers.has_any(())
    assert not EMPTY_HEADERS.has_any(("host",))


def test_headers_are_a_mapping():
    """Code that asks for a Mapping accepts headers, and `dict` copies them."""
    headers = Headers([("A", "1"), ("a", "2")])

    assert isinstance(headers, Mapping)
    assert {"A": "1, 2"} == dict(headers)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda h: h.with_("b", "x"), [("A", "1"), ("b", "x"), ("C", "4")]),
        (lambda h: h.with_("B", ["x", "y"]), [("A", "1"), ("B", "x"), ("B", "y"), ("C", "4")]),
        (lambda h: h.with_("D", "x"), [("A", "1"), ("B", "2"), ("C", "4"), ("b", "3"), ("D", "x")]),
        (lambda h: h.with_("B", []), [("A", "1"), ("C", "4")]),
        (
            lambda h: h.with_added("a", "x"),
            [("A", "1"), ("B", "2"), ("C", "4"), ("b", "3"), ("a", "x")],
        ),
        (lambda h: h.without("b", "zz"), [("A", "1"), ("C", "4")]),
        (lambda h: h.without("A", "B", "C"), []),
        (lambda h: h.merged({"b": "x"}), [("A", "1"), ("C", "4"), ("b", "x")]),
        (lambda h: h.merged({"b": None}), [("A", "1"), ("C", "4")]),
        (lambda h: h.merged([("B", None), ("B", "x")]), [("A", "1"), ("C", "4"), ("B", "x")]),
        (
            lambda h: h.merged(Headers([("c", "x"), ("c", "y")])),
            [("A", "1"), ("B", "2"), ("b", "3"), ("c", "x"), ("c", "y")],
        ),
        (
            lambda h: h.merged({"c": ["x", "y"]}),
            [("A", "1"), ("B", "2"), ("b", "3"), ("c", "x"), ("c", "y")],
        ),
    ],
)
def test_a_change_returns_new_headers(change, expected):
    """`with_`, `with_added`, `without` and `merged` return new headers and leave the old alone."""
    pairs = (("A", "1"), ("B", "2"), ("C", "4"), ("b", "3"))
    headers = Headers(pairs)

    assert tuple(expected) == change(headers).pairs
    assert pairs == headers.pairs


@pytest.mark.parametrize("nothing", [None, {}, [], (), EMPTY_HEADERS, iter([]), {"X": []}])
def test_merging_nothing_gives_the_same_object(nothing):
    """`merged` with nothing to change copies nothing."""
    headers = Headers({"A": "1"})

    assert headers is headers.merged(nothing)


def test_dropping_what_is_absent_gives_the_same_object():
    """`without` copies nothing when no line goes."""
    headers = Headers({"A": "1"})

    assert headers is headers.without("B")
    assert headers is EMPTY_HEADERS.merged(headers)


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "a:", ":path", "a\r\nb", "a\0", "é", "a\n", "Κ", "a\x7f", "(a)", "a,b"]
)
def test_a_name_that_is_no_token_is_refused(name):
    """A header name is a token (RFC 9110 section 5.6.2); all else is refused naming the section."""
    for make in (
        lambda: Headers({name: "1"}),
        lambda: Headers([(name, "1")]),
        lambda: EMPTY_HEADERS.with_(name, "1"),
        lambda: EMPTY_HEADERS.with_added(name, "1"),
        lambda: EMPTY_HEADERS.merged({name: "1"}),
        lambda: EMPTY_HEADERS.merged({name: None}),
    ):
        with pytest.raises(InvalidHeaderError, match=r"section 5\.6\.2"):
            make()


@pytest.mark.parametrize(
    "character", [*map(chr, [*range(9), *range(10, 32), 127]), "Ā", "€", "\ud800", "😀"]
)
@pytest.mark.parametrize("template", ["{}", "{}a", "a{}", "a{}b", "a\r\n{}"])
def test_a_value_with_a_forbidden_character_is_refused(character, template):
    """Control characters and what latin-1 cannot encode never reach the wire, wherever they stand."""
    value = template.format(character)
    for make in (
        lambda: Headers({"X": value}),
        lambda: Headers({"X": ["fine", value]}),
        lambda: EMPTY_HEADERS.with_("X", value),
        lambda: EMPTY_HEADERS.with_added("X", value),
        lambda: EMPTY_HEADERS.merged({"X": value}),
    ):
        with pytest.raises(InvalidHeaderError, match=r"header 'X' has a value .*U\+"):
            make()


@pytest.mark.parametrize("value", [3, b"bytes", 1.5, object(), {"a": 1}, ["a", 3], [None], True])
def test_a_value_that_is_no_string_is_refused(value):
    """Only a string or a list of strings is a value; the error names the header and the type."""
    with pytest.raises(InvalidHeaderError, match=r"header 'X' has a value.* of type .*; "):
        Headers({"X": value})


def test_none_is_a_value_only_where_headers_are_merged():
    """None drops a name in `merged`; alone it is refused."""
    with pytest.raises(InvalidHeaderError, match="header 'x' has a value of type NoneType"):
        Headers({"X": None})


@pytest.mark.parametrize("source", ["a: b", b"a", 3, [("a",)], [("a", "b", "c")], ["ab"], 0, ""])
def test_what_is_no_source_of_headers_is_refused(source):
    """Neither a string, nor a number, nor items that are not pairs make headers."""
    for make in (Headers, EMPTY_HEADERS.merged):
        if source == "" and make is Headers:
            continue
        with pytest.raises(InvalidHeaderError, match="pairs"):
            make(source)
    with pytest.raises(InvalidHeaderError, match="pairs"):
        Headers(source)


def test_white_space_around_a_value_is_dropped():
    """Spaces and tabs around a value are no part of it (RFC 9110 section 5.5), those inside are."""
    assert (("A", "b \t c"), ("D", "")) == Headers({"A": " \tb \t c\t ", "D": " "}).pairs


def test_an_error_shows_no_secret():
    """The message for a secret header, or for a whole line given as a name, hides the value."""
    with pytest.raises(InvalidHeaderError) as value_error:
        Headers({"Authorization": "Bearer hunter2\n"})
    with pytest.raises(InvalidHeaderError) as name_error:
        Headers({"Authorization: Bearer hunter2": ""})
    with pytest.raises(InvalidHeaderError) as type_error:
        Headers({"X-API-Key": b"hunter2"})

    for error in (value_error, name_error, type_error):
        assert "hunter2" not in str(error.value)
    assert "Authorization" in str(value_error.value)


def test_an_error_shows_a_bounded_value():
    """A long value is cut in the message."""
    with pytest.raises(InvalidHeaderError) as error:
        Headers({"X": "a" * 100_000 + "\n"})

    assert len(str(error.value)) < 300


def test_repr_hides_secret_values_only():
    """The repr shows every line, with `***` for a secret."""
    headers = Headers([("Accept", "a"), ("Cookie", "k=hunter2"), ("X-Auth-Token", "hunter2")])

    assert "Headers([('Accept', 'a'), ('Cookie', '***'), ('X-Auth-Token', '***')])" == repr(headers)


@pytest.mark.parametrize(
    ("secret", "name"),
    [
        *[
            (True, name)
            for name in (
                "Authorization", "proxy-authorization", "Cookie", "set-cookie", "Set-Cookie2", "X-Api-Key",
                "x_api_key", "apikey", "X-Amz-Security-Token", "CSRFToken", "client-secret", "X-Password",
                "X-Goog-Api-Key", "x-passwd", "X-Forwarded-Authorization", "aws-credential",
            )
        ],
        *[
            (False, name)
            for name in (
                "Accept", "Content-Type", "WWW-Authenticate", "X-Cookie-Consent", "x-ratelimit-remaining-tokens",
                "anthropic-ratelimit-tokens-limit", "Key", "ETag",
            )
        ],
    ],
)  # fmt: skip
def test_a_name_tells_whether_its_value_is_secret(secret, name):
    """Credentials and cookies are secret; counts of tokens are not."""
    assert secret is is_secret_header(name)


def test_equality_ignores_the_case_of_names_only():
    """Equal are the same lines in the same order, whatever the case of names; hashes agree."""
    headers = Headers([("A", "x"), ("B", "y")])

    assert Headers([("a", "x"), ("b", "y")]) == headers
    assert hash(Headers([("a", "x"), ("b", "y")])) == hash(headers)
    assert Headers([("B", "y"), ("A", "x")]) != headers
    assert Headers([("A", "X"), ("B", "y")]) != headers
    assert {"A": "x", "B": "y"} != headers


def test_trusted_checks_nothing_and_takes_an_index():
    """A codec's pairs are wrapped as they are, and its own index serves the lookups."""
    pairs = (("A", "1"), ("a", "2"))

    assert pairs is Headers.trusted(pairs).pairs
    assert "1, 2" == Headers.trusted(pairs)["A"]
    assert "1, 2" == Headers.trusted(pairs, {"a": ["1", "2"]})["A"]


def test_nothing_can_be_assigned():
    """Neither items nor public attributes of headers can be set."""
    headers = Headers({"A": "1"})

    with pytest.raises(TypeError):
        headers["A"] = "2"  # type: ignore[index]
    with pytest.raises(AttributeError):
        headers.pairs = ()  # type: ignore[misc]
    with pytest.raises(AttributeError):
        headers.other = ()  # type: ignore[attr-defined]


def test_the_wire_form_is_made_once():
    """`wire` is each line with CR LF, and the same object every time."""
    headers = Headers([("A", "1"), ("b", "é"), ("A", "")])

    assert b"A: 1\r\nb: \xe9\r\nA: \r\n" == headers.wire
    assert headers.wire is headers.wire
    assert b"" == EMPTY_HEADERS.wire


@given(PAIRS)
def test_what_was_put_in_comes_out(pairs):
    """Order, case and values survive construction, pickling and the wire."""
    headers = Headers(pairs)

    assert tuple(pairs) == headers.pairs
    assert headers == pickle.loads(pickle.dumps(headers))
    assert [(*pair,) for pair in pairs] == [
        tuple(line.split(": ", 1)) for line in headers.wire.decode("latin-1").split("\r\n")[:-1]
    ]
    for name, _ in pairs:
        expected = [value for other, value in pairs if other.lower() == name.lower()]
        assert expected == headers.get_list(name.swapcase())
        assert ", ".join(expected) == headers[name.upper()]


@given(PAIRS, PAIRS)
def test_merging_replaces_name_by_name(ours, theirs):
    """After `merged` every name of the other side has exactly its values, and all others keep ours."""
    merged = Headers(ours).merged(theirs)
    replaced = {name.lower() for name, _ in theirs}

    assert [pair for pair in ours if pair[0].lower() not in replaced] + theirs == list(merged.pairs)


@given(st.text(max_size=8), st.text(max_size=8))
def test_nothing_that_was_accepted_can_break_the_head(name, value):
    """Whatever text is given, it is refused or it makes exactly one line."""
    try:
        wire = Headers({name: value}).wire
    except InvalidHeaderError:
        return

    assert 1 == wire.count(b"\n") == wire.count(b"\r") == wire.count(b"\r\n")
    assert b"\0" not in wire


def test_a_name_that_is_no_text():
    """A header name of another type is refused by its type."""
    with pytest.raises(InvalidHeaderError, match="is a int; pass a str"):
        Headers([(1, "x")])

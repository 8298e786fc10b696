"""The snippet of a body in an error message is short, on one line, and shows no secret."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.errors import status_error
from antiphon.errors.snippet import body_snippet, is_secret_key
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.response import Response
from antiphon.models.url import URL

SECRET = "hunter2-hunter2"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ""),
        (b"plain words", "plain words"),
        (b"two\r\n\tlines", "two lines"),
        (b"bell \x07 esc \x1b[31m", "bell \\x07 esc \\x1b[31m"),
        ("right \u202e left".encode(), "right \\u202e left"),
        ("caf\u00e9 \u6771".encode(), "caf\u00e9 \u6771"),
        (b"caf\xe9", "caf\ufffd"),
        (b'{"detail":"no","n":[1,true,null]}', '{"detail": "no", "n": [1, true, null]}'),
        (b"a\0b", "[3 bytes of binary data]"),
        (b"x" * 201, "x" * 200 + "..."),
        (b"x" * 200, "x" * 200),
        (b"x" * 100_000, "[100000 bytes of text]"),
        (b" \n", "[2 bytes of text]"),
    ],
)
def test_snippet(content: bytes, expected: str) -> None:
    """Text is shown on one line, escaped and cut; what is no text is named by its size."""
    assert body_snippet(content) == expected


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("text/plain", "abc"),
        ("application/problem+json; charset=utf-8", "abc"),
        ("application/x-www-form-urlencoded", "abc"),
        ("image/png", "[3 bytes of image/png]"),
        ("application/octet-stream; x=y", "[3 bytes of application/octet-stream]"),
        (None, "abc"),
    ],
)
def test_snippet_by_content_type(content_type: str | None, expected: str) -> None:
    """Only types that hold text are shown."""
    assert body_snippet(b"abc", content_type) == expected


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "PASSWD",
        "new_password",
        "token",
        "access_token",
        "refreshToken",
        "api_key",
        "apiKey",
        "X-API-Key",
        "authorization",
        "Proxy-Authorization",
        "client_secret",
        "Set-Cookie",
        "session_id",
        "private-key",
        "aws_secret_access_key",
        "pin",
        "auth",
    ],
)
@pytest.mark.parametrize(
    "template",
    [
        '{"%s": "hunter2-hunter2", "after": 1}',
        '{"a": [{"%s": ["hunter2-hunter2"]}]}',
        '{"%s": {"value": "hunter2-hunter2"}}',
    ],
)
def test_secret_keys_of_json_are_masked(key: str, template: str) -> None:
    """The value of a key that sounds secret is hidden, whatever its type and depth."""
    shown = body_snippet((template % key).encode())
    assert key in shown
    assert SECRET not in shown
    assert "***" in shown


@pytest.mark.parametrize("key", ["detail", "author", "pinned", "monkey", "keyboard", "compass"])
def test_other_keys_are_shown(key: str) -> None:
    """A word that merely contains a short secret word is not secret."""
    assert not is_secret_key(key)
    assert SECRET in body_snippet(json.dumps({key: SECRET}).encode())


def test_counts_of_tokens_are_shown() -> None:
    """A number of tokens is no token."""
    assert body_snippet(b'{"max_tokens": 4096}') == '{"max_tokens": 4096}'
    assert body_snippet(b"too many tokens: 4096") == "too many tokens: 4096"
    assert body_snippet(b'{"pin": 4096, "password": null}') == '{"pin": "***", "password": null}'


@pytest.mark.parametrize(
    "text",
    [
        '{"password": "hunter2-hunter2", "cut sho',
        '{"password": "hunter2-hunter2',
        '{"password": "hun\\"hunter2-hunter2"',
        "{'password': 'hunter2-hunter2'}",
        "password=hunter2-hunter2&x=1",
        "token: hunter2-hunter2",
        "Authorization: Bearer hunter2-hunter2",
        "<api_key>hunter2-hunter2</api_key>",
        "see https://joe:hunter2-hunter2@example.com/",
        "at /path?key=hunter2-hunter2 and on",
        "at /path?a=1&code=hunter2-hunter2",
        "sent 'Bearer hunter2-hunter2'",
        "sent Basic aHVudGVyMi1odW50ZXIy hunter2",
        "key sk-hunter2-hunter2 is wrong",
        '"eyJhbGciOiJI.hunter2-hunter2.sig"',
        '{"error": "bad token: hunter2-hunter2"}',
        "password = [hunter2-hunter2, x]",
    ],
)
def test_secrets_in_text_are_masked(text: str) -> None:
    """Broken JSON, forms, headers, XML and prose hide what looks like a secret."""
    shown = body_snippet(text.encode())
    assert SECRET not in shown
    assert "aHVudGVyMi1odW50ZXIy" not in shown
    assert "***" in shown


def test_a_secret_at_the_cut_is_not_half_shown() -> None:
    """Only the first part of a long body is read, and a word cut in two is dropped."""
    content = b"a" + b" " * 4079 + b"key sk-hunter2-hunter2" + b"x" * 100_000
    assert "hunt" not in body_snippet(content)


def an_error_message(content: str, url: str, headers: dict[str, str]) -> str:
    request = Request("GET", URL(url), Headers(headers))
    return str(status_error(Response(400, Headers(), content.encode(), request)))


@pytest.mark.parametrize(
    ("content", "url", "headers"),
    [
        (f"you sent {SECRET}", "http://h/", {"Authorization": f"Custom {SECRET}"}),
        (f"you sent {SECRET}", "http://h/", {"X-Api-Key": SECRET}),
        (f'{{"args": {{"q": "{SECRET}"}}}}', f"http://h/?q={SECRET}", {}),
        ("code hunter2", "http://h/?token=hunter2", {}),
        (f"user {SECRET}", f"http://joe:{SECRET}@h/", {}),
        (f'{{"echo": "a\\"{SECRET}"}}', "http://h/", {"X-Token": f'a"{SECRET}'}),
        (f'{{"echo": "a\\"{SECRET}", "cut', "http://h/", {"X-Token": f'a"{SECRET}'}),
        ("looked for two%20words, two words", "http://h/?q=two%20words", {}),
    ],
)
def test_secrets_of_the_request_are_masked(content: str, url: str, headers: dict[str, str]) -> None:
    """What the server echoes of the request's secrets is hidden from the message."""
    message = an_error_message(content, url, headers)
    assert SECRET not in message
    assert "hunter2" not in message
    assert "two words" not in message
    assert "two%20words" not in message
    assert "***" in message


def test_short_query_values_leave_the_answer_readable() -> None:
    """A page number does not blank every digit of the answer."""
    assert an_error_message("page 1 of 1", "http://h/?page=1", {}).endswith(": page 1 of 1")


@given(st.binary(max_size=600))
@settings(max_examples=300)
def test_any_body_gives_a_short_printable_line(content: bytes) -> None:
    """Whatever the bytes, the snippet is printable and bounded."""
    shown = body_snippet(content)
    assert shown.isprintable()
    # Each character may be escaped to ten at most (an astral one).
    assert len(shown) <= 200 * 10 + 3


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "list"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.recursive(
        st.just({"password": SECRET}),
        lambda inner: (
            st.tuples(JSON, inner).map(list)
            | st.tuples(JSON, inner).map(lambda pair: {"a": pair[0], "b": pair[1]})
        ),
        max_leaves=4,
    ),
    st.integers(0, 300),
)
@settings(max_examples=300)
def test_no_document_shows_its_password(document: object, cut: int) -> None:
    """Wherever a secret stands in a document, whole or cut short, it is hidden."""
    content = json.dumps(document).encode()
    assert SECRET not in body_snippet(content)
    assert SECRET not in body_snippet(content[: max(1, len(content) - cut)])


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b'"' + b"\\" * 100_000,
        b"password" * 10_000,
        b"password=" + b"[" * 100_000,
        b"://" * 30_000,
        b"?a=" * 30_000,
        b" " * 500_000,
        b"Bearer " * 10_000,
        b"eyJaaaaa." * 10_000,
        b"9" * 60_000,
    ],
)
def test_hostile_bodies_take_little_time(content: bytes) -> None:
    """No body makes the redaction slow or recurse too deep."""
    started = time.process_time()
    body_snippet(content)
    assert time.process_time() - started < 1.0


def test_deep_json_is_cut() -> None:
    """Below twenty levels a document is shown as three dots: a secret could hide there unmasked."""
    assert '"..."' in body_snippet(b"[" * 21 + b"4096" + b"]" * 21)
    assert "4096" in body_snippet(b"[" * 19 + b"4096" + b"]" * 19)


@pytest.mark.parametrize(
    ("header", "value", "secret"),
    [
        ("Cookie", f"a=b; sid={SECRET}; c=d", SECRET),
        ("Cookie", f'sid="{SECRET}"', SECRET),
        ("Authorization", "Basic YWRhOmh1bnRlcjItaHVudGVyMg==", SECRET),
        ("Proxy-Authorization", "basic aHVudGVyMi1odW50ZXIyOg==", SECRET),
    ],
)
def test_parts_of_a_secret_header_are_secrets_too(header: str, value: str, secret: str) -> None:
    """A server may echo one cookie, or the user name or password alone."""
    request = Request("GET", URL("https://api.test/"), Headers({header: value}))

    assert "no *** here" == body_snippet(f"no {secret} here".encode(), request=request)


@pytest.mark.parametrize("value", ["Basic", "Basic ***", "Basic /w==", "Basic =", "Basic YQ=="])
def test_basic_credentials_that_are_none(value: str) -> None:
    """A header that the caller made up is no reason to fail."""
    request = Request("GET", URL("https://api.test/"), Headers({"Authorization": value}))

    assert "fine" == body_snippet(b"fine", request=request)

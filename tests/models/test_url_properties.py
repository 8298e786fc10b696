"""Rules of `URL` that hold for every text."""

from __future__ import annotations

import pickle
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.errors import InvalidURLError
from antiphon.models.url import URL

# Pieces that parsers disagree about, glued in any order, beside texts without any form.
PIECES = st.sampled_from(
    [
        *"/?#@:[]%.\\ &=;é。½\n\x00\ud800",
        *[
            "http://",
            "https://",
            "//",
            "..",
            "%2e",
            "%2F",
            "%41",
            "%c3%A9",
            "%",
            "%zz",
            "a",
            "h.example",
        ],
        *[
            "127.1",
            "0x7f",
            "08",
            "[::1]",
            "[fe80::1%25eth0]",
            ":80",
            ":443",
            ":0",
            "xn--",
            "\u200d",
            "א",
        ],
    ]
)
TEXTS = st.one_of(
    st.text(),
    st.lists(PIECES, max_size=12).map("".join),
    st.lists(PIECES, max_size=10).map(lambda pieces: "http://" + "".join(pieces)),
    st.lists(PIECES, max_size=8).map(lambda pieces: "https://h" + "".join(pieces)),
)
# RFC 3986: what may stand in a path with a query, and in a whole URL.
TARGET = re.compile(r"/([A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-F]{2})*")
WHOLE = re.compile(r"https?://([A-Za-z0-9\-._~!$&'()*+,;=:@/?#\[\]]|%[0-9A-F]{2})+")


def parsed(text: str) -> URL | None:
    """Return the URL, or None if it is refused."""
    try:
        return URL(text)
    except InvalidURLError:
        return None


@settings(max_examples=500)
@given(TEXTS)
def test_any_text_is_a_url_or_refused(text):
    """There is no other error than InvalidURLError, and the result is valid by RFC 3986."""
    url = parsed(text)
    if url is None:
        return

    assert WHOLE.fullmatch(url.text)
    assert TARGET.fullmatch(url.target)
    assert url.host
    assert 0 < url.port < 65536
    assert not {".", ".."} & {part.replace("%2E", ".") for part in url.path.split("/")}
    assert not set("/?#@ \\") & set(url.host_header)


@settings(max_examples=400)
@given(TEXTS)
def test_parsing_what_was_parsed_changes_nothing(text):
    """`text` is its own normal form, and so is what `str` shows."""
    url = parsed(text)
    if url is None:
        return
    again = URL(url.text)

    assert again == url
    assert hash(again) == hash(url)
    for name in ("host", "port", "target", "username", "password", "fragment", "origin"):
        assert getattr(again, name) == getattr(url, name)
    assert str(url) == str(URL(str(url)))
    assert url.text == pickle.loads(pickle.dumps(url)).text


@settings(max_examples=400)
@given(TEXTS, TEXTS)
def test_any_reference_is_resolved_or_refused(base, reference):
    """`join` gives a normalised URL or raises InvalidURLError, and only whole URLs change the host."""
    url = parsed(base) or URL("http://base.example:81/a/b?c")
    try:
        joined = url.join(reference)
    except InvalidURLError:
        return

    assert joined == URL(joined.text)
    if "//" not in reference:
        assert url.origin == joined.origin


@given(st.text(st.characters(codec="utf-8", min_codepoint=0x20), max_size=8), TEXTS)
def test_userinfo_is_shown_by_text_alone(secret, text):
    """Whatever the password, it is decoded as given and is in no text that is meant to be shown."""
    marked = f"geheim{secret}heim"
    try:
        url = URL("https://h.example/p").with_(username="ada", password=marked)
    except InvalidURLError:
        return

    assert marked == url.password
    assert marked == URL(url.text).password
    for shown in (repr(url), str(url), url.redacted, str(url.origin), url.host_header):
        assert "heim" not in shown


@given(TEXTS)
def test_no_error_shows_what_stands_before_an_at_sign(text):
    """A password is not in the error, even if the URL around it cannot be read."""
    try:
        URL(f"http://ada:geheim{text}@")
    except InvalidURLError as error:
        shown = str(error)
    else:
        return

    assert "geheim" not in shown

"""Decisions of the cache, asked alone: ages, parts, variants, settings."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from antiphon.errors import InvalidHeaderError, InvalidOptionError
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.stored_response import StoredResponse
from antiphon.models.url import URL
from antiphon.policies.cache import Cache
from antiphon.policies.cache_control import NO_DIRECTIVES
from antiphon.policies.cache_freshness import freshness
from antiphon.policies.cache_invalidation import invalidated_keys
from antiphon.policies.cache_lookup import look_up
from antiphon.policies.cache_ranges import Span, combined, part_of, stored_span, wanted_span
from antiphon.policies.cache_replacing import placed
from antiphon.policies.cache_storing import cache_key, may_store, stored_response
from antiphon.policies.cache_variants import fits, normalised
from antiphon.policies.http_date import format_http_date
from antiphon.policies.memory_store import MemoryStore

NOW = 1_800_000_000.0
CACHE = Cache()


def request(url: str = "https://site.example/", **headers: str) -> Request:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("GET", URL(url), Headers(fields))


def stored(
    asked: Request | None = None,
    body: bytes = b"",
    status: int = 200,
    *,
    took: float = 0.0,
    **headers: str,
) -> StoredResponse:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return stored_response(
        asked or request(), status, Headers(fields), body, CACHE,
        request_time=NOW - took, response_time=NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("date", "age", "took", "later", "expected"),
    [
        (0, "0", 0, 0, 0),
        (0, "0", 0, 5, 5),
        (-10, "0", 0, 5, 15),
        (-10, "20", 0, 5, 25),
        (-10, "20", 4, 5, 29),
        (-30, "20", 4, 5, 35),
        (10, "0", 4, 5, 9),
        (0, "0", 0, -5, 0),
    ],
)
def test_age(date: int, age: str, took: float, later: float, expected: float) -> None:
    """The age of RFC 9111 4.2.3: what Date or Age says, the delay, and the time since."""
    one = stored(Date=format_http_date(NOW + date), Age=age, took=took)

    assert expected == freshness(one, CACHE, NOW + later).age


def test_the_guess_has_a_limit() -> None:
    """A tenth of the age at Last-Modified, at most a week; both can be set."""
    one = stored(Last_Modified=format_http_date(NOW - 1e9))

    assert 7 * 86_400 == freshness(one, CACHE, NOW).lifetime
    assert 60 == freshness(one, Cache(max_heuristic=60), NOW).lifetime
    assert 0 == freshness(one, Cache(heuristic_fraction=0), NOW).lifetime
    created = stored(Last_Modified=format_http_date(NOW - 1e9), Cache_Control="private", status=201)
    assert 0 == freshness(created, CACHE, NOW).lifetime
    ahead = stored(Last_Modified=format_http_date(NOW + 5))
    assert 0 == freshness(ahead, CACHE, NOW).lifetime


@given(
    body=st.binary(min_size=1, max_size=40),
    spans=st.lists(st.tuples(st.integers(0, 39), st.integers(1, 40)), min_size=1, max_size=6),
)
@settings(max_examples=200)
def test_parts_of_a_body_are_its_parts(body: bytes, spans: list[tuple[int, int]]) -> None:
    """Parts joined in any order have the bytes of the whole, and whatever they answer is right."""
    whole = stored(body=body, ETag='"a"')
    held: StoredResponse | None = None
    for first, length in spans:
        span = wanted_span(f"bytes={first}-{first + length - 1}", len(body))
        if span is None:
            assert first >= len(body)
            continue
        part = part_of(whole, span)
        assert part is not None
        assert body[first : first + length] == part.body
        if held is None:
            held = part
            continue
        joined = combined(held, part)
        old = stored_span(held)
        assert old is not None
        assert (joined is None) == (span.first > old.end or old.first > span.end)
        held = joined or part
        now = stored_span(held)
        assert now is not None
        assert body[now.first : now.end] == held.body
        assert (held.status == 200) == (joined is not None and held.body == body)


def test_parts_of_different_bytes_are_not_joined() -> None:
    """Without a strong validator in common nothing is joined."""
    whole = stored(body=b"0123", ETag='"a"')
    start, end = part_of(whole, Span(0, 2, 4)), part_of(whole, Span(2, 4, 4))
    assert start is not None
    assert end is not None
    assert combined(start, end) is not None
    for tag in ('"b"', 'W/"a"'):
        assert combined(start, attrs.evolve(end, headers=end.headers.with_("ETag", tag))) is None
    longer = end.headers.with_("Content-Range", "bytes 2-3/5")
    assert combined(start, attrs.evolve(end, headers=longer)) is None
    assert part_of(attrs.evolve(start, body=b"0"), Span(0, 1, 4)) is None


@given(
    value=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
    name=st.sampled_from(["foo", "accept-language"]),
)
@settings(max_examples=300)
def test_normal_forms_are_stable(value: str, name: str) -> None:
    """A normal form is its own normal form; spaces around commas change nothing."""
    form = normalised(name, value)
    assert form == normalised(name, form)
    assume('"' not in value)
    assert form == normalised(name, value.replace(",", " ,\t "))


def test_no_secret_is_stored() -> None:
    """Of credentials and keys only digests are kept, each answer with its own salt."""
    asked = request(Authorization="Bearer hunter2", X_Api_Key="hunter3", Foo="shown")
    one = stored(asked, Vary="X-Api-Key, Foo")
    other = attrs.evolve(one, response_time=NOW + 1)

    assert b"hunter" not in one.to_bytes()
    assert ["authorization", "foo", "x-api-key"] == [name for name, _ in one.request_headers]
    assert "shown" == dict(one.request_headers)["foo"]
    assert fits(one, asked, NO_DIRECTIVES)
    assert fits(other, asked, NO_DIRECTIVES)
    assert not fits(one, request(Authorization="Bearer hunter2", Foo="shown"), NO_DIRECTIVES)
    assert not fits(
        one, request(Authorization="Bearer x", X_Api_Key="hunter3", Foo="shown"), NO_DIRECTIVES
    )


def test_variants_have_names() -> None:
    """Equal selections have one name, others another; without any the name is empty."""
    assert "" == stored().variant == stored(request(Foo="1")).variant
    names = {
        stored(request(Foo="1"), Vary="Foo").variant,
        stored(request(Foo="2"), Vary="Foo").variant,
        stored(request(), Vary="Foo").variant,
        stored(request(Authorization="a"), Vary="Foo").variant,
        stored(request(Authorization="b"), Vary="Foo").variant,
        stored(request(Foo="1"), Vary="Foo, Bar").variant,
    }
    assert 6 == len(names)
    assert (
        stored(request(Foo="1, 2"), Vary="Foo").variant
        == stored(request(Foo="1,2"), Vary="foo").variant
    )


@pytest.mark.parametrize(
    ("later", "asks", "action"),
    [
        (9.9, "", "answer"),
        (10, "", "answer_and_revalidate"),
        (14.9, "", "answer_and_revalidate"),
        (15, "", "fetch"),
        (5, "min-fresh=5", "answer"),
        (5.1, "min-fresh=5", "fetch"),
        (5, "max-age=5", "answer"),
        (5.1, "max-age=5", "fetch"),
        (16, "max-stale=6", "answer"),
        (16.1, "max-stale=6", "fetch"),
    ],
)
def test_to_the_second(later: float, asks: str, action: str) -> None:
    """Fresh is younger than the lifetime (RFC 9111 4.2); the other limits count as they say."""
    one = stored(Cache_Control="max-age=10, stale-while-revalidate=5")
    asked = request(Cache_Control=asks) if asks else request()

    assert action == look_up(asked, "default", [one], CACHE, NOW + later).action


def test_what_is_forgotten() -> None:
    """Only keys of the origin that answered, each once, and only after success."""
    asked = Request("POST", URL("https://site.example/a"))
    headers = Headers({"Location": "https://other.example/a", "Content-Location": "/a#b"})

    assert ["https://site.example/a"] == invalidated_keys(asked, 201, headers)
    assert [] == invalidated_keys(asked, 404, headers)
    assert [] == invalidated_keys(request(), 200, headers)


def test_what_varies_by_anything_takes_no_room() -> None:
    """An answer that fits no request ever is not stored."""
    headers = Headers({"Cache-Control": "max-age=9", "Vary": "Foo, *"})

    assert not may_store(request(), 200, headers, CACHE)
    assert may_store(request(), 200, headers.with_("Vary", "Foo"), CACHE)


def test_a_part_has_its_place() -> None:
    """A part of one variant is none of another's."""
    whole = stored(request(Foo="1"), body=b"0123", Vary="Foo", Cache_Control="max-age=9")
    part = part_of(whole, Span(0, 2, 4))
    assert part is not None

    assert placed(part, [whole], CACHE, NOW) is None
    assert part == placed(part, [attrs.evolve(whole, variant="another")], CACHE, NOW)
    assert part == placed(part, [part], CACHE, NOW)
    assert whole == placed(whole, [part], CACHE, NOW)


def test_keys() -> None:
    """The key is the URL without who asks and without its fragment."""
    assert "https://site.example/a?b=c" == cache_key(
        request("https://me:pw@site.example:443/a?b=c#d")
    )


def test_a_lookup_alone() -> None:
    """The decision can be asked without a client: what to do, and with what."""
    one = stored(Cache_Control="max-age=10", ETag='"a"', body=b"x")

    assert "answer" == look_up(request(), "default", [one], CACHE, NOW + 9).action
    found = look_up(request(), "default", [one], CACHE, NOW + 11)
    assert ("validate", '"a"') == (found.action, found.request.headers["if-none-match"])
    assert "fetch" == look_up(request(), "default", [], CACHE, NOW).action
    assert "refuse" == look_up(request(), "only-if-cached", [], CACHE, NOW).action


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"store": 5}, "Cache(store=...): int is refused; give a CacheStore"),
        ({"store": "redis://u:secret@h"}, "Cache(store=...): str is refused; give a CacheStore"),
        ({"store": MemoryStore}, "Cache(store=...): the class MemoryStore is refused"),
        ({"targets": "Cache-Control"}, "targets='Cache-Control': give a list"),
        ({"targets": None}, "targets=None: give a list"),
        ({"targets": 1}, "targets=1: give a list"),
        ({"heuristic_fraction": 1.5}, "heuristic_fraction=1.5: give a number from 0 to 1"),
        ({"heuristic_fraction": "1"}, "heuristic_fraction='1'"),
        ({"max_heuristic": -1}, "max_heuristic=-1: give a number from 0"),
        ({"stale_if_error": float("nan")}, "stale_if_error=nan"),
        ({"stale_if_error": True}, "stale_if_error=True"),
        ({"max_entry_bytes": -1}, "max_entry_bytes=-1: give a number of bytes from 0"),
        ({"max_entry_bytes": 1.0}, "max_entry_bytes=1.0"),
        ({"max_entry_bytes": True}, "max_entry_bytes=True"),
    ],
)
def test_refused_settings(keywords: dict[str, object], message: str) -> None:
    """The message names the argument, its value and what would be right."""
    with pytest.raises(InvalidOptionError) as caught:
        Cache(**keywords)  # type: ignore[arg-type]

    assert str(caught.value).startswith(message)
    assert "secret" not in str(caught.value)


def test_targets_are_field_names() -> None:
    """A target that cannot be a field name is refused as one."""
    with pytest.raises(InvalidHeaderError):
        Cache(targets=["no name"])


def test_settings_are_shown() -> None:
    """The repr has the store, and settings that are not the defaults."""
    assert "Cache(MemoryStore(max_bytes=67108864))" == repr(Cache())
    assert "Cache(MemoryStore(max_bytes=9), targets=('A',), stale_if_error=60.0)" == repr(
        Cache(MemoryStore(9), targets=["A"], stale_if_error=60)
    )


def test_one_revalidation_at_a_time() -> None:
    """Who begins first revalidates a key, the others do not until it has ended."""
    cache = Cache()

    assert [True, False, True] == [cache.begin_revalidation(key, 0.0) for key in ("a", "a", "b")]
    cache.end_revalidation("a")
    cache.end_revalidation("never begun")
    assert cache.begin_revalidation("a", 0.0)


def test_a_revalidation_that_is_lost() -> None:
    """A loop that was closed under a revalidation keeps nobody from making it for ever."""
    cache = Cache()

    begun = [cache.begin_revalidation("a", moment) for moment in (5.0, 64.9, 65.0, 124.9, 125.0)]
    assert [True, False, True, False, True] == begun

"""A store in memory that never holds more than it may."""

from __future__ import annotations

import threading

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.errors import InvalidOptionError
from antiphon.models.stored_response import StoredResponse
from antiphon.policies.memory_store import MemoryStore

EMPTY = StoredResponse(method="GET", url="", status=200, request_time=0, response_time=0)


def stored(size: int, variant: str = "") -> StoredResponse:
    return attrs.evolve(EMPTY, body=b"x" * (size - EMPTY.size), variant=variant)


def test_variants_of_a_key() -> None:
    """All variants of a key are found, a new one replaces that of the same name."""
    store = MemoryStore()
    store.put("k", stored(300, "a"))
    store.put("k", stored(300, "b"))
    store.put("k", stored(400, "a"))

    assert {("a", 400), ("b", 300)} == {(found.variant, found.size) for found in store.get("k")}
    assert (2, 700, []) == (len(store), store.size, store.get("other"))
    store.delete("k")
    store.delete("k")
    assert (0, 0, []) == (len(store), store.size, store.get("k"))


def test_what_was_unused_for_longest_goes() -> None:
    """Reading counts as use; of one key the oldest variant goes first."""
    store = MemoryStore(1000)
    store.put("a", stored(300, "1"))
    store.put("a", stored(300, "2"))
    store.put("b", stored(300))
    store.get("a")
    store.put("c", stored(300))
    assert [2, 0, 1] == [len(store.get(key)) for key in "abc"]
    store.put("c", stored(301))
    store.put("d", stored(300))
    assert [["2"], [], [""], [""]] == [[v.variant for v in store.get(key)] for key in "abcd"]


def test_what_is_larger_than_all_room_is_not_kept() -> None:
    """It goes again at once, after all others."""
    store = MemoryStore(1000)
    store.put("a", stored(300))
    store.put("b", stored(1001))

    assert 0 == len(store)


def test_clear() -> None:
    """Everything is forgotten."""
    store = MemoryStore()
    store.put("a", stored(300))
    store.clear()

    assert (0, 0) == (len(store), store.size)


@pytest.mark.parametrize("max_bytes", [0, -1, 1.5, True, "1"])
def test_refused_sizes(max_bytes: object) -> None:
    """The bound is a number of bytes from 1."""
    with pytest.raises(InvalidOptionError, match="max_bytes="):
        MemoryStore(max_bytes)  # type: ignore[arg-type]


def test_it_says_what_it_is() -> None:
    """It does no I/O, and its repr shows its bound."""
    store = MemoryStore(5)

    assert (False, 5, "MemoryStore(max_bytes=5)") == (store.blocking, store.max_bytes, repr(store))


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["put", "get", "delete"]),
            st.sampled_from("abc"),
            st.sampled_from("12"),
            st.integers(256, 700),
        ),
        max_size=30,
    )
)
@settings(max_examples=100)
def test_the_books_are_right(steps: list[tuple[str, str, str, int]]) -> None:
    """After any steps the size is that of what is held, and within the bound."""
    store = MemoryStore(1500)
    for what, key, variant, size in steps:
        if what == "put":
            store.put(key, stored(size, variant))
        else:
            getattr(store, what)(key)
        held = [found for key in "abc" for found in list(store._entries.get(key, {}).values())]
        assert store.size == sum(found.size for found in held) <= 1500
        assert len(store) == len(held)


def test_threads_share_it() -> None:
    """Threads put, read and delete at once, and the books stay right."""
    store = MemoryStore(5000)
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for step in range(300):
                key = f"k{(number + step) % 7}"
                store.put(key, stored(300 + step, str(number)))
                store.get(key)
                if step % 5 == 0:
                    store.delete(key)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failed
    held = [found for key in range(7) for found in store.get(f"k{key}")]
    assert store.size == sum(found.size for found in held) <= 5000

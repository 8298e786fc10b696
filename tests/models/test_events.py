"""Observers: every event has a no-op, two can be told, and none can break a call."""

from __future__ import annotations

import inspect
import logging

import pytest

from antiphon.models.events import TransportObserver, combine_observers
from antiphon.models.headers import Headers

EVENTS: dict[str, tuple[object, ...]] = {
    "name_resolved": ("h", ("192.0.2.1", "2001:db8::1")),
    "connection_started": ("h", 443, "192.0.2.1"),
    "connection_established": ("h", 443, "192.0.2.1"),
    "tls_established": ("h", 443, "TLSv1.3", "TLS_AES_128_GCM_SHA256", "http/1.1"),
    "connection_acquired": ("h", 443, True, "HTTP/1.1"),
    "request_sent": (17,),
    "informational": (103, Headers({"Link": "</a>"})),
    "response_started": (200, Headers()),
    "response_received": (42,),
    "connection_released": ("h", 443),
    "connection_closed": ("h", 443, "idle for 30 s"),
}


class Recorder(TransportObserver):
    def __init__(self, name: str, told: list[tuple[str, str, tuple[object, ...]]]) -> None:
        self.name = name
        self.told = told

    def __getattribute__(self, event: str) -> object:
        if event not in EVENTS:
            return super().__getattribute__(event)
        return lambda *facts: self.told.append((self.name, event, facts))


class Broken(TransportObserver):
    def request_sent(self, byte_count: int) -> None:
        raise RuntimeError("no disk")


class Interrupted(TransportObserver):
    def request_sent(self, byte_count: int) -> None:
        raise KeyboardInterrupt


def test_the_table_has_every_event() -> None:
    """The events of the table above are those of the class."""
    public = {name for name in vars(TransportObserver) if not name.startswith("_")}
    assert public == set(EVENTS)


@pytest.mark.parametrize(("event", "facts"), EVENTS.items())
def test_every_event_does_nothing_by_default(event: str, facts: tuple[object, ...]) -> None:
    """An observer overrides only what it wants to know."""
    assert getattr(TransportObserver(), event)(*facts) is None


@pytest.mark.parametrize(("event", "facts"), EVENTS.items())
def test_both_are_told_in_order(event: str, facts: tuple[object, ...]) -> None:
    """A combination passes every event on, with all its facts, to the first and then the second."""
    told: list[tuple[str, str, tuple[object, ...]]] = []
    both = combine_observers(Recorder("a", told), Recorder("b", told))
    getattr(both, event)(*facts)
    assert told == [("a", event, facts), ("b", event, facts)]


@pytest.mark.parametrize("event", EVENTS)
def test_the_combination_has_the_same_signatures(event: str) -> None:
    """Arguments may be given by name to the combination as to the observer."""
    both = combine_observers(TransportObserver(), TransportObserver())
    assert inspect.signature(getattr(both, event)) == inspect.signature(
        getattr(TransportObserver(), event)
    )


def test_nobody_to_tell() -> None:
    """Without observers there is nothing to call, so that the engine can skip the work."""
    assert combine_observers(None, None) is None


def test_one_that_raises_is_logged_and_ignored(caplog: pytest.LogCaptureFixture) -> None:
    """Neither the call nor the other observer notices; the log does."""
    told: list[tuple[str, str, tuple[object, ...]]] = []
    both = combine_observers(Broken(), Recorder("b", told))
    assert both is not None
    with caplog.at_level(logging.ERROR, "antiphon"):
        both.request_sent(7)
    assert told == [("b", "request_sent", (7,))]
    assert [record.getMessage() for record in caplog.records] == [
        "Broken.request_sent raised; the call goes on without it"
    ]
    assert "no disk" in caplog.text


@pytest.mark.parametrize("place", [0, 1])
def test_a_single_one_is_guarded_too(place: int, caplog: pytest.LogCaptureFixture) -> None:
    """With one observer the call is as safe from it as with two."""
    pair = [None, None]
    pair[place] = Broken()  # type: ignore[call-overload]
    guarded = combine_observers(*pair)
    assert guarded is not None
    guarded.request_sent(7)
    assert "Broken.request_sent raised" in caplog.text
    assert combine_observers(guarded, None) is guarded


def test_interrupts_pass() -> None:
    """Ctrl-C in an observer is no failure of the observer."""
    both = combine_observers(Interrupted(), None)
    assert both is not None
    with pytest.raises(KeyboardInterrupt):
        both.request_sent(7)

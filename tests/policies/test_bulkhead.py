"""The settings of a bulkhead, and what can be read from it; waiting is tested with its step."""

from __future__ import annotations

import pytest

from antiphon.errors import BulkheadFullError, InvalidOptionError
from antiphon.models.request import Request
from antiphon.models.url import URL
from antiphon.policies.bulkhead import Bulkhead

REQUEST = Request("GET", URL("https://site.example/path?token=hush"))


def test_places_of_each_origin() -> None:
    """Each origin has its places; how many are in use can be read."""
    bulkhead = Bulkhead(1)
    site = bulkhead.key_of(REQUEST)
    permit = bulkhead.enter(site)

    assert permit is not None
    assert bulkhead.enter(site) is None
    assert bulkhead.enter("https://other.example") is not None
    assert (1, 0) == (bulkhead.running("https://site.example"), bulkhead.waiting(site))
    permit.release()
    assert 0 == bulkhead.running(site)


def test_the_refusal() -> None:
    """The error says how many run and why this one may not wait; no secret is in it."""
    full = Bulkhead(3, max_queue=2).refusal(REQUEST, None)
    late = Bulkhead(3).refusal(REQUEST, 1.0)

    assert isinstance(full, BulkheadFullError)
    assert REQUEST is full.request
    assert "3 calls" in str(full)
    assert "queue of 2 is full" in str(full)
    assert "none ended within 1 s" in str(late)
    assert "hush" not in str(full)


@pytest.mark.parametrize(
    "settings",
    [
        {"max_concurrent": 0},
        {"max_concurrent": 1.5},
        {"max_queue": -1},
        {"queue_timeout": -0.1},
        {"queue_timeout": float("nan")},
        {"queue_timeout": True},
        {"key": None},
    ],
    ids=str,
)
def test_settings_that_cannot_be(settings: dict[str, object]) -> None:
    """Each is refused by the name of the setting."""
    with pytest.raises(InvalidOptionError, match=rf"Bulkhead\({next(iter(settings))}="):
        Bulkhead(**settings)  # type: ignore[arg-type]


def test_defaults_and_repr() -> None:
    """Ten at once, any number waits for one second; what is not a default is shown."""
    bulkhead = Bulkhead()

    assert (10, None, 1.0) == (bulkhead.max_concurrent, bulkhead.max_queue, bulkhead.queue_timeout)
    assert "Bulkhead()" == repr(bulkhead)
    assert "Bulkhead(max_concurrent=2, queue_timeout=None, key='all')" == repr(
        Bulkhead(2, queue_timeout=None, key="all")
    )

"""When calls may go: a token bucket, a leaky bucket, and what the server says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.errors import ClientRateLimitError, InvalidOptionError
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.url import URL
from antiphon.policies.keyed_states import MAX_KEYS
from antiphon.policies.rate_limit import RateLimit, Reservation

KEY = "https://site.example"
REQUEST = Request("GET", URL("https://site.example/path?token=hush"))
WALL = 1_800_000_000.0


def delays(limit: RateLimit, *moments: float) -> list[float]:
    """Reserve at each moment; how long each call waits."""
    return [round(limit.reserve(KEY, moment).delay, 6) for moment in moments]


def told(limit: RateLimit, now: float, /, **fields: int) -> None:
    """Have a call go and its answer say so, as in the drafts before 07."""
    assert limit.depart(KEY, now)
    answered(limit, now, **fields)


def answered(limit: RateLimit, now: float, /, **fields: int) -> None:
    headers = Headers({f"RateLimit-{name.title()}": str(value) for name, value in fields.items()})
    limit.arrive(KEY, headers, now, WALL)


# --- the two buckets ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "moments", "expected"),
    [
        (RateLimit(4, per=1.0), [0.0] * 7, [0, 0, 0, 0, 0.25, 0.5, 0.75]),
        (RateLimit(4, per=1.0), [0.0] * 4 + [10.0] * 5, [0] * 8 + [0.25]),
        (RateLimit(4, per=1.0), [0.0] * 4 + [0.5] * 3, [0] * 6 + [0.25]),
        (RateLimit(4, burst=2), [0.0] * 4, [0, 0, 0.25, 0.5]),
        (RateLimit(4, burst=1), [5.0, 5.0, 5.1, 9.0], [0, 0.25, 0.4, 0]),
        (RateLimit(4, algorithm="leaky_bucket"), [5.0, 5.0, 5.1, 9.0], [0, 0.25, 0.4, 0]),
        (RateLimit(1, per=60), [0.0, 1.0, 200.0], [0, 59, 0]),
    ],
)
def test_when_calls_go(limit: RateLimit, moments: list[float], expected: list[float]) -> None:
    """A burst after a rest, and then an even pace; a leaky bucket keeps the pace from the start."""
    assert expected == delays(limit, *moments)


@pytest.mark.parametrize("start", [0.0, 1e5 + 0.1, 1e7 + 1 / 3])
@pytest.mark.parametrize("limit", [3, 10, 1000])
def test_a_whole_burst_goes_at_once(limit: int, start: float) -> None:
    """However the sums are rounded, as many as promised go without a wait."""
    bucket = RateLimit(limit, wait=False)

    assert [None] * limit == [bucket.reserve(KEY, start).refusal for _ in range(limit)]
    assert bucket.reserve(KEY, start).refusal is not None


@settings(max_examples=100)
@given(st.data())
def test_no_span_of_time_has_too_many(data: st.DataObject) -> None:
    """In any span of s seconds at most burst + s * limit / per calls go, whoever gives up."""
    limit = RateLimit(data.draw(st.integers(1, 5)), per=1.0, burst=data.draw(st.integers(1, 5)))
    now, waiting, gone = 0.0, [], []
    for _ in range(data.draw(st.integers(0, 40))):
        now += data.draw(st.sampled_from([0.0, 0.0, 0.05, 0.3, 2.0]))
        for at, reservation in list(waiting):
            if at <= now:
                waiting.remove((at, reservation))
                gone.append(at)
        if waiting and data.draw(st.booleans()):
            _, reservation = waiting.pop(data.draw(st.integers(0, len(waiting) - 1)))
            limit.give_back(KEY, reservation)
        else:
            reservation = limit.reserve(KEY, now)
            waiting.append((now + reservation.delay, reservation))
    gone = sorted(gone + [at for at, _ in waiting])
    burst = limit.burst or 0
    for first in range(len(gone)):
        for last in range(first, len(gone)):
            span = gone[last] - gone[first]
            assert last - first + 1 <= burst + span / limit.interval + 1e-4


@settings(max_examples=50)
@given(gaps=st.lists(st.sampled_from([0.0, 0.01, 0.2]), max_size=30))
def test_first_come_first_served(gaps: list[float]) -> None:
    """Nobody who came later goes earlier."""
    limit = RateLimit(5, burst=2)
    now, moments = 0.0, []
    for gap in gaps:
        now += gap
        moments.append(now + limit.reserve(KEY, now).delay)

    assert sorted(moments) == moments


# --- giving up ------------------------------------------------------------------------------------


def test_the_last_slot_given_back_was_never_taken() -> None:
    """Who gives up at the end of the line leaves no gap, and neither do several."""
    limit = RateLimit(1, per=1.0)
    limit.reserve(KEY, 0.0)
    second, third, fourth = (limit.reserve(KEY, 0.0) for _ in range(3))
    limit.give_back(KEY, third)
    limit.give_back(KEY, fourth)
    assert 2.0 == limit.delay(KEY, 0.0)
    limit.give_back(KEY, second)
    assert 1.0 == limit.delay(KEY, 0.0)


def test_a_slot_within_the_line_goes_to_the_next_who_comes() -> None:
    """The gap is filled by whoever comes before its time; those behind keep their slots."""
    limit = RateLimit(1, per=1.0)
    reservations = [limit.reserve(KEY, 0.0) for _ in range(5)]
    limit.give_back(KEY, reservations[3])
    limit.give_back(KEY, reservations[1])
    assert 1.0 == limit.delay(KEY, 0.0)
    assert [0.5, 2.5, 4.5] == delays(limit, 0.5, 0.5, 0.5)
    limit.give_back(KEY, reservations[2])
    assert [3.5] == delays(limit, 2.5)


def test_what_was_refused_holds_no_slot() -> None:
    """Giving a refusal back changes nothing."""
    limit = RateLimit(1, wait=False)
    limit.reserve(KEY, 0.0)
    refused = limit.reserve(KEY, 0.0)
    assert refused.slot is None
    limit.give_back(KEY, refused)
    assert 1.0 == limit.delay(KEY, 0.0)


@pytest.mark.parametrize(
    ("limit", "remaining", "why"),
    [
        (RateLimit(1, wait=False), None, "not to wait"),
        (RateLimit(1, max_wait=0.9), None, "longer than max_wait=0.9"),
        (RateLimit(1), 0.9, "its deadline leaves 0.90 s"),
        (RateLimit(1), 1.0, "its deadline leaves 1.00 s"),
        (RateLimit(1), -0.1, "its deadline leaves 0.00 s"),
        (RateLimit(1, max_wait=1.0), 1.1, None),
    ],
)
def test_who_is_refused(limit: RateLimit, remaining: float | None, why: str | None) -> None:
    """A wait that is not wanted, or would be in vain, does not begin."""
    assert limit.reserve(KEY, 0.0, remaining).refusal is None
    reservation = limit.reserve(KEY, 0.0, remaining)

    assert 1.0 == reservation.delay
    assert (why is None) is (reservation.refusal is None)
    if why is not None:
        error = limit.refusal(REQUEST, reservation)
        assert isinstance(error, ClientRateLimitError)
        assert (1.0, REQUEST) == (error.retry_after, error.request)
        assert why in str(error)
        assert "1 calls in 1 s has room for it in 1.00 s" in str(error)
        assert "hush" not in str(error)


# --- what the server says -------------------------------------------------------------------------


def test_the_server_has_less_room() -> None:
    """Once its quota is used up, nothing goes before its reset; then our own pace counts."""
    limit = RateLimit(100, learn=True)
    told(limit, 0.0, limit=3, remaining=2, reset=10)
    assert limit.depart(KEY, 1.0)
    assert limit.depart(KEY, 1.0)
    assert not limit.depart(KEY, 1.0)
    assert 9.0 == limit.delay(KEY, 1.0)
    assert [9.0, 9.0] == delays(limit, 1.0, 1.0)
    assert limit.depart(KEY, 10.0)


def test_the_server_has_more_room() -> None:
    """Our own limit holds all the same."""
    limit = RateLimit(1, learn=True)
    limit.reserve(KEY, 0.0)
    told(limit, 0.0, limit=1000, remaining=999, reset=1)

    assert 1.0 == limit.delay(KEY, 0.0)


def test_answers_that_overtake_each_other() -> None:
    """Within one window of the server's, the least that was said counts."""
    limit = RateLimit(100, learn=True)
    for _ in range(3):
        assert limit.depart(KEY, 0.0)
    answered(limit, 0.1, remaining=1, reset=10)
    answered(limit, 0.2, remaining=3, reset=10)
    answered(limit, 0.3, remaining=2, reset=10)
    # One is left by the first answer, but two were under way that it did not know of.
    assert not limit.depart(KEY, 0.4)
    assert 9.7 == pytest.approx(limit.delay(KEY, 0.4))


def test_others_use_the_same_quota() -> None:
    """What the server says may be less than what we counted."""
    limit = RateLimit(100, learn=True)
    told(limit, 0.0, remaining=50, reset=10)
    told(limit, 1.0, remaining=0, reset=9)

    assert not limit.depart(KEY, 2.0)


def test_a_new_window() -> None:
    """A later reset is a new quota, and so is one after the last has passed."""
    limit = RateLimit(100, learn=True)
    told(limit, 0.0, remaining=1, reset=10)
    told(limit, 1.0, remaining=5, reset=60)
    assert limit.depart(KEY, 2.0)
    told(limit, 61.0, remaining=0, reset=1)
    assert not limit.depart(KEY, 61.5)
    told(limit, 62.0, remaining=7, reset=1)
    assert limit.depart(KEY, 62.5)


@pytest.mark.parametrize("fields", [{}, {"remaining": 0}, {"remaining": 0, "reset": 10**6}])
def test_what_cannot_be_obeyed(fields: dict[str, int]) -> None:
    """No word, no reset, and a reset that nobody would wait for change nothing."""
    limit = RateLimit(100, learn=True)
    told(limit, 0.0, **fields)

    assert limit.depart(KEY, 0.0)


def test_calls_without_an_answer() -> None:
    """They are no longer under way, and say nothing."""
    limit = RateLimit(100, learn=True)
    limit.depart(KEY, 0.0)
    limit.arrive(KEY, None, 1.0, WALL)
    limit.arrive(KEY, None, 1.0, WALL)
    told(limit, 2.0, remaining=1, reset=10)

    assert limit.depart(KEY, 3.0)
    assert not limit.depart(KEY, 3.0)


# --- settings -------------------------------------------------------------------------------------


def test_keys() -> None:
    """One limit for each origin, for each key, or for all."""
    limit = RateLimit(1)
    limit.reserve(KEY, 0.0)

    assert "https://site.example" == limit.key_of(REQUEST)
    assert "all" == RateLimit(1, key="all").key_of(REQUEST)
    assert (1.0, 0.0) == (limit.delay(KEY, 0.0), limit.delay("https://other.example", 0.0))


@pytest.mark.parametrize(
    "settings",
    [
        {"limit": 0},
        {"limit": 1.5},
        {"per": 0},
        {"per": None},
        {"burst": 0},
        {"algorithm": "bucket"},
        {"algorithm": "leaky_bucket", "burst": 2},
        {"key": 7},
        {"wait": 1},
        {"max_wait": -1},
        {"wait": False, "max_wait": 1},
        {"learn": "yes"},
    ],
    ids=str,
)
def test_settings_that_cannot_be(settings: dict[str, object]) -> None:
    """Each is refused by the name of the setting."""
    with pytest.raises(InvalidOptionError, match=rf"RateLimit\({list(settings)[-1]}="):
        RateLimit(**{"limit": 10, **settings})  # type: ignore[arg-type]


def test_defaults_and_repr() -> None:
    """Calls wait as long as it takes; what is not a default is shown."""
    limit = RateLimit(10)

    assert (1.0, True, None, False) == (limit.per, limit.wait, limit.max_wait, limit.learn)
    assert "RateLimit(limit=10)" == repr(limit)
    assert "RateLimit(limit=10, per=60, algorithm='leaky_bucket', learn=True)" == repr(
        RateLimit(10, per=60, algorithm="leaky_bucket", learn=True)
    )
    assert Reservation(0.0) == Reservation(0.0)


def test_giving_back_to_a_key_that_was_forgotten() -> None:
    """A slot of a line that is no more is nobody's: the next call of that key goes at once."""
    limit = RateLimit(1, per=60)
    limit.reserve("old", 0.0)
    waiting = limit.reserve("old", 0.0)
    for number in range(MAX_KEYS):
        limit.reserve(str(number), 0.0)

    limit.give_back("old", waiting)
    assert 0.0 == limit.delay("old", 1.0)

    limit.reserve("old", 1.0)
    limit.give_back("old", waiting)
    assert 60.0 == limit.delay("old", 1.0)

"""Who of several copies starts, and whose outcome counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import CircuitOpenError, ReadTimeout, TransportError
from antiphon.policies.hedge_round import Finish, HedgeRound


def a_round(most: int = 1, allowed: int = 10) -> HedgeRound[int]:
    """Return a round with values from 0 to 999, of which those from 500 are failures."""
    tickets = iter([True] * allowed + [False] * 10)
    return HedgeRound(most, lambda: next(tickets), lambda value: value < 500)


def test_first_answer_ends_it() -> None:
    """The first answer counts, later ones are handed back to be dropped, and nobody starts."""
    race = a_round(most=5)
    assert [0, 1] == [race.enter(), race.enter()]
    assert race.wants_more
    winner, loser = Finish(1, 200), Finish(0, 201)
    assert race.finish(winner) is None
    assert race.over
    assert not race.wants_more
    assert race.enter() is None
    assert race.finish(loser) is loser
    assert winner is race.take()


def test_a_failure_waits_for_the_others() -> None:
    """A failure does not end it while another runs, and gives way to its answer."""
    race = a_round()
    assert [0, 1] == [race.enter(), race.enter()]
    failure, answer = Finish(0, 503), Finish(1, 200)
    assert race.finish(failure) is None
    assert not race.over
    assert race.finish(answer) is failure
    assert answer is race.take()


def test_a_failure_alone_ends_it() -> None:
    """A first request that fails before there is a copy is the outcome; no copy starts then."""
    race = a_round()
    race.enter()
    failure: Finish[int] = Finish(0, error=ReadTimeout("slow"))
    assert race.finish(failure) is None
    assert race.over
    assert race.enter() is None
    assert failure is race.take()


def test_no_more_copies_than_allowed() -> None:
    """`most` copies may start, and none any more once one was refused."""
    race = a_round(most=2)
    assert [0, 1, 2, None] == [race.enter() for _ in range(4)]
    assert not race.wants_more
    poor = a_round(most=2, allowed=1)
    assert [0, 1, None, None] == [poor.enter() for _ in range(4)]
    assert 2 == poor.started
    assert not poor.wants_more


@pytest.mark.parametrize("refused_last", [True, False])
def test_what_a_policy_refused_does_not_count(refused_last: bool) -> None:
    """Of two failures the one that came from the peer counts, in whatever order they came."""
    race = a_round()
    race.enter()
    race.enter()
    failure: Finish[int] = Finish(0, error=TransportError("gone"))
    refusal: Finish[int] = Finish(1, error=CircuitOpenError("open"))
    first, second = (failure, refusal) if refused_last else (refusal, failure)
    assert race.finish(first) is None
    assert refusal is race.finish(second)
    assert race.over
    assert failure is race.take()


@pytest.mark.parametrize("first_is_first", [True, False])
def test_all_refused(first_is_first: bool) -> None:
    """If all were refused, the outcome is the refusal of the first request, whoever was first."""
    race = a_round()
    race.enter()
    race.enter()
    first: Finish[int] = Finish(0, error=CircuitOpenError("open"))
    copy: Finish[int] = Finish(1, error=RuntimeError("no threads"), refused=True)
    dropped = [race.finish(one) for one in ((first, copy) if first_is_first else (copy, first))]
    assert [None, copy] == dropped
    assert first is race.take()


def test_closed() -> None:
    """Once closed nobody starts, what was kept comes back, and later outcomes are dropped."""
    race = a_round(most=3)
    race.enter()
    race.enter()
    failure, late = Finish(0, 503), Finish(1, 200)
    race.finish(failure)
    assert failure is race.close()
    assert race.close() is None
    assert race.enter() is None
    assert late is race.finish(late)
    with pytest.raises(AssertionError, match="before anybody finished"):
        race.take()


@given(st.lists(st.sampled_from([200, 503, "error", "refused", "start"]), max_size=12), st.data())
def test_one_outcome_and_nothing_lost(events: list[object], data: st.DataObject) -> None:
    """Whatever happens in whatever order: one outcome, the best there is, the others handed back."""
    race = a_round(most=4)
    race.enter()
    running = [0]
    finished: list[Finish[int]] = []
    dropped: list[Finish[int]] = []
    for event in [*events, *(503 for _ in range(5))]:
        if event == "start":
            allowed = not race.over and race.started <= 4
            place = race.enter()
            assert allowed == (place is not None)
            if place is not None:
                running.append(place)
            continue
        if not running:
            break
        place = running.pop(data.draw(st.integers(0, len(running) - 1)))
        if isinstance(event, int):
            finish = Finish(place, event)
        elif event == "error":
            finish = Finish(place, error=TransportError("gone"))
        else:
            finish = Finish(place, error=CircuitOpenError("open"))
        finished.append(finish)
        gone = race.finish(finish)
        if gone is not None:
            dropped.append(gone)
    assert race.over
    best = race.take()
    assert {id(one) for one in finished} == {id(one) for one in [*dropped, best]}
    assert len(finished) == len(dropped) + 1
    answers = [one for one in finished if one.value == 200]
    if answers:
        assert answers[0] is best
    elif best.refused:
        assert all(one.refused for one in finished)

# GENERATED from _async/test_hedge.py by tools/unasync.py. Do not edit.
"""Requests that are sent again while the first is unanswered; the first answer counts."""

from __future__ import annotations

import pytest

from antiphon._sync.client import Client
from antiphon.errors import (
    BadGatewayError,
    DeadlineExceeded,
    RequestCancelled,
    ServiceUnavailableError,
)
from antiphon.models.cancel import CancelToken
from antiphon.models.timeout import Timeout
from antiphon.policies.hedge import Hedge
from antiphon.policies.retry import Retry
from antiphon.testing import FakeClock
from tests._sync.hedged_calls import hedged, open_connections, sent
from tests.thread_group import Group, until
from tests.app import answer
from tests.turns import Turns


def test_a_slow_first_answer() -> None:
    """After the delay a copy goes out, its answer counts, and the first request is cancelled."""
    with Turns(0) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2)]) as client:
            with Group() as group:
                call = group.start(client.get, turns.url)
                sent(turns, 1)
                time.advance(0.19)
                assert 1 == len(turns.requests)
                time.advance(0.01)
            response = call.result
            assert "answer 1" == response.text  # type: ignore[attr-defined]
            assert [(1, 1)] == list(map(hedged, response.attempts))  # type: ignore[attr-defined]
            assert "by copy 1 of 1" in repr(response.attempts[0])  # type: ignore[attr-defined]
            # The loser's connection is closed, the winner's goes on to serve.
            assert 1 == open_connections(client)
            assert 0 == time.waiting
            assert "answer 2" == (client.get(turns.url)).text
            assert [1, 2, 2] == [request.connection for request in turns.requests]


def test_the_first_answers_after_all() -> None:
    """The first request may still win; then its copy is cancelled."""
    with Turns(0, 1) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2)]) as client:
            with Group() as group:
                call = group.start(client.get, turns.url)
                sent(turns, 1)
                time.advance(0.2)
                sent(turns, 2)
                turns.let_go(0)
            response = call.result
            assert "answer 0" == response.text  # type: ignore[attr-defined]
            assert [(1, 0)] == list(map(hedged, response.attempts))  # type: ignore[attr-defined]
            assert 1 == open_connections(client)
            assert 0 == time.waiting


def test_a_fast_answer_is_not_copied() -> None:
    """An answer within the delay leaves nothing behind, and no copy is ever sent."""
    with Turns() as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2)]) as client:
            response = client.get(turns.url)
            assert 0 == time.waiting
            time.advance(1)
            assert [(0, 0)] == list(map(hedged, response.attempts))
            assert "copy" not in repr(response.attempts[0])
    assert 1 == len(turns.requests)


def test_a_first_that_fails_fast() -> None:
    """A failure before the delay is the outcome: trying again is for `Retry`."""
    with Turns(answers={0: answer(503, "down")}) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2)], retry=None) as client:
            with pytest.raises(ServiceUnavailableError) as failed:
                client.get(turns.url)
            assert 0 == time.waiting
    assert 1 == len(turns.requests)
    assert [(0, 0)] == list(map(hedged, failed.value.attempts))


@pytest.mark.parametrize("failure", [answer(503, "down"), b""])
def test_a_failure_waits_for_the_copy(failure: bytes) -> None:
    """If the first fails while its copy runs, with a status or without, the copy is waited for."""
    with Turns(0, 1, answers={0: failure}) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2)], retry=None) as client:
            with Group() as group:
                call = group.start(client.get, turns.url)
                sent(turns, 1)
                time.advance(0.2)
                sent(turns, 2)
                turns.let_go(0)
                turns.let_go(1)
            assert "answer 1" == call.result.text  # type: ignore[attr-defined]
            assert 0 == time.waiting


def test_both_fail() -> None:
    """If all fail, the error is that of the last one."""
    with Turns(0, 1, answers={0: answer(502), 1: answer(504)}) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2)], retry=None) as client:
            with Group() as group:
                call = group.start(client.get, turns.url)
                sent(turns, 1)
                time.advance(0.2)
                sent(turns, 2)
                turns.let_go(1)
                until(lambda: 1 == client._core.transport.pool._plan.idle_count)  # type: ignore[attr-defined]
                turns.let_go(0)
            assert isinstance(call.error, BadGatewayError)
            assert [(1, 0)] == list(map(hedged, call.error.attempts))
            assert 2 == open_connections(client)


def test_both_break() -> None:
    """Connections that break are failures as others are; the last error is raised."""
    with Turns(0, 1, answers={0: b"", 1: b""}) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2)], retry=None) as client:
            with Group() as group:
                call = group.start(client.get, turns.url)
                sent(turns, 1)
                time.advance(0.2)
                sent(turns, 2)
                turns.let_go(0)
                turns.let_go(1)
            assert call.error is not None
            assert not isinstance(call.error, RequestCancelled)
            assert 0 == open_connections(client)


def test_one_attempt_for_retry() -> None:
    """A request and its copies are one attempt: `Retry` begins after the last of them."""
    with Turns(0, 1, answers={0: answer(502), 1: answer(504)}) as turns, FakeClock() as time:
        retry = Retry(2, base_delay=0)
        with Client(policies=[Hedge(0.2)], retry=retry) as client:
            with Group() as group:
                call = group.start(client.get, turns.url)
                sent(turns, 1)
                time.advance(0.2)
                sent(turns, 2)
                turns.let_go(0)
                until(lambda: 1 == client._core.transport.pool._plan.idle_count)  # type: ignore[attr-defined]
                turns.let_go(1)
            response = call.result
            assert "answer 2" == response.text  # type: ignore[attr-defined]
            found = [(one.status, hedged(one)) for one in response.attempts]  # type: ignore[attr-defined]
            assert [(504, (1, 1)), (200, (0, 0))] == found


def test_several_copies() -> None:
    """With `max_copies` more are sent, each one delay after the one before."""
    with Turns(0, 1, 2) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2, max_copies=3)]) as client:
            with Group() as group:
                call = group.start(client.get, turns.url)
                for count in (1, 2, 3):
                    sent(turns, count)
                    # Each waits for its answer, and one alarm for the time of the next copy.
                    until(lambda waiting=count + 1: waiting == time.waiting)  # type: ignore[misc]
                    time.advance(0.2)
            assert "answer 3" == call.result.text  # type: ignore[attr-defined]
            assert [(3, 3)] == list(map(hedged, call.result.attempts))  # type: ignore[attr-defined]
            assert 4 == len(turns.requests)
            assert 1 == open_connections(client)


def test_cancelled() -> None:
    """The caller's token ends the request and its copy."""
    token = CancelToken()
    with Turns(0, 1) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2)]) as client:
            with Group() as group:
                call = group.start(lambda: client.get(turns.url, cancel=token))
                sent(turns, 1)
                time.advance(0.2)
                sent(turns, 2)
                token.cancel("enough")
            assert isinstance(call.error, RequestCancelled)
            assert "enough" in str(call.error)
            assert 0 == open_connections(client)
            assert 0 == time.waiting


def test_cancelled_before_the_copy() -> None:
    """No copy of a cancelled request is sent."""
    token = CancelToken()
    with Turns(0) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2)]) as client:
            with Group() as group:
                call = group.start(lambda: client.get(turns.url, cancel=token))
                sent(turns, 1)
                token.cancel("enough")
            assert isinstance(call.error, RequestCancelled)
            time.advance(0.2)
    assert 1 == len(turns.requests)


def test_the_deadline() -> None:
    """The deadline of the call ends all of them."""
    with Turns(0, 1) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2)], timeout=Timeout(total=1)) as client:
            with Group() as group:
                call = group.start(client.get, turns.url)
                sent(turns, 1)
                time.advance(0.2)
                sent(turns, 2)
                time.advance(0.8)
            assert isinstance(call.error, DeadlineExceeded)
            assert 0 == open_connections(client)
            assert 0 == time.waiting

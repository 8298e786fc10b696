"""The pool's decisions: who gets which connection, what is closed, and for which reason."""

from __future__ import annotations

import pytest

from antiphon.models.limits import Limits
from antiphon.models.origin import Origin
from antiphon.policies.pool_plan import PoolPlan, Waiter

A = Origin("http", "a.test", 80)
B = Origin("http", "b.test", 80)


class Connection:
    """As much of a connection as the plan knows."""

    def __init__(self, origin: Origin, name: str = "") -> None:
        self.origin = origin
        self.idle_since = 0.0
        self.name = name

    def __repr__(self) -> str:
        return self.name


Plan = PoolPlan[Connection]


def plan_of(**limits: object) -> Plan:
    return PoolPlan(Limits(**limits))  # type: ignore[arg-type]


def with_idle(plan: Plan, *names: str, at: float = 0.0) -> list[Connection]:
    """Open connections and put them down, a second after each other; "a1" goes to A."""
    connections = [Connection(A if name[0] == "a" else B, name) for name in names]
    for connection in connections:
        assert plan.take_permit(connection.origin)
    for second, connection in enumerate(connections):
        plan.put_idle(connection, at + second)
    return connections


def doomed(plan: Plan) -> list[str]:
    return [connection.name for connection, _ in plan.doomed]


def counts(plan: Plan) -> tuple[int, int, int]:
    return plan.open_count, plan.idle_count, plan.waiter_count


def test_an_empty_plan() -> None:
    """At first nothing is open, nothing idle and nobody waits."""
    plan = plan_of()

    assert (0, 0, 0) == counts(plan)
    assert plan.take_idle(A, 0.0) is None


def test_last_used_first() -> None:
    """Of several idle connections the one used last is taken: it is the likeliest to be alive."""
    plan = plan_of()
    with_idle(plan, "a1", "a2", "b1")

    assert ["a2", "a1", "None"] == [str(plan.take_idle(A, 3.0)) for _ in range(3)]
    assert (3, 1, 0) == counts(plan)


@pytest.mark.parametrize(
    ("limits", "origins", "permitted"),
    [
        ({}, [A, A, A, B], [True, True, True, True]),
        ({"max_connections": 2}, [A, B, A], [True, True, False]),
        ({"max_connections": None}, [A] * 200, [True] * 200),
        ({"max_connections_per_origin": 1}, [A, A, B, B], [True, False, True, False]),
        (
            {"max_connections": 2, "max_connections_per_origin": 1},
            [A, B, A, Origin("http", "c.test", 80)],
            [True, True, False, False],
        ),
    ],
)
def test_permits(limits: dict[str, int], origins: list[Origin], permitted: list[bool]) -> None:
    """Connections may be opened up to the total limit and the limit of their origin."""
    plan = plan_of(**limits)

    assert permitted == [plan.take_permit(origin) for origin in origins]
    assert sum(permitted) == plan.open_count


def test_origins_differ_by_scheme_and_port() -> None:
    """A connection to another scheme or port of the same host is another origin's."""
    plan = plan_of(max_connections_per_origin=1)
    with_idle(plan, "a1")

    assert plan.take_idle(Origin("https", "a.test", 80), 1.0) is None
    assert plan.take_idle(Origin("http", "a.test", 81), 1.0) is None
    assert plan.take_permit(Origin("http", "a.test", 81))


def test_the_longest_idle_makes_room() -> None:
    """At the total limit the connection that has been idle longest is closed for another origin."""
    plan = plan_of(max_connections=3)
    with_idle(plan, "a1", "b1", "a2")

    assert plan.take_permit(B)
    assert ["a1"] == doomed(plan)
    assert "made room" in plan.doomed[0][1]
    assert (3, 2, 0) == counts(plan)


def test_no_room_is_made_where_none_was_asked_for() -> None:
    """Without `make_room` nothing is closed, and nothing permitted at the limit."""
    plan = plan_of(max_connections=1)
    with_idle(plan, "a1")

    assert not plan.take_permit(B, make_room=False)
    assert [] == plan.doomed


def test_no_room_is_made_where_the_origin_is_at_its_limit() -> None:
    """An idle connection is not closed for an origin that may not open another anyway."""
    plan = plan_of(max_connections=2, max_connections_per_origin=1)
    with_idle(plan, "a1")
    assert plan.take_permit(B)

    assert not plan.take_permit(B)
    assert [] == plan.doomed


@pytest.mark.parametrize(("seconds", "kept"), [(9.9, True), (10.0, True), (10.1, False)])
def test_idle_timeout(seconds: float, kept: bool) -> None:
    """A connection is used again up to its idle time, and closed when it is asked for after it."""
    plan = plan_of(idle_timeout=10.0)
    with_idle(plan, "a1", at=100.0)

    connection = plan.take_idle(A, 100.0 + seconds)

    assert kept is (connection is not None)
    assert [] == doomed(plan) if kept else ["a1"] == doomed(plan)
    assert (int(kept), 0, 0) == counts(plan)


def test_all_that_were_idle_for_longer_expire_too() -> None:
    """If the connection used last is too old then so are the others of its origin, and all go."""
    plan = plan_of(idle_timeout=10.0)
    with_idle(plan, "a1", "a2", "b1")

    assert plan.take_idle(A, 11.5) is None
    assert ["a1", "a2"] == doomed(plan)
    assert {"it was idle for longer than idle_timeout"} == {reason for _, reason in plan.doomed}
    assert (1, 1, 0) == counts(plan)


def test_no_idle_timeout() -> None:
    """Without an idle time a connection is kept for as long as it takes."""
    plan = plan_of(idle_timeout=None)
    with_idle(plan, "a1", "b1")

    assert plan.take_idle(A, 1e9) is not None
    plan.put_idle(Connection(A, "a1"), 1e9)
    assert [] == plan.doomed


def test_connections_that_nobody_asks_for_expire() -> None:
    """Idle connections to other origins are noticed while connections are put down, and closed."""
    plan = plan_of(idle_timeout=10.0)
    with_idle(plan, "b1", "a1")
    for second in range(2, 30):
        connection = plan.take_idle(A, second)
        assert connection is not None
        plan.put_idle(connection, second)

    assert ["b1"] == doomed(plan)
    assert (1, 1, 0) == counts(plan)


@pytest.mark.parametrize(
    ("limit", "gone"),
    [(None, []), (3, []), (2, ["a1"]), (1, ["a1", "b1"]), (0, ["a1", "b1", "a2"])],
)
def test_trim(limit: int | None, gone: list[str]) -> None:
    """No more stay idle than the limit says; the longest idle go first."""
    plan = plan_of(max_idle_connections=limit)
    with_idle(plan, "a1", "b1", "a2")

    plan.trim()

    assert gone == doomed(plan)
    assert 3 - len(gone) == plan.open_count == plan.idle_count
    assert all("max_idle_connections" in reason for _, reason in plan.doomed)


def test_doom_idle() -> None:
    """Every idle connection can be closed at once, for a reason; those in use are not touched."""
    plan = plan_of()
    with_idle(plan, "a1", "b1", "a2")
    assert plan.take_idle(A, 3.0) is not None

    plan.doom_idle("the client was closed")

    assert {"a1", "b1"} == set(doomed(plan))
    assert {"the client was closed"} == {reason for _, reason in plan.doomed}
    assert (1, 0, 0) == counts(plan)
    assert [] == list(plan.idle())


def test_a_dropped_place_is_free() -> None:
    """A closed connection counts no more, at its origin and in all."""
    plan = plan_of(max_connections=1, max_connections_per_origin=1)
    assert plan.take_permit(A)
    assert not plan.take_permit(A)
    plan.drop(A)

    assert plan.take_permit(A)
    assert 1 == plan.open_count


# --- waiting -------------------------------------------------------------------------------------


def queue(plan: Plan, *origins: Origin) -> list[Waiter[Connection]]:
    waiters: list[Waiter[Connection]] = [Waiter(origin) for origin in origins]
    for waiter in waiters:
        plan.join(waiter)
    return waiters


def test_waiters_are_served_in_order() -> None:
    """What becomes free goes to who has waited longest."""
    plan = plan_of(max_connections=1)
    assert plan.take_permit(A)
    first, second = queue(plan, A, A)
    assert [] == plan.serve_waiters(0.0)
    connection = Connection(A)
    plan.put_idle(connection, 0.0)

    assert [first] == plan.serve_waiters(0.0)
    assert (True, connection) == (first.granted, first.connection)
    assert not second.granted
    assert [second] == list(plan.waiters())


def test_a_waiter_may_open_what_another_closed() -> None:
    """A place that is free without a connection is a permit: granted, and no connection."""
    plan = plan_of(max_connections=1)
    assert plan.take_permit(A)
    (waiter,) = queue(plan, B)
    plan.drop(A)

    assert [waiter] == plan.serve_waiters(0.0)
    assert (True, None) == (waiter.granted, waiter.connection)
    assert (1, 0, 0) == counts(plan)


def test_an_idle_connection_to_another_origin_gives_way_to_a_waiter() -> None:
    """A waiter for another origin gets the place of a connection that was put down."""
    plan = plan_of(max_connections=1)
    assert plan.take_permit(A)
    (waiter,) = queue(plan, B)
    plan.put_idle(Connection(A, "a1"), 0.0)

    assert [waiter] == plan.serve_waiters(0.0)
    assert ["a1"] == doomed(plan)


def test_an_origin_at_its_limit_holds_up_nobody_else() -> None:
    """Behind a waiter whose origin is at its limit those of other origins are served."""
    plan = plan_of(max_connections=3, max_connections_per_origin=1)
    assert plan.take_permit(A)
    stuck, free = queue(plan, A, B)

    assert [free] == plan.serve_waiters(0.0)
    assert not stuck.granted


def test_several_are_served_at_once() -> None:
    """One change may serve many, each with what is right for it."""
    plan = plan_of(max_connections=3)
    for _ in range(3):
        assert plan.take_permit(A)
    waiters = queue(plan, A, B, A, B)
    for name in ("a1", "a2"):
        plan.put_idle(Connection(A, name), 0.0)
    plan.drop(A)

    assert waiters[:3] == plan.serve_waiters(0.0)
    assert ["a2", "None", "a1"] == [str(waiter.connection) for waiter in waiters[:3]]
    assert (3, 0, 1) == counts(plan)


def test_leaving_the_queue() -> None:
    """Who leaves, from the middle too and twice, is not served; the others keep their order."""
    plan = plan_of(max_connections=1)
    assert plan.take_permit(A)
    first, second, third = queue(plan, A, A, A)
    plan.leave(second)
    plan.leave(second)
    plan.leave(first)
    plan.drop(A)

    assert [third] == plan.serve_waiters(0.0)
    assert not first.granted
    assert not second.granted

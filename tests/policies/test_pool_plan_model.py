"""The pool's plan under any sequence of events, as the pool makes them: what always holds."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from antiphon.models.limits import Limits
from antiphon.models.origin import Origin
from antiphon.policies.pool_plan import PoolPlan, Waiter
from tests.policies.test_pool_plan import Connection

ORIGINS = [Origin("http", f"{letter}.test", 80) for letter in "abc"]
COUNTS = st.none() | st.integers(1, 4)


class PoolPlanMachine(RuleBasedStateMachine):
    """Callers come, get a connection or a permit or wait; connections are put down or closed."""

    @initialize(
        total=COUNTS,
        per_origin=COUNTS,
        idle=st.none() | st.integers(0, 3),
        timeout=st.none() | st.just(5.0),
    )
    def begin(
        self, total: int | None, per_origin: int | None, idle: int | None, timeout: float | None
    ) -> None:
        self.limits = Limits(
            max_connections=total,
            max_connections_per_origin=per_origin,
            max_idle_connections=idle,
            idle_timeout=timeout,
        )
        self.plan: PoolPlan[Connection] = PoolPlan(self.limits)
        self.now = 0.0
        self.used: list[Connection] = []
        self.permitted: list[Origin] = []
        self.queue: list[Waiter[Connection]] = []
        self.gone: set[Connection] = set()

    # What callers do. ----------------------------------------------------------------------------

    @rule(origin=st.sampled_from(ORIGINS))
    def come(self, origin: Origin) -> None:
        connection = self.plan.take_idle(origin, self.now)
        if connection is not None:
            self.used.append(connection)
        elif self.plan.take_permit(origin):
            self.permitted.append(origin)
        else:
            waiter: Waiter[Connection] = Waiter(origin)
            self.plan.join(waiter)
            self.queue.append(waiter)

    @precondition(lambda self: self.permitted)
    @rule(data=st.data())
    def open(self, data: st.DataObject) -> None:
        origin = self.permitted.pop(data.draw(st.integers(0, len(self.permitted) - 1)))
        self.used.append(Connection(origin))

    @precondition(lambda self: self.permitted)
    @rule(data=st.data())
    def fail_to_open(self, data: st.DataObject) -> None:
        self.plan.drop(self.permitted.pop(data.draw(st.integers(0, len(self.permitted) - 1))))
        self.serve()

    @precondition(lambda self: self.used)
    @rule(data=st.data(), keep=st.booleans())
    def finish(self, data: st.DataObject, keep: bool) -> None:
        connection = self.used.pop(data.draw(st.integers(0, len(self.used) - 1)))
        if keep:
            self.plan.put_idle(connection, self.now)
        else:
            self.gone.add(connection)
            self.plan.drop(connection.origin)
        self.serve()
        self.plan.trim()

    @precondition(lambda self: self.queue)
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        waiter = self.queue.pop(data.draw(st.integers(0, len(self.queue) - 1)))
        self.plan.leave(waiter)
        self.serve()

    @rule(seconds=st.floats(0.0, 6.0))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    def serve(self) -> None:
        """Let the plan serve who waits, and check that it was fair."""
        before = list(self.queue)
        served = self.plan.serve_waiters(self.now)
        assert served == [waiter for waiter in before if waiter in served]
        self.queue = [waiter for waiter in before if waiter not in served]
        for waiter in served:
            assert waiter.granted
            if waiter.connection is None:
                self.permitted.append(waiter.origin)
            else:
                assert waiter.origin == waiter.connection.origin
                self.used.append(waiter.connection)
            # First come, first served: whoever was passed over has an origin at its own limit.
            for passed_over in before[: before.index(waiter)]:
                if passed_over in self.queue:
                    assert waiter.origin != passed_over.origin
                    assert self.limits.max_connections_per_origin == self.open_to(
                        passed_over.origin
                    )

    # What always holds. --------------------------------------------------------------------------

    @invariant()
    def limits_are_kept(self) -> None:
        """Never more open, in all and to one origin, than the limits say."""
        total, per_origin = self.limits.max_connections, self.limits.max_connections_per_origin
        assert total is None or self.plan.open_count <= total
        for origin in ORIGINS:
            assert per_origin is None or self.open_to(origin) <= per_origin

    @invariant()
    def counts_add_up(self) -> None:
        """What is open is idle, in use or being made; what the plan counts is there."""
        idle = list(self.plan.idle())
        assert len(idle) == self.plan.idle_count
        assert len(idle) + len(self.used) + len(self.permitted) == self.plan.open_count
        assert len(self.queue) == self.plan.waiter_count
        assert self.queue == list(self.plan.waiters())

    @invariant()
    def nobody_waits_who_could_be_served(self) -> None:
        """A waiter finds no idle connection of its origin, and no place to open one in."""
        total, per_origin = self.limits.max_connections, self.limits.max_connections_per_origin
        for waiter in self.queue:
            assert waiter.origin not in {connection.origin for connection in self.plan.idle()}
            at_own_limit = per_origin is not None and self.open_to(waiter.origin) >= per_origin
            full = total is not None and self.plan.open_count >= total
            assert at_own_limit or (full and not self.plan.idle_count)

    @invariant()
    def what_is_doomed_is_gone(self) -> None:
        """A connection that is to be closed is doomed once, and never handed out again."""
        doomed = [connection for connection, reason in self.plan.doomed if reason]
        self.plan.doomed.clear()
        assert len(set(doomed)) == len(doomed)
        assert self.gone.isdisjoint(doomed)
        self.gone.update(doomed)
        assert self.gone.isdisjoint(self.plan.idle())
        assert self.gone.isdisjoint(self.used)

    @invariant()
    def not_too_many_are_idle(self) -> None:
        """No more are idle than the limit says."""
        limit = self.limits.max_idle_connections
        assert limit is None or self.plan.idle_count <= limit

    def open_to(self, origin: Origin) -> int:
        return sum(
            connection.origin == origin for connection in (*self.plan.idle(), *self.used)
        ) + self.permitted.count(origin)


PoolPlanMachine.TestCase.settings = settings(
    max_examples=150, stateful_step_count=40, deadline=None
)
TestPoolPlan = PoolPlanMachine.TestCase

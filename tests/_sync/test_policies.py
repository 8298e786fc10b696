# GENERATED from _async/test_policies.py by tools/unasync.py. Do not edit.
"""Policies and transports of one's own in the pipeline."""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator

import pytest

from antiphon._sync.client import Client
from antiphon._sync.pipeline import Next
from antiphon._sync.stream import ResponseStream
from antiphon.errors import (
    AntiphonError,
    InvalidOptionError,
    NotFoundError,
    PolicyError,
    ServiceUnavailableError,
)
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.timeout import Timeout
from antiphon.models.transport_options import DEFAULT, TransportOptions
from antiphon.policies.call_context import CallContext
from antiphon.policies.retry import Retry
from antiphon.policies.stages import STAGES
from tests._sync.memory_transport import Answering

URL = "http://example.com/"


class Recording:
    """Writes down when it is entered and left."""

    def __init__(self, log: list[str], stage: str) -> None:
        self.log = log
        self.stage = stage

    def __call__(
        self, request: Request, call: CallContext, next: Next
    ) -> ResponseStream:
        self.log.append(self.stage)
        stream = next(request)
        self.log.append(f"{self.stage} {stream.status} loaded={stream.is_loaded}")
        return stream


def test_policies_stand_in_the_order_of_their_stages() -> None:
    """However they are listed, policies run from operation to wire; a stage keeps list order."""
    log: list[str] = []
    policies = [Recording(log, stage) for stage in (*reversed(STAGES), "attempt")]
    with Client(transport=Answering(), policies=policies) as client:
        client.get(URL)

    entered = [line for line in log if " " not in line]
    assert [*STAGES[:-1], "attempt", "wire"] == entered
    assert "wire 200 loaded=False" == log[len(entered)]
    assert ["attempt 200 loaded=True"] * 2 == log[len(entered) + 1 : len(entered) + 3]


def test_what_each_stage_sees() -> None:
    """operation sees a call, redirect and retry stand around hops and attempts."""
    log: list[str] = []
    policies = [Recording(log, stage) for stage in STAGES]
    transport = Answering(503, 302, 503, 200, headers=Headers({"Location": "/next"}))
    with Client(
        transport=transport, policies=policies, retry=Retry(base_delay=0)
    ) as client:
        client.get(URL)

    entered = [line for line in log if " " not in line]
    counts = {stage: entered.count(stage) for stage in STAGES}
    assert {
        "operation": 1,
        "redirect": 2,
        "cookies": 2,
        "auth": 2,
        "cache": 2,
        "retry": 4,
        "attempt": 4,
        "wire": 4,
    } == counts


def test_a_policy_changes_request_and_answer() -> None:
    """What a policy passes on is what is sent, what it returns is what the caller gets."""

    class Changing:
        def __call__(
            self, request: Request, call: CallContext, next: Next
        ) -> ResponseStream:
            next(request.with_header("X-A", str(call.attempt)))
            return ResponseStream.of_bytes(request, 204)

    transport = Answering()
    with Client(transport=transport, policies=[Changing()]) as client:
        response = client.get(URL)

    assert ("1", 204, b"") == (
        transport.requests[0].headers["x-a"],
        response.status,
        response.content,
    )


def test_a_function_is_a_policy() -> None:
    """A plain function of the voice is a policy of the attempt stage."""

    def twice(request: Request, call: CallContext, next: Next) -> ResponseStream:
        next(request)
        return next(request)

    transport = Answering(200, 201)
    with Client(transport=transport, policies=[twice]) as client:
        response = client.get(URL)

    assert (201, 2) == (response.status, len(transport.requests))


def test_what_a_policy_drops_is_closed() -> None:
    """Answers that a policy does not return are closed, after an error of its own too."""

    class Failing:
        stage = "wire"

        def __call__(
            self, request: Request, call: CallContext, next: Next
        ) -> ResponseStream:
            next(request)
            raise KeyError("mine")

    transport = Answering()
    with Client(transport=transport, policies=[Failing()]) as client:
        with pytest.raises(KeyError):
            with client.stream("GET", URL):
                pass

    assert "closed" in repr(transport.streams[0])


def test_a_policy_that_returns_nothing() -> None:
    """Forgetting to return the answer is told by name."""

    class Forgetful:
        def __call__(self, request: Request, call: CallContext, next: Next) -> None:
            next(request)

    with Client(transport=Answering(), policies=[Forgetful()]) as client:
        with pytest.raises(AntiphonError, match="Forgetful.* returned NoneType"):
            client.get(URL)


def test_an_error_of_ones_own_is_completed() -> None:
    """An antiphon error that a policy raises is given the request and the attempts."""

    class Refusing:
        stage = "operation"

        def __call__(
            self, request: Request, call: CallContext, next: Next
        ) -> ResponseStream:
            next(request)
            raise PolicyError("not today")

    with Client(transport=Answering(), policies=[Refusing()]) as client:
        with pytest.raises(PolicyError, match="not today") as caught:
            client.get(URL)

    assert caught.value.request is not None
    assert (URL, [200]) == (
        caught.value.request.url.text,
        [attempt.status for attempt in caught.value.attempts],
    )


def test_leaving_https_is_noted() -> None:
    """A redirect from https to http is followed, and an error after it says so."""
    transport = Answering(302, 404, headers=Headers({"Location": "http://example.com/x?key=1"}))
    with Client(transport=transport) as client:
        with pytest.raises(NotFoundError) as caught:
            client.get("https://example.com/")

    (note,) = caught.value.__notes__
    assert note.startswith("redirected from https to http: https://example.com/ -> http://")
    assert "key=1" not in note


def test_policies_share_data_on_the_call() -> None:
    """`call` has an id, options, what is left of the deadline, and room for policies."""
    seen: list[object] = []

    def writing(
        request: Request, call: CallContext
    ) -> Generator[Request, ResponseStream, None]:
        call.data["k"] = "v"
        seen.extend([repr(call), call.remaining(call.started), call.stream])
        yield request
        seen.append(call.data["k"])

    with Client(
        transport=Answering(), policies=[writing], timeout=Timeout(total=5)
    ) as client:
        client.get(URL)
        with client.stream("GET", URL):
            pass

    first, second = seen[:4], seen[4:]
    assert ([5.0, False, "v"], [5.0, True, "v"]) == (first[1:], second[1:])
    assert first[0] != second[0]
    assert "attempt 1" in str(first[0])


def test_notes_of_policies_reach_the_error() -> None:
    """What a policy notes on the call is said by the error that the call raises."""

    class Noting:
        def __call__(
            self, request: Request, call: CallContext, next: Next
        ) -> ResponseStream:
            call.add_note("seen by Noting")
            return next(request)

    with Client(transport=Answering(404), policies=[Noting()]) as client:
        with pytest.raises(NotFoundError) as caught:
            client.get(URL)

    assert ["seen by Noting"] == caught.value.__notes__


class WrongStage:
    stage = "first"

    def __call__(
        self, request: Request, call: CallContext, next: Next
    ) -> ResponseStream:
        return next(request)


class TakesTwo:
    def __call__(self, request: Request, call: CallContext) -> None: ...


@pytest.mark.parametrize(
    ("policy", "named"),
    [
        (WrongStage(), "stages are operation, redirect"),
        (Recording, "is a class"),
        (object(), "cannot be called"),
        (TakesTwo(), "takes 2 arguments"),
    ],
)
def test_policies_that_cannot_work(policy: object, named: str) -> None:
    """What is no policy is refused when the client is made."""
    with pytest.raises(InvalidOptionError, match=named):
        Client(policies=[policy])


class NoOptions:
    def execute(self, request: Request) -> ResponseStream:
        return ResponseStream.of_bytes(request, 200)


def test_a_transport_takes_options() -> None:
    """A transport whose `execute` takes no options is refused, saying why they are needed."""
    with pytest.raises(InvalidOptionError, match="takes no options.*cancellation"):
        Client(transport=NoOptions())


def test_a_transport_is_closed_with_its_client() -> None:
    """`close` of the transport is called once; a transport without one does as well."""

    class Bare:
        def execute(
            self, request: Request, options: TransportOptions = DEFAULT
        ) -> ResponseStream:
            return ResponseStream.of_bytes(request, 200)

    transport = Answering()
    with Client(transport=transport) as client:
        client.get(URL)
    client.close()
    with Client(transport=Bare()) as client:
        assert 200 == (client.get(URL)).status
        with pytest.raises(InvalidOptionError, match="no warm_up"):
            client.warm_up([URL])

    assert 1 == transport.closed


def test_a_partial_is_a_policy() -> None:
    """Policies made with functools.partial and functools.wraps are told by what they wrap."""

    def tagged(
        tag: str, request: Request, call: CallContext, next: Next
    ) -> ResponseStream:
        return next(request.with_header("X-Tag", tag))

    def decorated(function: Callable[..., object]) -> Callable[..., object]:
        @functools.wraps(function)
        def inner(*arguments: object) -> object:
            return function(*arguments)

        return inner

    def plain(request: Request, call: CallContext, next: Next) -> ResponseStream:
        return next(request)

    transport = Answering()
    policies = [functools.partial(tagged, "t"), decorated(plain)]
    with Client(transport=transport, policies=policies) as client:
        client.get(URL)

    assert "t" == transport.requests[0].headers["x-tag"]


def test_streams_of_retried_answers_are_closed() -> None:
    """An answer that is dropped for another attempt is closed."""
    transport = Answering(503, 503, 503)
    with Client(transport=transport, retry=Retry(base_delay=0)) as client:
        with pytest.raises(ServiceUnavailableError):
            with client.stream("GET", URL):
                pass

    assert ["closed", "closed", "loaded"] == [repr(s)[-7:-1] for s in transport.streams]

# Source of _sync/test_policies.py; after editing run: tox -e codegen
"""Policies and transports of one's own in the pipeline."""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator

import pytest

from antiphon._async.client import AsyncClient
from antiphon._async.pipeline import AsyncNext
from antiphon._async.stream import AsyncResponseStream
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
from tests._async.memory_transport import Answering

URL = "http://example.com/"


class Recording:
    """Writes down when it is entered and left."""

    def __init__(self, log: list[str], stage: str) -> None:
        self.log = log
        self.stage = stage

    async def __call__(
        self, request: Request, call: CallContext, next: AsyncNext
    ) -> AsyncResponseStream:
        self.log.append(self.stage)
        stream = await next(request)
        self.log.append(f"{self.stage} {stream.status} loaded={stream.is_loaded}")
        return stream


async def test_policies_stand_in_the_order_of_their_stages() -> None:
    """However they are listed, policies run from operation to wire; a stage keeps list order."""
    log: list[str] = []
    policies = [Recording(log, stage) for stage in (*reversed(STAGES), "attempt")]
    async with AsyncClient(transport=Answering(), policies=policies) as client:
        await client.get(URL)

    entered = [line for line in log if " " not in line]
    assert [*STAGES[:-1], "attempt", "wire"] == entered
    assert "wire 200 loaded=False" == log[len(entered)]
    assert ["attempt 200 loaded=True"] * 2 == log[len(entered) + 1 : len(entered) + 3]


async def test_what_each_stage_sees() -> None:
    """operation sees a call, redirect and retry stand around hops and attempts."""
    log: list[str] = []
    policies = [Recording(log, stage) for stage in STAGES]
    transport = Answering(503, 302, 503, 200, headers=Headers({"Location": "/next"}))
    async with AsyncClient(
        transport=transport, policies=policies, retry=Retry(base_delay=0)
    ) as client:
        await client.get(URL)

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


async def test_a_policy_changes_request_and_answer() -> None:
    """What a policy passes on is what is sent, what it returns is what the caller gets."""

    class Changing:
        async def __call__(
            self, request: Request, call: CallContext, next: AsyncNext
        ) -> AsyncResponseStream:
            await next(request.with_header("X-A", str(call.attempt)))
            return AsyncResponseStream.of_bytes(request, 204)

    transport = Answering()
    async with AsyncClient(transport=transport, policies=[Changing()]) as client:
        response = await client.get(URL)

    assert ("1", 204, b"") == (
        transport.requests[0].headers["x-a"],
        response.status,
        response.content,
    )


async def test_a_function_is_a_policy() -> None:
    """A plain function of the voice is a policy of the attempt stage."""

    async def twice(request: Request, call: CallContext, next: AsyncNext) -> AsyncResponseStream:
        await next(request)
        return await next(request)

    transport = Answering(200, 201)
    async with AsyncClient(transport=transport, policies=[twice]) as client:
        response = await client.get(URL)

    assert (201, 2) == (response.status, len(transport.requests))


async def test_what_a_policy_drops_is_closed() -> None:
    """Answers that a policy does not return are closed, after an error of its own too."""

    class Failing:
        stage = "wire"

        async def __call__(
            self, request: Request, call: CallContext, next: AsyncNext
        ) -> AsyncResponseStream:
            await next(request)
            raise KeyError("mine")

    transport = Answering()
    async with AsyncClient(transport=transport, policies=[Failing()]) as client:
        with pytest.raises(KeyError):
            async with client.stream("GET", URL):
                pass

    assert "closed" in repr(transport.streams[0])


async def test_a_policy_that_returns_nothing() -> None:
    """Forgetting to return the answer is told by name."""

    class Forgetful:
        async def __call__(self, request: Request, call: CallContext, next: AsyncNext) -> None:
            await next(request)

    async with AsyncClient(transport=Answering(), policies=[Forgetful()]) as client:
        with pytest.raises(AntiphonError, match="Forgetful.* returned NoneType"):
            await client.get(URL)


async def test_an_error_of_ones_own_is_completed() -> None:
    """An antiphon error that a policy raises is given the request and the attempts."""

    class Refusing:
        stage = "operation"

        async def __call__(
            self, request: Request, call: CallContext, next: AsyncNext
        ) -> AsyncResponseStream:
            await next(request)
            raise PolicyError("not today")

    async with AsyncClient(transport=Answering(), policies=[Refusing()]) as client:
        with pytest.raises(PolicyError, match="not today") as caught:
            await client.get(URL)

    assert caught.value.request is not None
    assert (URL, [200]) == (
        caught.value.request.url.text,
        [attempt.status for attempt in caught.value.attempts],
    )


async def test_leaving_https_is_noted() -> None:
    """A redirect from https to http is followed, and an error after it says so."""
    transport = Answering(302, 404, headers=Headers({"Location": "http://example.com/x?key=1"}))
    async with AsyncClient(transport=transport) as client:
        with pytest.raises(NotFoundError) as caught:
            await client.get("https://example.com/")

    (note,) = caught.value.__notes__
    assert note.startswith("redirected from https to http: https://example.com/ -> http://")
    assert "key=1" not in note


async def test_policies_share_data_on_the_call() -> None:
    """`call` has an id, options, what is left of the deadline, and room for policies."""
    seen: list[object] = []

    def writing(
        request: Request, call: CallContext
    ) -> Generator[Request, AsyncResponseStream, None]:
        call.data["k"] = "v"
        seen.extend([repr(call), call.remaining(call.started), call.stream])
        yield request
        seen.append(call.data["k"])

    async with AsyncClient(
        transport=Answering(), policies=[writing], timeout=Timeout(total=5)
    ) as client:
        await client.get(URL)
        async with client.stream("GET", URL):
            pass

    first, second = seen[:4], seen[4:]
    assert ([5.0, False, "v"], [5.0, True, "v"]) == (first[1:], second[1:])
    assert first[0] != second[0]
    assert "attempt 1" in str(first[0])


async def test_notes_of_policies_reach_the_error() -> None:
    """What a policy notes on the call is said by the error that the call raises."""

    class Noting:
        async def __call__(
            self, request: Request, call: CallContext, next: AsyncNext
        ) -> AsyncResponseStream:
            call.add_note("seen by Noting")
            return await next(request)

    async with AsyncClient(transport=Answering(404), policies=[Noting()]) as client:
        with pytest.raises(NotFoundError) as caught:
            await client.get(URL)

    assert ["seen by Noting"] == caught.value.__notes__


class WrongStage:
    stage = "first"

    async def __call__(
        self, request: Request, call: CallContext, next: AsyncNext
    ) -> AsyncResponseStream:
        return await next(request)


class TakesTwo:
    async def __call__(self, request: Request, call: CallContext) -> None: ...


@pytest.mark.parametrize(
    ("policy", "named"),
    [
        (WrongStage(), "stages are operation, redirect"),
        (Recording, "is a class"),
        (object(), "cannot be called"),
        (TakesTwo(), "takes 2 arguments"),
    ],
)
async def test_policies_that_cannot_work(policy: object, named: str) -> None:
    """What is no policy is refused when the client is made."""
    with pytest.raises(InvalidOptionError, match=named):
        AsyncClient(policies=[policy])


class NoOptions:
    async def execute(self, request: Request) -> AsyncResponseStream:
        return AsyncResponseStream.of_bytes(request, 200)


async def test_a_transport_takes_options() -> None:
    """A transport whose `execute` takes no options is refused, saying why they are needed."""
    with pytest.raises(InvalidOptionError, match="takes no options.*cancellation"):
        AsyncClient(transport=NoOptions())


async def test_a_transport_is_closed_with_its_client() -> None:
    """`aclose` of the transport is called once; a transport without one does as well."""

    class Bare:
        async def execute(
            self, request: Request, options: TransportOptions = DEFAULT
        ) -> AsyncResponseStream:
            return AsyncResponseStream.of_bytes(request, 200)

    transport = Answering()
    async with AsyncClient(transport=transport) as client:
        await client.get(URL)
    await client.aclose()
    async with AsyncClient(transport=Bare()) as client:
        assert 200 == (await client.get(URL)).status
        with pytest.raises(InvalidOptionError, match="no warm_up"):
            await client.warm_up([URL])

    assert 1 == transport.closed


async def test_a_partial_is_a_policy() -> None:
    """Policies made with functools.partial and functools.wraps are told by what they wrap."""

    async def tagged(
        tag: str, request: Request, call: CallContext, next: AsyncNext
    ) -> AsyncResponseStream:
        return await next(request.with_header("X-Tag", tag))

    def decorated(function: Callable[..., object]) -> Callable[..., object]:
        @functools.wraps(function)
        def inner(*arguments: object) -> object:
            return function(*arguments)

        return inner

    async def plain(request: Request, call: CallContext, next: AsyncNext) -> AsyncResponseStream:
        return await next(request)

    transport = Answering()
    policies = [functools.partial(tagged, "t"), decorated(plain)]
    async with AsyncClient(transport=transport, policies=policies) as client:
        await client.get(URL)

    assert "t" == transport.requests[0].headers["x-tag"]


async def test_streams_of_retried_answers_are_closed() -> None:
    """An answer that is dropped for another attempt is closed."""
    transport = Answering(503, 503, 503)
    async with AsyncClient(transport=transport, retry=Retry(base_delay=0)) as client:
        with pytest.raises(ServiceUnavailableError):
            async with client.stream("GET", URL):
                pass

    assert ["closed", "closed", "loaded"] == [repr(s)[-7:-1] for s in transport.streams]

# Source of _sync/test_idempotency_key.py; after editing run: tox -e codegen
"""One key for each call, over all its attempts and redirects."""

from __future__ import annotations

import pytest

from antiphon._async.client import AsyncClient
from antiphon.errors import ConflictError, InvalidOptionError, ServiceUnavailableError
from antiphon.policies.idempotency_key import IdempotencyKey
from antiphon.policies.retry import Retry
from tests.app import App, Sequence, answer, redirect
from tests.loopback import LoopbackServer

BUSY = answer(503, "busy")
NOW = Retry(base_delay=0)


def keys(app: App, header: str = "idempotency-key") -> list[str | None]:
    return [request.headers.get(header) for request in app.requests]


async def test_one_key_for_all_attempts() -> None:
    """Each attempt of a POST has the same key, and may be made because of it."""
    app = App({"/": Sequence(BUSY, b"", answer())})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[IdempotencyKey()], retry=NOW) as client:
            response = await client.post(server.url, json=1)

    first, second, third = keys(app)
    assert first == second == third
    assert first is not None
    assert 36 == len(first)
    assert [503, None, 200] == [attempt.status for attempt in response.attempts]


async def test_each_call_has_a_key_of_its_own() -> None:
    """Two calls are two, even with the same request."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[IdempotencyKey()]) as client:
            request = client.build_request("POST", server.url, json=1)
            for _ in range(2):
                await client.send(request)
            await client.get(server.url)

    first, second, of_get = keys(app)
    assert first != second
    assert of_get is None


async def test_one_key_over_redirects() -> None:
    """A redirect that repeats the POST repeats its key, to another origin too."""
    there = App({"/there": Sequence(BUSY, answer())})
    with LoopbackServer(there) as other:
        here = App({"/": redirect(f"{other.url}/there", 307)})
        with LoopbackServer(here) as server:
            async with AsyncClient(policies=[IdempotencyKey()], retry=NOW) as client:
                await client.post(server.url, content=b"x")

    assert 1 == len({*keys(here), *keys(there)})
    assert ["POST", "POST"] == [request.method for request in there.requests]


@pytest.mark.parametrize("header", ["Idempotency-Key", "X-Token"])
async def test_a_get_after_a_post_has_no_key(header: str) -> None:
    """Where 303 turns the POST into a GET, the key stays behind with the body."""
    app = App({"/": redirect("/done", 303), "/done": answer()})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[IdempotencyKey(header=header)]) as client:
            await client.post(server.url, content=b"x")

    posted, after = keys(app, header.lower())
    assert posted is not None
    assert ("GET", None) == (app.last.method, after)


async def test_a_key_of_the_caller() -> None:
    """A header and a keyword of the call beat the client's policy."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[IdempotencyKey(header="X-Key")]) as client:
            await client.post(server.url, headers={"x-key": "mine"})
            await client.post(server.url, idempotency_key="this")
            await client.post(server.url, idempotency_key=False)
            await client.put(server.url, idempotency_key=True)

    mine, this, none, made = keys(app, "x-key")
    assert ("mine", "this", None) == (mine, this, none)
    assert made


async def test_one_call_without_the_policy() -> None:
    """A call can have a key where the client has no policy: one made, or one given."""
    app = App({"/": Sequence(BUSY, answer())})
    with LoopbackServer(app) as server:
        async with AsyncClient(retry=NOW) as client:
            await client.post(server.url, idempotency_key=True)
            await client.post(server.url, idempotency_key="mine")
            await client.post(server.url, idempotency_key=None)
            await client.post(server.url, idempotency_key=False)

    first, again, *others = keys(app)
    assert first
    assert [first, "mine", None, None] == [again, *others]


async def test_views_make_keys() -> None:
    """`with_options(idempotency_key=True)` has each call make one; a fixed one is refused."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        async with AsyncClient() as client:
            view = client.with_options(idempotency_key=True)
            for _ in range(2):
                await view.post(server.url)
            with pytest.raises(InvalidOptionError, match="a key is for one call"):
                client.with_options(idempotency_key="k")

    first, second = keys(app)
    assert None is not first != second


async def test_a_conflict_is_tried_again_with_a_key_only() -> None:
    """409 means that the first attempt is still running; without a key it is an answer."""
    app = App({"/": Sequence(answer(409), answer(200, "done"))})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[IdempotencyKey()], retry=NOW) as client:
            response = await client.post(server.url)
            app.routes["/"] = answer(409)
            with pytest.raises(ConflictError) as caught:
                await client.post(server.url, idempotency_key=False)

    assert [409, 200] == [attempt.status for attempt in response.attempts]
    assert [409] == [attempt.status for attempt in caught.value.attempts]


async def test_off_unless_asked_for() -> None:
    """Without the policy no key is sent, and a POST that may have been acted on is not repeated."""
    app = App({"/": BUSY})
    with LoopbackServer(app) as server:
        async with AsyncClient(retry=NOW) as client:
            with pytest.raises(ServiceUnavailableError, match="503"):
                await client.post(server.url)

    assert [None] == keys(app)


async def test_streams_have_keys_too() -> None:
    """A call whose answer is streamed is a call like any other."""
    app = App({"/": Sequence(BUSY, answer(200, "done"))})
    with LoopbackServer(app) as server:
        async with (
            AsyncClient(policies=[IdempotencyKey()], retry=NOW) as client,
            client.stream("POST", server.url, content=b"x") as stream,
        ):
            assert b"done" == await stream.read()

    first, second = keys(app)
    assert None is not first == second

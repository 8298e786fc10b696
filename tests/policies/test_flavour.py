"""Which voice a policy, a transport or a body speaks."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest

from antiphon.errors import InvalidOptionError, WrongFlavourError
from antiphon.models.body_builder import build_body
from antiphon.policies.flavour import (
    check_async_body,
    check_async_policy,
    check_async_transport,
    check_sync_body,
    check_sync_policy,
    check_sync_transport,
)


async def async_function(request, call, next): ...


def sync_function(request, call, next): ...


def flow(request, call):
    yield request


async def async_generator(request, call):
    yield request


class AsyncObject:
    async def __call__(self, request, call, next): ...
    async def execute(self, request, options): ...


class SyncObject:
    def __call__(self, request, call, next): ...
    def execute(self, request, options): ...


class FlowObject:
    def __call__(self, request, call):
        yield request


class Methods:
    async def run(self, request, call, next): ...
    def run_flow(self, request, call):
        yield request


@functools.wraps(async_function)
def wrapper(*arguments):
    return async_function(*arguments)


def tagged(tag, request, call, next): ...


ASYNC = [async_function, AsyncObject(), Methods().run, wrapper]
SYNC = [sync_function, SyncObject(), functools.partial(tagged, "t")]
FLOWS = [flow, FlowObject(), Methods().run_flow]


@pytest.mark.parametrize("policy", ASYNC)
def test_async_policies(policy: object) -> None:
    """An `async def` in any guise is a step of an AsyncClient, and refused by a Client."""
    assert "step" == check_async_policy(policy)
    with pytest.raises(WrongFlavourError, match="async function, which Client cannot drive"):
        check_sync_policy(policy)


@pytest.mark.parametrize("policy", SYNC)
def test_sync_policies(policy: object) -> None:
    """A plain function in any guise is a step of a Client, and refused by an AsyncClient."""
    assert "step" == check_sync_policy(policy)
    with pytest.raises(WrongFlavourError, match="plain function, which AsyncClient cannot drive"):
        check_async_policy(policy)


@pytest.mark.parametrize("policy", FLOWS)
def test_flows(policy: object) -> None:
    """A plain generator serves both voices."""
    assert ("flow", "flow") == (check_async_policy(policy), check_sync_policy(policy))


@pytest.mark.parametrize("check", [check_async_policy, check_sync_policy])
def test_async_generators_are_refused(check: object) -> None:
    """An async generator is a policy of neither voice; the message says what is."""
    with pytest.raises(WrongFlavourError, match="serves both voices"):
        check(async_generator)


def test_what_hides_its_code_is_believed() -> None:
    """A callable without Python code cannot be looked into, and is taken as it is."""
    assert "step" == check_async_policy(print)
    check_sync_transport(SimpleNamespace(execute=print))


def test_a_ring_of_wrappers_ends() -> None:
    """A wrapper that wraps itself does not hang the check."""

    def ring(request, call, next): ...

    ring.__wrapped__ = ring

    assert "step" == check_sync_policy(ring)


def test_transports() -> None:
    """A transport of the other voice is refused, and so is what is none."""
    check_async_transport(AsyncObject())
    check_sync_transport(SyncObject())
    with pytest.raises(WrongFlavourError, match=r"plain execute\(\), which AsyncClient"):
        check_async_transport(SyncObject())
    with pytest.raises(WrongFlavourError, match=r"async execute\(\), which Client"):
        check_sync_transport(AsyncObject())
    for wrong in (SyncObject, object(), None):
        with pytest.raises(InvalidOptionError, match="no transport"):
            check_sync_transport(wrong)


def test_bodies() -> None:
    """An async iterable is a body for an AsyncClient only."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"a"

    body = build_body(content=pieces())
    assert body is not None

    assert body is check_async_body(body)
    with pytest.raises(WrongFlavourError, match="use AsyncClient"):
        check_sync_body(body)


def test_clients_refuse_the_other_voice_at_once() -> None:
    """The refusal comes when the client is made or called, before anything is sent."""
    from antiphon._async.client import AsyncClient
    from antiphon._sync.client import Client

    async def pieces() -> AsyncIterator[bytes]:
        yield b"a"

    with pytest.raises(WrongFlavourError):
        Client(policies=[async_function])
    with pytest.raises(WrongFlavourError):
        AsyncClient(policies=[sync_function])
    with pytest.raises(WrongFlavourError):
        Client(transport=AsyncObject())
    with pytest.raises(WrongFlavourError):
        AsyncClient(transport=SyncObject())
    with Client() as client, pytest.raises(WrongFlavourError, match="async iterable"):
        client.post("http://127.0.0.1:1/", content=pieces())

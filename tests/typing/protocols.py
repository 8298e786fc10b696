"""What type checkers must make of the protocols around a client. Checked, never run."""

from __future__ import annotations

from collections.abc import Generator

from antiphon import (
    AsyncClient,
    AsyncHTTPClient,
    Cache,
    CacheStore,
    CallContext,
    Client,
    FlowPolicy,
    HTTPClient,
    InterceptorContext,
    MemoryStore,
    RedisStore,
    Request,
    Response,
    SQLiteStore,
    StoredResponse,
)
from antiphon.policies.auth import AuthResponse


def clients_fit(client: Client, other: AsyncClient) -> None:
    """A client is what its protocol asks for, and not what the other one asks for."""
    ours: HTTPClient = client
    theirs: AsyncHTTPClient = other
    print(ours, theirs)
    ours = other  # type: ignore[assignment]
    theirs = client  # type: ignore[assignment]


class Marked:
    """A policy of neither voice."""

    stage = "redirect"

    def __call__(
        self, request: Request, call: CallContext
    ) -> Generator[Request, AuthResponse, None]:
        response = yield request
        if response.status == 409:
            yield request.with_header("X-Attempt", str(call.attempt))


def flows_fit() -> None:
    """One flow is a policy of both clients."""
    flow: FlowPolicy = Marked()
    Client(policies=[flow])
    AsyncClient(policies=[flow])


class Plain:
    """An interceptor of either voice."""

    def intercept_response(self, context: InterceptorContext, response: Response) -> Response:
        return response


class Waiting:
    """An interceptor for `AsyncClient`, though its type alone does not say so."""

    async def intercept_request(self, context: InterceptorContext) -> InterceptorContext:
        return context.with_request(context.request.with_header("X-Waited", "yes"))

    async def intercept_error(
        self, context: InterceptorContext, error: Exception
    ) -> Response | None:
        return None


class Neither:
    """Intercepts nothing."""

    def intercept(self) -> None: ...


def interceptors_fit() -> None:
    """An object with one of the methods is a policy; one without is not."""
    Client(policies=[Plain()])
    AsyncClient(policies=[Plain(), Waiting()])
    Client(policies=[Neither()])  # type: ignore[list-item]


class Nowhere:
    """A store that forgets at once."""

    blocking = False

    def get(self, key: str) -> list[StoredResponse]:
        return []

    def put(self, key: str, stored: StoredResponse) -> None: ...

    def delete(self, key: str) -> None: ...


def stores_fit(sqlite: SQLiteStore, redis: RedisStore) -> None:
    """Our stores, and one of the user's own, are what a cache takes."""
    store: CacheStore = Nowhere()
    for each in (store, sqlite, redis, MemoryStore()):
        print(Cache(each))

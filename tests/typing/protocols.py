"""What type checkers must make of the protocols around a client. Checked, never run."""

from __future__ import annotations

from collections.abc import Generator

from antiphon import (
    AsyncClient,
    AsyncHTTPClient,
    CallContext,
    Client,
    FlowPolicy,
    HTTPClient,
    Request,
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

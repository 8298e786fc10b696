# Source of _sync/steps/transport.py; after editing run: tox -e codegen
"""The innermost step: hands the request to the transport."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon._async.stream import AsyncResponseStream
from antiphon.errors import WrongFlavourError

if TYPE_CHECKING:
    from antiphon._async.transport import AsyncTransport
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext


class AsyncTransportStep:
    """Calls `transport.execute` with what the call allows."""

    __slots__ = ("_execute",)

    def __init__(self, transport: AsyncTransport) -> None:
        self._execute = transport.execute

    async def handle(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return the open answer."""
        stream = await self._execute(request, call.transport_options)
        if stream.__class__ is AsyncResponseStream or isinstance(stream, AsyncResponseStream):
            return stream
        raise WrongFlavourError(
            f"the transport's execute() returned {type(stream).__name__}; it has to return an "
            "AsyncResponseStream"
        )

# GENERATED from _async/steps/transport.py by tools/unasync.py. Do not edit.
"""The innermost step: hands the request to the transport."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon._sync.stream import ResponseStream
from antiphon.errors import WrongFlavourError

if TYPE_CHECKING:
    from antiphon._sync.transport import Transport
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext


class TransportStep:
    """Calls `transport.execute` with what the call allows."""

    __slots__ = ("_execute",)

    def __init__(self, transport: Transport) -> None:
        self._execute = transport.execute

    def handle(self, request: Request, call: CallContext) -> ResponseStream:
        """Return the open answer."""
        stream = self._execute(request, call.transport_options)
        if stream.__class__ is ResponseStream or isinstance(stream, ResponseStream):
            return stream
        raise WrongFlavourError(
            f"the transport's execute() returned {type(stream).__name__}; it has to return an "
            "ResponseStream"
        )

"""Errands: what an auth of antiphon's asks for besides sending a request, for it does no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import attrs

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from antiphon.models.request import Request
    from antiphon.policies.waiting_line import WaitingLine


class Errand:
    """Something that a flow yields instead of a request; the step runs it and sends the result.

    The answer that the flow had before is closed, unless the errand `keeps_answer`.
    """

    __slots__ = ()

    keeps_answer: ClassVar[bool] = False


class Times(Errand):
    """Gives the present moment twice: on the monotonic clock, and in seconds since the epoch."""

    __slots__ = ()

    keeps_answer = True


@attrs.frozen
class Note(Errand):
    """Has `text` said by the error that the call raises, if it raises one."""

    keeps_answer: ClassVar[bool] = True

    text: str


@attrs.frozen
class Pause(Errand):
    """Waits so many seconds, which `request` cannot go on without; `what` says for what."""

    seconds: float
    request: Request
    what: str


@attrs.frozen(eq=False)
class Turn(Errand):
    """Waits for a place in `line` and gives a `Permit`; `what` says what `request` waits for."""

    line: WaitingLine
    request: Request
    what: str


@attrs.frozen(eq=False)
class Fetch(Errand):
    """Sends a request of the auth's own, which is no part of the call, and gives the `Response`.

    It passes the steps below this one: retries, breakers, timeouts, and the deadline of the call.
    A body longer than `max_bytes` is an error.
    """

    request: Request
    max_bytes: int


@attrs.frozen(eq=False, repr=False)
class Ask(Errand):
    """Calls a function of the user's, in the async voice an `async def` too; gives its result."""

    function: Callable[..., Any]
    arguments: tuple[object, ...] = ()


@attrs.frozen(eq=False, repr=False)
class MayAsk(Errand):
    """Refuses a function that a later `Ask` could not call in this voice, while nothing is sent."""

    function: Callable[..., Any]


@attrs.frozen
class ReadNetrc(Errand):
    """Gives the entries of a netrc file: (login, password) by host, "default" for all others."""

    path: str | os.PathLike[str] | None

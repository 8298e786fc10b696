"""The root of the tree: what every error carries, and how it is shown, copied and pickled."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs

if TYPE_CHECKING:
    from antiphon.models.attempt import Attempt
    from antiphon.models.headers import Headers
    from antiphon.models.request import Request
    from antiphon.models.response import Response

# repr() is what debuggers, test reports and crash collectors print: long enough to recognise the
# error, short enough for one line.
_REPR_MESSAGE_CHARACTERS = 300


# auto_exc is off because attrs would put every field into `args`, where crash collectors find them;
# `args` holds the message only.
@attrs.define(slots=False, eq=False, repr=False, auto_exc=False)
class AntiphonError(Exception):
    """Anything that antiphon raises; `str()` is the message.

    `code` is a stable snake_case word, unique to the class (a metric label). Two errors are equal
    only if they are the same object. Copies and pickles keep every field and the notes (PEP 678),
    and like those of builtin exceptions leave cause and traceback behind.
    """

    code: ClassVar[str] = "antiphon_error"

    message: str
    """What happened, to whom, and what to do next. Holds no secrets."""
    status: int | None = attrs.field(default=None, kw_only=True)
    """The status code of the response, if there was one."""
    request_id: str | None = attrs.field(default=None, kw_only=True)
    """The id that the server gave to this exchange, or else the one that a `RequestId` sent."""
    headers: Headers | None = attrs.field(default=None, kw_only=True)
    """The header fields of the response, if there was one."""
    request: Request | None = attrs.field(default=None, kw_only=True)
    """The request that failed, if one had been built."""
    response: Response | None = attrs.field(default=None, kw_only=True)
    """The response, if it was read."""
    attempts: tuple[Attempt, ...] = attrs.field(default=(), kw_only=True)
    """Every attempt of the call with its own error and timing, newest last."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        _show_under_package(cls)

    def __attrs_post_init__(self) -> None:
        self.args = (self.message,)

    def __str__(self) -> str:
        return self.message

    def __repr__(self) -> str:
        message = self.message
        if len(message) > _REPR_MESSAGE_CHARACTERS:
            message = message[:_REPR_MESSAGE_CHARACTERS] + "..."
        status = "" if self.status is None else f", status={self.status}"
        return f"{type(self).__name__}({message!r}{status})"

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle every field; secret headers and parameters are hidden, for pickles travel far."""
        state = dict(self.__dict__)
        for name in ("request", "response", "headers"):
            if state.get(name) is not None:
                state[name] = state[name].redacted()
        if state.get("attempts"):
            state["attempts"] = tuple(attempt.redacted() for attempt in state["attempts"])
        if "__notes__" in state:
            state["__notes__"] = list(state["__notes__"])
        # The fields travel as state, not as arguments: an error may be one of its own attempts, and
        # a subclass may have an __init__ of its own.
        return (_rebuild, (type(self), self.args), state)


def _rebuild(cls: type[AntiphonError], args: tuple[object, ...]) -> AntiphonError:
    """Make an error without running its `__init__`; pickle and copy fill in the fields."""
    error = cls.__new__(cls, *args)
    error.args = args
    return error


def _show_under_package(cls: type) -> None:
    """Let tracebacks and pickles say `antiphon.errors.X`, whichever file here defines X."""
    if cls.__module__.startswith("antiphon.errors."):
        cls.__module__ = "antiphon.errors"


_show_under_package(AntiphonError)

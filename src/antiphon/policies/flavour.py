"""Which voice a policy, a transport or a body speaks, told from its code object alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import CodeType
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from antiphon.errors import InvalidOptionError, WrongFlavourError

if TYPE_CHECKING:
    from antiphon.models.body import Body

PolicyKind = Literal["step", "flow"]
_Policy = TypeVar("_Policy")

# Flags of a code object, as `inspect` names them; importing it costs more than all of this.
_VARARGS = 0x04
_GENERATOR = 0x20
_COROUTINE = 0x80
_ASYNC_GENERATOR = 0x200

_SHAPES = {
    "async": "async def __call__(self, request, call, next)",
    "sync": "def __call__(self, request, call, next)",
    "flow": "def __call__(self, request, call) with `response = yield request` in it",
}


def check_async_policy(policy: object) -> PolicyKind:
    """Say how an `AsyncClient` drives `policy`: as a step of its voice, or as a flow of neither.

    Raises WrongFlavourError for a plain function, InvalidOptionError for what is no policy.
    """
    return _check_policy(policy, "async", "AsyncClient")


def check_sync_policy(policy: object) -> PolicyKind:
    """Say how a `Client` drives `policy`: as a step of its voice, or as a flow of neither.

    Raises WrongFlavourError for an `async def`, InvalidOptionError for what is no policy.
    """
    return _check_policy(policy, "sync", "Client")


def is_plain(function: object) -> bool:
    """Tell whether a call of `function` gives its result, and not something that has to be run."""
    code = code_of(function)
    return code is None or not code[0].co_flags & (_COROUTINE | _GENERATOR | _ASYNC_GENERATOR)


def checked_policies(policies: Iterable[_Policy]) -> list[_Policy]:
    """Return `policies` as a list. Raises InvalidOptionError for what cannot be several."""
    if isinstance(policies, str | Mapping) or not isinstance(policies, Iterable):
        raise InvalidOptionError(f"policies={policies!r}: give a list of them, [] for none")
    return list(policies)


def check_async_transport(transport: object) -> None:
    """Raise WrongFlavourError or InvalidOptionError if an AsyncClient cannot use `transport`."""
    _check_transport(transport, "async", "AsyncClient")


def check_sync_transport(transport: object) -> None:
    """Raise WrongFlavourError or InvalidOptionError if a Client cannot use `transport`."""
    _check_transport(transport, "sync", "Client")


def check_async_body(body: Body) -> Body:
    """Return `body`: an AsyncClient reads bodies of both voices."""
    return body


def check_sync_body(body: Body) -> Body:
    """Return `body`. Raises WrongFlavourError for an async iterable, which a Client cannot read."""
    if body.is_async:
        raise WrongFlavourError(
            "content= is an async iterable, which Client cannot read; "
            "give bytes, a file or an iterable, or use AsyncClient"
        )
    return body


def _check_policy(policy: object, wanted: Literal["async", "sync"], client: str) -> PolicyKind:
    shown = f"policies: {policy!r}"
    if hasattr(policy, "auth_flow") or hasattr(policy, "sign"):
        raise InvalidOptionError(f"{shown} is an auth; give it as auth=")
    if not callable(policy):
        raise InvalidOptionError(
            f"{shown} cannot be called; a policy has `{_SHAPES[wanted]}`, or `{_SHAPES['flow']}`"
        )
    code = code_of(policy)
    if code is None:  # written in C, or made by a tool that hides it: its first call will tell
        return "step"
    found, bound = code
    flags = found.co_flags
    if flags & _ASYNC_GENERATOR:
        raise WrongFlavourError(
            f"{shown} is an async generator; a policy has `{_SHAPES[wanted]}`, "
            f"or serves both voices as `{_SHAPES['flow']}`"
        )
    kind: PolicyKind = "flow" if flags & _GENERATOR else "step"
    if kind == "step" and bool(flags & _COROUTINE) != (wanted == "async"):
        voice = "async" if flags & _COROUTINE else "plain"
        raise WrongFlavourError(
            f"{shown} is a {voice} function, which {client} cannot drive; "
            f"it takes `{_SHAPES[wanted]}`, or `{_SHAPES['flow']}` in either voice"
        )
    expected = 3 if kind == "step" else 2
    if not flags & _VARARGS and found.co_argcount - bound != expected:
        raise InvalidOptionError(
            f"{shown} takes {found.co_argcount - bound} arguments; write "
            f"`{_SHAPES['flow' if kind == 'flow' else wanted]}`"
        )
    return kind


def _check_transport(transport: object, wanted: Literal["async", "sync"], client: str) -> None:
    shown = f"transport: {transport!r}"
    execute = getattr(transport, "execute", None)
    if isinstance(transport, type) or not callable(execute):
        prefix = "async " if wanted == "async" else ""
        raise InvalidOptionError(
            f"{shown} is no transport; a transport is an object with "
            f"`{prefix}def execute(self, request, options)`"
        )
    code = code_of(execute)
    if code is None:
        return
    found, bound = code
    flags = found.co_flags
    if bool(flags & _COROUTINE) != (wanted == "async"):
        voice = "async" if flags & _COROUTINE else "plain"
        raise WrongFlavourError(f"{shown} has a {voice} execute(), which {client} cannot call")
    if not flags & _VARARGS and found.co_argcount - bound < 2:
        raise InvalidOptionError(
            f"{shown} takes no options; write `execute(self, request, options)`: "
            "timeouts, the deadline and cancellation reach it that way"
        )


def code_of(function: Any) -> tuple[CodeType, int] | None:
    """Return the code that a call of `function` runs and how many arguments are bound already."""
    bound = 0
    for _ in range(20):  # wrappers around wrappers; more than this is a ring
        if hasattr(function, "__func__"):  # a method; it shows the code of its function too
            function, bound = function.__func__, bound + 1
        code = getattr(function, "__code__", None)
        if isinstance(code, CodeType):
            wrapped = getattr(function, "__wrapped__", None)
            if wrapped is None or code.co_flags & (_COROUTINE | _GENERATOR | _ASYNC_GENERATOR):
                return code, bound
            function = wrapped
        elif hasattr(function, "func"):  # functools.partial
            bound += len(getattr(function, "args", ()))
            function = function.func
        else:
            function, bound = type(function).__call__, bound + 1
            if not hasattr(function, "__code__"):
                return None
    return None

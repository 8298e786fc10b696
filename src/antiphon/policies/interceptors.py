"""Interceptors: what they are given, what they may return, and which voice they speak."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

import attrs

from antiphon.errors import InterceptorError, InvalidOptionError, WrongFlavourError
from antiphon.models.request import Request
from antiphon.policies.flavour import check_async_body, check_sync_body, code_of
from antiphon.policies.pipeline_order import INTERCEPTOR_METHODS

if TYPE_CHECKING:
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.call_options import CallOptions


@attrs.frozen(eq=False)
class InterceptorContext:
    """What an interceptor is given: the request, and the call that it is made for.

    A value: `with_request` returns another one, which `intercept_request` hands on. `call_id` is
    unique in the process, `options` is how the call is made, `stream` says whether the caller
    streams. `data` is a dict that the interceptors and policies of the call share; use your class
    as the key, so that keys do not meet.
    """

    request: Request
    call_id: int
    options: CallOptions
    stream: bool
    data: dict[object, object] = attrs.field(repr=False)

    @classmethod
    def of(cls, request: Request, call: CallContext) -> InterceptorContext:
        """Return the context of `request` as it enters an interceptor."""
        return cls(request, call.id, call.options, call.stream, call.data)

    def with_request(self, request: Request) -> InterceptorContext:
        """Return this context with another request: `request.with_header(...)`, and so on."""
        return attrs.evolve(self, request=request)


class RequestInterceptor(Protocol):
    """Sees each call before it is sent."""

    def intercept_request(
        self, context: InterceptorContext
    ) -> InterceptorContext | Awaitable[InterceptorContext]:
        """Return the context, with another request in it or as it came."""
        ...


# Loaded calls have a Response here and streamed ones a stream, so the annotations of those who
# know which of them they make must fit: hence Any.
class ResponseInterceptor(Protocol):
    """Sees the answer to each call."""

    def intercept_response(self, context: InterceptorContext, response: Any) -> Any:
        """Return the response, another one, or the one that came."""
        ...


class ErrorInterceptor(Protocol):
    """Sees the error that a call would raise, a 4xx or 5xx among them."""

    def intercept_error(self, context: InterceptorContext, error: Any) -> Any:
        """Return a response instead, another error to raise, or None to leave it as it is."""
        ...


Interceptor: TypeAlias = RequestInterceptor | ResponseInterceptor | ErrorInterceptor
"""An object with at least one of the three methods; `async def` is for `AsyncClient` only."""

_ARGUMENTS = {
    "intercept_request": "(self, context)",
    "intercept_response": "(self, context, response)",
    "intercept_error": "(self, context, error)",
}
# Flags of a code object, as `inspect` names them.
_VARARGS, _GENERATOR, _COROUTINE, _ASYNC_GENERATOR = 0x04, 0x20, 0x80, 0x200


def check_async_interceptor(policy: object) -> None:
    """Raise InvalidOptionError if `policy` is no interceptor; methods may be of either voice."""
    _check_interceptor(policy, "async")


def check_sync_interceptor(policy: object) -> None:
    """Raise InvalidOptionError if it is no interceptor, WrongFlavourError for an `async def`."""
    _check_interceptor(policy, "sync")


def _check_interceptor(policy: object, voice: Literal["async", "sync"]) -> None:
    shown = f"policies: the interceptor {policy!r}"
    if callable(policy):
        raise InvalidOptionError(
            f"{shown} can be called as a policy is, and has methods of an interceptor; "
            "make two objects of it, for they stand in different places"
        )
    for name in dir(policy):
        if name.startswith("intercept_") and name not in INTERCEPTOR_METHODS:
            raise InvalidOptionError(
                f"{shown} has {name}(), which nothing calls; "
                f"the methods are {', '.join(INTERCEPTOR_METHODS)}"
            )
    for name in INTERCEPTOR_METHODS:
        method = getattr(policy, name, None)
        if method is not None:
            _check_method(shown, name, method, voice)


def _check_method(shown: str, name: str, method: object, voice: Literal["async", "sync"]) -> None:
    shape = f"`def {name}{_ARGUMENTS[name]}`"
    if not callable(method):
        raise InvalidOptionError(f"{shown}: {name} cannot be called; write {shape}")
    code = code_of(method)
    if code is None:  # written in C, or made by a tool that hides it: its first call will tell
        return
    found, bound = code
    if found.co_flags & (_GENERATOR | _ASYNC_GENERATOR):
        raise InvalidOptionError(f"{shown}: {name} is a generator; write {shape}")
    if found.co_flags & _COROUTINE and voice == "sync":
        raise WrongFlavourError(
            f"{shown}: {name} is an async function, which Client cannot call; write {shape}"
        )
    expected = 1 if name == "intercept_request" else 2
    taken = found.co_argcount - bound
    if not found.co_flags & _VARARGS and taken != expected:
        raise InvalidOptionError(f"{shown}: {name} takes {taken} arguments; write {shape}")


def async_context(returned: object) -> InterceptorContext:
    """Return what `intercept_request` returned. Raises TypeError if nothing can be made of it."""
    context = _context(returned)
    if context.request.body is not None:
        check_async_body(context.request.body)
    return context


def sync_context(returned: object) -> InterceptorContext:
    """Return what `intercept_request` returned. Raises TypeError if nothing can be made of it.

    Raises WrongFlavourError for a body that a Client cannot read.
    """
    context = _context(returned)
    if context.request.body is not None:
        check_sync_body(context.request.body)
    return context


def _context(returned: object) -> InterceptorContext:
    if not isinstance(returned, InterceptorContext):
        raise TypeError(
            f"it returned {type(returned).__name__}; "
            "return the context, or context.with_request(...)"
        )
    if not isinstance(returned.request, Request):
        raise TypeError(
            f"it returned a context whose request is of type {type(returned.request).__name__}; "
            "give with_request() a Request, such as context.request.with_header(name, value)"
        )
    return returned


def no_response(returned: object) -> TypeError:
    """Return the error for something that is no response, where one has to be returned."""
    return TypeError(
        f"it returned {type(returned).__name__}; return the response, as it came or another one"
    )


def failure_of(
    interceptor: object, method: str, error: Exception, request: Request, call: CallContext
) -> InterceptorError:
    """Return the error that says who failed, to be raised from its cause."""
    return InterceptorError(
        f"{type(interceptor).__name__}.{method} failed with {type(error).__name__} "
        f"(see __cause__) for {request.method} {request.url.redacted}",
        request=request,
        request_id=call.request_id,
        attempts=call.attempts,
    )

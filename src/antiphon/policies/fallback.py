"""`Fallback`: another answer for calls that fail."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar, NamedTuple, TypeAlias

import attrs

from antiphon.errors import (
    AntiphonError,
    InvalidOptionError,
    InvalidRequestError,
    PolicyError,
    RequestCancelled,
    ServerStatusError,
    TransportError,
    UsageError,
)
from antiphon.models.headers import EMPTY_HEADERS, Headers
from antiphon.policies.flavour import is_plain
from antiphon.policies.retry_settings import is_status
from antiphon.policies.setting_checks import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon.models.request import Request
    from antiphon.models.response import Response

FallbackAnswer: TypeAlias = "Response | bytes | str"
"""What can stand in for an answer: a whole one, or its body."""
FallbackSource: TypeAlias = (
    "FallbackAnswer | Callable[[AntiphonError, Request], FallbackAnswer | None]"
)
"""An answer, or a function that is given the error and the request and returns one, or None."""

# What the caller wanted, or has to mend: nothing stands in for it.
_NEVER = (RequestCancelled, InvalidRequestError, UsageError)
# A loaded body is decoded and has its length, whatever was on the wire once.
_OF_THE_WIRE = ("Content-Encoding", "Content-Length", "Transfer-Encoding")


class Substitute(NamedTuple):
    """The parts of an answer that was not asked for."""

    status: int
    reason: str
    headers: Headers
    content: bytes


def _checked_errors(
    value: type[AntiphonError] | Collection[type[AntiphonError]],
) -> tuple[type[AntiphonError], ...]:
    group: Collection[type[AntiphonError]] | None = None
    if isinstance(value, type):
        group = (value,)
    elif isinstance(value, Collection):
        group = value
    if group is None or not all(
        isinstance(kind, type) and issubclass(kind, AntiphonError) for kind in group
    ):
        raise InvalidOptionError(
            f"Fallback(on={value!r}): must be classes of antiphon's errors, such as "
            "(TransportError, NotFoundError)"
        )
    for kind in group:
        if issubclass(kind, _NEVER):
            raise InvalidOptionError(
                f"Fallback(on=...): must not name {kind.__name__}, which is for the caller to know"
            )
    return tuple(group)


def _status(_fallback: object, _field: object, value: int) -> None:
    if not is_status(value):
        raise InvalidOptionError(
            f"Fallback(status={shown(value)}): must be a status from 200 to 599"
        )


@attrs.frozen(eq=False)
class Fallback:
    """Answers calls that fail: `Fallback(b"[]", headers={"Content-Type": "application/json"})`.

    `answer` is the body, a `Response`, or a function of the error and the request that returns one
    of them, or None to have the error raised after all. `status` and `headers` go with a body.
    `on`: the errors that it stands in for, by default TransportError, PolicyError and 5xx; never
    RequestCancelled, InvalidRequestError or UsageError. `response.fallback` is the error then.
    Raises InvalidOptionError and InvalidHeaderError for settings that cannot work.
    """

    policy_kind: ClassVar[str] = "fallback"

    answer: FallbackSource
    status: int = attrs.field(default=200, kw_only=True, validator=_status)
    headers: Headers = attrs.field(default=EMPTY_HEADERS, kw_only=True, converter=Headers)
    on: tuple[type[AntiphonError], ...] = attrs.field(
        default=(TransportError, PolicyError, ServerStatusError),
        kw_only=True,
        converter=_checked_errors,
    )

    def __attrs_post_init__(self) -> None:
        if not callable(self.answer):
            self._parts(self.answer, "Fallback()")
        elif not is_plain(self.answer):
            raise InvalidOptionError(
                f"Fallback({shown(self.answer)}): must be a plain function (`def`), which serves "
                "both voices"
            )

    def substitute(self, error: AntiphonError, request: Request) -> Substitute | None:
        """Return what stands in for the answer to `request`, None if `error` is to be raised.

        Raises InvalidOptionError if the function returns what cannot be an answer, and whatever it
        raises itself.
        """
        if not isinstance(error, self.on) or isinstance(error, _NEVER):
            return None
        if not callable(self.answer):
            return self._parts(self.answer, "Fallback()")
        made = self.answer(error, request)
        return None if made is None else self._parts(made, "the function of a Fallback")

    def _parts(self, answer: object, source: str) -> Substitute:
        from antiphon.models.response import Response

        if isinstance(answer, Response):
            headers = answer.headers.without(*_OF_THE_WIRE)
            return Substitute(answer.status, answer.reason, headers, answer.content)
        if isinstance(answer, str):
            try:
                answer = answer.encode()
            except UnicodeEncodeError as error:
                raise InvalidOptionError(
                    f"{source}: its text has a lone surrogate, which UTF-8 cannot encode"
                ) from error
        if not isinstance(answer, bytes):
            raise InvalidOptionError(
                f"{source}: an answer is a Response, bytes or text, not {type(answer).__name__}"
            )
        return Substitute(self.status, "", self.headers, answer)

    def __repr__(self) -> str:
        """Show what it answers to, and no body."""
        names = ", ".join(kind.__name__ for kind in self.on)
        return f"Fallback(on=({names}))"

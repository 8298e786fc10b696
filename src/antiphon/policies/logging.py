"""`Logging`: what of a call goes into the log, at which level, and in which words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import attrs

from antiphon.errors import AntiphonError, InvalidOptionError
from antiphon.models.redaction import HIDDEN, is_secret_header
from antiphon.policies.setting_checks import shown, texts

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterable

    from antiphon.models.attempt import Attempt
    from antiphon.models.headers import Headers
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.outcomes import Outcome

# As `logging` names them; it is imported when the first record is made.
_LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}
# Nobody has more; it keeps slips such as a time in nanoseconds out.
_HIGHEST = 1000

DEFAULT_HEADERS = frozenset(
    {"accept", "accept-encoding", "age", "cache-control", "content-encoding", "content-length"}
    | {"content-type", "date", "retry-after", "server", "transfer-encoding", "user-agent", "vary"}
)
"""Headers whose values may be logged: what they say is about the message, not about its sender."""


def _level(name: str, value: int | str) -> int:
    if isinstance(value, str):
        known = _LEVELS.get(value.upper())
        if known is not None:
            return known
    elif isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _HIGHEST:
        return value
    raise InvalidOptionError(
        f"Logging({name}={shown(value)}): give one of {', '.join(_LEVELS)}, or a level's number"
    )


def _success(value: int | str) -> int:
    return _level("success", value)


def _failure(value: int | str) -> int:
    return _level("failure", value)


def _cancelled(value: int | str) -> int:
    return _level("cancelled", value)


def _retry(value: int | str) -> int:
    return _level("retry", value)


def _logger(value: str | logging.Logger) -> str | logging.Logger:
    if not isinstance(value, str) and not all(
        callable(getattr(value, name, None)) for name in ("isEnabledFor", "log")
    ):
        raise InvalidOptionError(
            f"Logging(logger={shown(value)}): give the name of a logger, or a logging.Logger"
        )
    return value


def _allowed(names: Iterable[str]) -> frozenset[str]:
    found = texts(names)
    if found is None:
        raise InvalidOptionError(
            f"Logging(headers={shown(names)}): give a list of names of headers, [] for none"
        )
    allowed = frozenset(map(str.lower, found))
    secret = sorted(filter(is_secret_header, allowed))
    if secret:
        raise InvalidOptionError(
            f"Logging(headers=...): {secret[0]!r} holds secrets, and is never logged; leave it out"
        )
    return allowed


def _prefix(value: str) -> str:
    if not isinstance(value, str) or not f"{value}method".isidentifier():
        raise InvalidOptionError(
            f'Logging(prefix={shown(value)}): give the start of a name, such as "http_"'
        )
    return value


@attrs.frozen(eq=False)
class Logging:
    """Writes one record a call to the standard `logging`, when it is over, and one a retry.

    - `logger`: a name, or a `logging.Logger`
    - `success` (INFO), `failure` (WARNING), `cancelled` (INFO), `retry` (DEBUG): the level of a
      call that went well, of one that ended in an error or a 4xx or 5xx, of one that was no longer
      wanted, and of the decision to try again; names or numbers
    - `headers`: the names of those whose values are logged; of all others it is only the name.
      Secret ones are refused here
    - `prefix`: the start of the names of the fields (`extra`), so that they meet nobody else's
    """

    policy_kind: ClassVar[str] = "logging"

    logger: str | logging.Logger = attrs.field(default="antiphon", converter=_logger)
    success: int = attrs.field(default=20, converter=_success, kw_only=True)
    failure: int = attrs.field(default=30, converter=_failure, kw_only=True)
    cancelled: int = attrs.field(default=20, converter=_cancelled, kw_only=True)
    retry: int = attrs.field(default=10, converter=_retry, kw_only=True)
    headers: frozenset[str] = attrs.field(
        default=DEFAULT_HEADERS, converter=_allowed, kw_only=True, repr=False
    )
    prefix: str = attrs.field(default="http_", converter=_prefix, kw_only=True)

    def level_of(self, outcome: Outcome) -> int:
        """Return the level at which the end of a call is told."""
        if outcome.is_cancelled:
            return self.cancelled
        return self.failure if outcome.is_failure else self.success

    def log_call(self, call: CallContext, outcome: Outcome) -> None:
        """Write the record of a call that is over."""
        logger = self._the_logger()
        level = self.level_of(outcome)
        if not logger.isEnabledFor(level):
            return
        request = outcome.request
        shown = _shown(outcome.status, outcome.error)
        fields = {
            "method": request.method,
            "url": request.url.redacted,
            "status": outcome.status,
            "request_id": outcome.request_id,
            "call_id": call.id,
            "attempt": outcome.number,
            "elapsed": outcome.elapsed,
            "bytes_sent": outcome.bytes_sent,
            "bytes_received": outcome.bytes_received,
            "error": outcome.error_type,
            "streamed": call.stream,
            "request_headers": self._shown_headers(request.headers),
            "response_headers": self._shown_headers(outcome.headers),
        }
        more = f", attempt {outcome.number}" if outcome.number > 1 else ""
        logger.log(
            level,
            "%s %s -> %s in %.3f s%s",
            request.method,
            request.url.redacted,
            shown,
            outcome.elapsed,
            more,
            extra=self._prefixed(fields),
        )

    def log_retry(self, call: CallContext, attempt: Attempt) -> None:
        """Write the record of an attempt after which another is made."""
        logger = self._the_logger()
        if attempt.delay is None or not logger.isEnabledFor(self.retry):
            return
        fields = {
            "method": attempt.method,
            "url": attempt.url.redacted,
            "status": attempt.status,
            "request_id": call.request_id,
            "call_id": call.id,
            "attempt": attempt.number,
            "elapsed": attempt.elapsed,
            "error": _error_code(attempt.error),
            "delay": attempt.delay,
        }
        logger.log(
            self.retry,
            "%s %s -> %s in %.3f s, attempt %d; trying again in %.3f s",
            attempt.method,
            attempt.url.redacted,
            _shown(attempt.status, attempt.error),
            attempt.elapsed,
            attempt.number,
            attempt.delay,
            extra=self._prefixed(fields),
        )

    def _the_logger(self) -> logging.Logger:
        if isinstance(self.logger, str):
            import logging

            return logging.getLogger(self.logger)
        return self.logger

    def _shown_headers(self, headers: Headers | None) -> dict[str, str]:
        """Return the lower-case names, with the values of those that are allowed."""
        if headers is None:
            return {}
        allowed = self.headers
        return {
            name.lower(): value if name.lower() in allowed else HIDDEN
            for name, value in headers.items()
        }

    def _prefixed(self, fields: dict[str, Any]) -> dict[str, Any]:
        prefix = self.prefix
        return {prefix + name: value for name, value in fields.items()}


def _shown(status: int | None, error: BaseException | None) -> str:
    """Return what came of it in a word: the status, or the class of the error."""
    if status is not None and (error is None or status >= 400):
        return str(status)
    return type(error).__name__


def _error_code(error: BaseException | None) -> str | None:
    if error is None:
        return None
    return error.code if isinstance(error, AntiphonError) else type(error).__qualname__

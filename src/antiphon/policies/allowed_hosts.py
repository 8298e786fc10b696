"""`AllowedHosts`: a list of those whom a client may talk to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar

import attrs

from antiphon.errors import DestinationRefusedError, InvalidOptionError
from antiphon.policies.origin_patterns import OriginPatterns
from antiphon.policies.setting_checks import shown, texts

if TYPE_CHECKING:
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext

# How many patterns an error names.
_SHOWN = 10


def _patterns(value: object) -> tuple[str, ...]:
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping):
        value = tuple(value)
    patterns = texts(value)
    if patterns is None:
        raise InvalidOptionError(
            f"AllowedHosts({_hidden(value)}): give a list of hosts, such as ['api.example.com']"
        )
    if not patterns:
        raise InvalidOptionError("AllowedHosts([]): allows nobody; give at least one host")
    return patterns


def _hidden(value: object) -> str:
    text = shown(value)
    return "***" if "@" in text else text


def _full(pattern: str) -> str:
    """Return the pattern with a scheme, as `OriginPatterns` wants it."""
    if "*" in pattern.rpartition("://")[2].removeprefix("*."):
        raise InvalidOptionError(
            f"AllowedHosts([{_hidden(pattern)}]): a * stands for everything below a domain, such "
            "as '*.example.com', and nowhere else; 'https://' is every host by TLS"
        )
    if "://" in pattern:
        return pattern
    if not pattern:
        raise InvalidOptionError("AllowedHosts(...): '' is no host; 'https://' is every one by TLS")
    return f"all://{pattern}"


@attrs.frozen(repr=False)
class AllowedHosts:
    """Refuses every request to a host that no pattern names: also after redirects, and by an auth.

    Patterns are `api.example.com`, `*.example.com` (everything below it, not itself), with a port
    (`api.example.com:8443`) or a scheme (`https://api.example.com`, `https://*.example.com`).
    Without a port every port is meant, without a scheme both. Raises InvalidOptionError.
    """

    policy_kind: ClassVar[str] = "allowed_hosts"

    patterns: tuple[str, ...] = attrs.field(converter=_patterns)
    _rules: OriginPatterns[bool] = attrs.field(init=False, eq=False)

    def __attrs_post_init__(self) -> None:
        rules: OriginPatterns[bool] = OriginPatterns(
            "AllowedHosts(...)",
            {_full(pattern): True for pattern in self.patterns},
            lambda value, _where: bool(value),
            "['api.example.com']",
        )
        object.__setattr__(self, "_rules", rules)

    def refusal(self, request: Request, call: CallContext) -> DestinationRefusedError | None:
        """Return the error for a request that must not be sent, None for one that may be."""
        origin = request.url.origin
        if self._rules.find(origin, default=False):
            return None
        led = f", where a redirect of {call.history[-1].url.origin} leads," if call.history else ""
        return DestinationRefusedError(
            f"{request.method} {request.url.redacted}{led} is refused: {origin} is not among the "
            f"hosts that this client may talk to: {self._shown()}; nothing was sent there",
            request=request,
            attempts=call.attempts,
        )

    def _shown(self) -> str:
        more = len(self.patterns) - _SHOWN
        return ", ".join(self.patterns[:_SHOWN]) + (f" and {more} more" if more > 0 else "")

    def __repr__(self) -> str:
        return f"AllowedHosts([{', '.join(map(repr, self.patterns))}])"

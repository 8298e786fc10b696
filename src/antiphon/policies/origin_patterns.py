"""Values chosen by where a request goes: `{"https://": ..., "all://api.example.com": ...}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from antiphon.errors import InvalidOptionError, InvalidURLError
from antiphon.models.url_parsing import parse_reference

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon.models.origin import Origin

T = TypeVar("T")


class OriginPatterns(Generic[T]):
    """The value of the most specific pattern that an origin matches.

    Patterns are `all://`, `http://` or `https://`, with nothing behind it, a host, `*.` and a
    domain (everything below it), and a port after those. A host beats a domain, a longer domain a
    shorter one; then a port beats none, and a scheme beats `all`. `keyword` is the name of the
    setting, for its errors. Raises InvalidOptionError.
    """

    __slots__ = ("_rules",)

    def __init__(
        self,
        keyword: str,
        values: object,
        check: Callable[[Any, str], T],
        example: str,
        hint: str = "",
    ) -> None:
        if not isinstance(values, Mapping):
            given = type(values).__name__
            raise InvalidOptionError(
                f"{keyword}=: expected a mapping such as {example}, got {given}{hint}"
            )
        rules: dict[tuple[object, ...], tuple[_Rule, T]] = {}
        for pattern, value in values.items():
            rule = _Rule(keyword, pattern)
            if rule.key in rules:
                raise InvalidOptionError(
                    f"{keyword}=: {pattern!r} says the same as another pattern"
                )
            rules[rule.key] = (rule, check(value, f"{keyword}={{{pattern!r}: ...}}"))
        self._rules = sorted(rules.values(), key=lambda entry: entry[0].rank, reverse=True)

    def find(self, origin: Origin, default: T) -> T:
        """The value for `origin`, `default` if no pattern matches."""
        for rule, value in self._rules:
            if rule.matches(origin):
                return value
        return default

    def values(self) -> list[T]:
        """Every value, the one of the most specific pattern first."""
        return [value for _, value in self._rules]


class _Rule:
    """One pattern, taken apart."""

    __slots__ = ("domain", "host", "port", "scheme")

    def __init__(self, keyword: str, pattern: object) -> None:
        shown = repr(pattern)[:80] if isinstance(pattern, str) else type(pattern).__name__
        text = pattern.lower() if isinstance(pattern, str) else ""
        scheme, separator, rest = text.partition("://")
        if not separator or scheme not in {"all", "http", "https"} or "@" in rest:
            raise InvalidOptionError(
                f"{keyword}=: {'***' if '@' in rest else shown} is no pattern; patterns are "
                "'all://', 'http://', 'https://' or one of them with a host, such as "
                "'https://api.example.com', 'http://api.example.com:8080' or 'all://*.example.com'"
            )
        self.scheme = "" if scheme == "all" else scheme
        self.domain = rest.startswith("*.")
        self.host = ""
        self.port: int | None = None
        if not rest:
            return
        try:
            parts = parse_reference(f"http://{rest.removeprefix('*.')}")
        except InvalidURLError as error:
            reason = error.message.rpartition(": ")[2]
            raise InvalidOptionError(
                f"{keyword}=: the pattern {shown} is invalid: {reason}"
            ) from None
        if parts.path != "/" or parts.query is not None or parts.fragment:
            raise InvalidOptionError(
                f"{keyword}=: the pattern {shown} goes on after its host; {keyword} are chosen by "
                "scheme, host and port"
            )
        self.host = parts.host
        self.port = parts.port

    @property
    def key(self) -> tuple[str, bool, str, int | None]:
        """What makes two patterns the same."""
        return self.scheme, self.domain, self.host, self.port

    @property
    def rank(self) -> tuple[bool, int, bool, bool]:
        """The more specific, the greater."""
        exact = bool(self.host) and not self.domain
        return exact, len(self.host), self.port is not None, bool(self.scheme)

    def matches(self, origin: Origin) -> bool:
        """Whether an origin is meant."""
        if self.scheme and self.scheme != origin.scheme:
            return False
        if self.port is not None and self.port != origin.port:
            return False
        if self.domain:
            return origin.host.endswith(f".{self.host}")
        return not self.host or self.host == origin.host

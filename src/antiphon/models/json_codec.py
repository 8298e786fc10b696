"""`JSONCodec`: how a client writes and reads JSON."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

# What JSON text holds is known to the caller, not to a type checker.
JSON: TypeAlias = Any


class JSONCodec(Protocol):
    """A pair of functions; `orjson`, `msgspec.json` wrappers and the stdlib's module fit."""

    def dumps(self, value: JSON, /) -> bytes | str:
        """Return the JSON text of `value`; ValueError or TypeError if it has none."""
        ...

    def loads(self, data: bytes, /) -> JSON:
        """Return the value of JSON text; ValueError if it is none."""
        ...


class StandardJSON:
    """The stdlib's `json`, strict: compact, UTF-8, no NaN on the way out (RFC 8259)."""

    def dumps(self, value: JSON, /) -> bytes:
        """Return compact UTF-8 text. Raises ValueError for NaN and infinities."""
        import json

        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode()

    def loads(self, data: bytes, /) -> JSON:
        """Parse UTF-8, UTF-16 or UTF-32 text, with or without a byte order mark."""
        import json

        return json.loads(data)


STANDARD_JSON = StandardJSON()

"""How a refused URL is named in an error: enough to find it, nothing secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from antiphon.models.redaction import HIDDEN

if TYPE_CHECKING:
    from antiphon.errors import InvalidURLError

_MAX_SHOWN = 120
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[/\\]*|[/\\]*")


def redact_text(text: str) -> str:
    """Return text that is not a valid URL as it may be shown: no userinfo, query or fragment.

    What cannot be parsed has no certain parts, so this hides rather too much: everything up to the
    last `@`, and everything from the first `?` or `#` on.
    """
    before, at, after = text.rpartition("@")
    if at:
        start = _SCHEME.match(before)
        scheme = start[0] if start is not None and start.end() > 0 else ""
        if "?" in before or "#" in before:
            # Part of a password or of a query value: nobody can tell.
            return f"{scheme}{HIDDEN}"
        text = f"{scheme}{HIDDEN}@{after}"
    end = min((i for i in (text.find("?"), text.find("#")) if i >= 0), default=len(text))
    shown = text[:end] if end == len(text) else text[: end + 1] + HIDDEN
    return shown if len(shown) <= _MAX_SHOWN else shown[:_MAX_SHOWN] + "..."


def refused_url(reason: str, text: str | None = None) -> InvalidURLError:
    """Build the error for a URL that is refused; `reason` is a clause that shows nothing secret."""
    from antiphon.errors import InvalidURLError

    shown = "" if text is None else f" {redact_text(text)!r}"
    return InvalidURLError(f"invalid URL{shown}: {reason}")

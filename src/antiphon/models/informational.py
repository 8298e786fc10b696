"""`InformationalResponse`: what a server said before its final answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from antiphon.models.headers import Headers


class InformationalResponse(NamedTuple):
    """The head of a 1xx response, such as 103 Early Hints (RFC 9110 section 15.2)."""

    status: int
    headers: Headers

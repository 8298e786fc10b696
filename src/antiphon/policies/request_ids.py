"""`RequestId`: a name for each call, which the server may answer with one of its own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

import attrs

from antiphon.errors import InvalidHeaderError, InvalidOptionError
from antiphon.models.header_checks import checked_name
from antiphon.models.request_id import REQUEST_ID_NAMES, request_id_of
from antiphon.policies.setting_checks import plain_function, shown, texts
from antiphon.policies.settings_repr import settings_repr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from antiphon.models.headers import Headers
    from antiphon.models.request import Request


def random_request_id() -> str:
    """Return 32 hexadecimal digits, as random as can be."""
    return os.urandom(16).hex()


def _name(text: object, argument: str) -> str:
    if not isinstance(text, str):
        raise InvalidOptionError(f"RequestId({argument}={shown(text)}): give the name of a header")
    try:
        checked_name(text)
    except InvalidHeaderError as error:
        raise InvalidOptionError(f"RequestId({argument}={shown(text)}): {error}") from None
    return text


def _header(text: object) -> str:
    return _name(text, "header")


def _names(names: Iterable[str]) -> tuple[str, ...]:
    found = texts(names)
    if found is None:
        raise InvalidOptionError(
            f"RequestId(read={shown(names)}): give a list of names of headers, [] for none"
        )
    return tuple(_name(name, "read").lower() for name in found)


@attrs.frozen(eq=False, repr=False)
class RequestId:
    """Sends an id with each call, the same over attempts and redirects, and reads the server's.

    - `header`: in which it is sent; a header of that name that the caller gives wins
    - `make`: returns a new id; 32 random hexadecimal digits unless given
    - `read`: the headers of a response that may hold the server's id, the likeliest first; `header`
      comes before them

    `request_id` of responses and errors is then the server's id, or ours where it gives none.
    """

    policy_kind: ClassVar[str] = "request_id"

    header: str = attrs.field(default="X-Request-ID", converter=_header)
    make: Callable[[], str] = attrs.field(
        default=random_request_id, kw_only=True, validator=plain_function
    )
    read: tuple[str, ...] = attrs.field(default=REQUEST_ID_NAMES, converter=_names, kw_only=True)
    _all: tuple[str, ...] = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        first = self.header.lower()
        names = (first, *(name for name in self.read if name != first))
        object.__setattr__(self, "_all", names)

    def named(self, request: Request, known: str | None) -> tuple[Request, str]:
        """Return the request with its id, and the id: the caller's, the `known` one, or a new one.

        Raises InvalidOptionError when `make` returns what cannot stand in a header.
        """
        own = request.headers.get(self.header)
        if own:
            return request, own
        if known is not None:
            return request.with_header(self.header, known), known
        made = self.make()
        if not isinstance(made, str) or not made or not made.isascii() or not made.isprintable():
            raise InvalidOptionError(
                f"RequestId(make=...) returned {made!r}; it has to return printable ASCII text"
            )
        return request.with_header(self.header, made), made

    def of_answer(self, headers: Headers | None) -> str | None:
        """Return the id that the server gave, None if it gave none."""
        return None if headers is None else request_id_of(headers, self._all)

    def __repr__(self) -> str:
        return settings_repr(self)

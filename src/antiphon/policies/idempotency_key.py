"""`IdempotencyKey`: a name for what a call asks for, so that a server does it once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

import attrs

from antiphon.errors import InvalidOptionError
from antiphon.models.header_checks import checked_name
from antiphon.policies.flavour import is_plain
from antiphon.policies.idempotency import IDEMPOTENCY_HEADER, checked_methods
from antiphon.policies.setting_checks import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext


def random_key() -> str:
    """Return a new random UUID (RFC 9562 section 5.4), from the randomness of the system.

    Not from `random`, whose seed may be set: then two processes would make the same keys.
    """
    bits = int.from_bytes(os.urandom(16), "big")
    bits = bits & ~(0xF << 76) | 4 << 76  # version 4
    bits = bits & ~(0x3 << 62) | 2 << 62  # the variant of the RFC
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _methods(value: Collection[str]) -> frozenset[str]:
    return checked_methods("IdempotencyKey", value)


def _function(_policy: object, _field: object, value: Callable[[], str]) -> None:
    if not callable(value) or not is_plain(value):
        raise InvalidOptionError(
            f"IdempotencyKey(make={shown(value)}): must be a plain function (`def`) that returns a "
            "new key"
        )


def _name(value: object) -> str:
    # Where a function is in memory tells nobody anything.
    return str(getattr(value, "__qualname__", None) or type(value).__name__)


@attrs.frozen
class IdempotencyKey:
    """Sends an `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header) with POST and PATCH.

    The key is made once for each call, and the same for all its attempts and redirects; with it
    `Retry` may send the request again. `methods`: which get one. `header`: its name. `make` returns
    a new key, printable ASCII; a random UUID by default. A key that the caller gives wins. Raises
    InvalidOptionError and InvalidHeaderError for settings that cannot work.
    """

    policy_kind: ClassVar[str] = "idempotency_key"

    methods: frozenset[str] = attrs.field(
        default=frozenset({"POST", "PATCH"}), kw_only=True, converter=_methods
    )
    header: str = attrs.field(default=IDEMPOTENCY_HEADER, kw_only=True, converter=checked_name)
    make: Callable[[], str] = attrs.field(
        default=random_key, kw_only=True, validator=_function, repr=_name
    )

    def keyed(self, request: Request, call: CallContext) -> Request:
        """Return `request` with its key, itself if it has or needs none, and tell `call` of it.

        `idempotency_key=` of the call comes first: a text is the key, True has one made whatever
        the method, and False has none made. Then a header that is there already, then `methods`.
        Raises InvalidOptionError if `make` returns what cannot be a key.
        """
        call.idempotency_header = self.header
        asked = call.options.idempotency_key
        if isinstance(asked, str):
            return request.with_header(self.header, asked)
        wanted = request.method in self.methods if asked is None else asked
        if not wanted or self.header in request.headers:
            return request
        return request.with_header(self.header, checked_key(self.make(), "IdempotencyKey.make()"))


def checked_key(value: object, source: str) -> str:
    """Return `value` if it can be a key. Raises InvalidOptionError, which names `source`."""
    if isinstance(value, str) and value and value.isascii() and value.isprintable():
        return value
    raise InvalidOptionError(f"{source}: a key is printable ASCII text, and not empty")


OF_ONE_CALL = IdempotencyKey()
"""Serves `idempotency_key=` of a call where the client has no `IdempotencyKey`."""

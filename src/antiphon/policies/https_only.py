"""`HTTPSOnly`: plain http is refused, whoever asks for it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

import attrs

from antiphon.errors import InsecureRequestError
from antiphon.policies.setting_checks import flag
from antiphon.policies.special_addresses import is_local_name, special_kind

if TYPE_CHECKING:
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext


@attrs.frozen(kw_only=True)
class HTTPSOnly:
    """Refuses every request over plain http: the caller's, after redirects, and those of an auth.

    With `allow_loopback` those to this machine pass: `localhost`, names below it (RFC 6761 section
    6.3) and loopback addresses, which no wire carries. `https_only=False` leaves a call out.
    """

    policy_kind: ClassVar[str] = "https_only"

    allow_loopback: bool = attrs.field(default=False, validator=flag)

    def refusal(self, request: Request, call: CallContext) -> InsecureRequestError | None:
        """Return the error for a request that must not be sent, None for one that may be."""
        url = request.url
        if url.scheme == "https" or call.options.https_only is False:
            return None
        if self.allow_loopback and _is_loopback(url.host):
            return None
        led = f", where a redirect of {call.history[-1].url.origin} leads," if call.history else ""
        return InsecureRequestError(
            f"{request.method} {url.redacted}{led} is plain http, and this "
            f"{'call' if call.options.https_only else 'client'} asks for https only; "
            "nothing was sent there",
            request=request,
            attempts=call.attempts,
        )


ALWAYS = HTTPSOnly()
"""What `https_only=True` of a call means to a client without the policy."""


# Asked for each request; a client knows few hosts.
@lru_cache(maxsize=256)
def _is_loopback(host: str) -> bool:
    if is_local_name(host):
        return True
    try:
        return special_kind(host) == "a loopback address"
    except ValueError:  # a name
        return False

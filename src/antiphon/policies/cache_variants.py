"""Which of several stored answers to one URL fits a request: Vary (RFC 9111 section 4.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from antiphon.models.redaction import is_secret_header

if TYPE_CHECKING:
    from antiphon.models.headers import Headers
    from antiphon.models.request import Request
    from antiphon.models.stored_response import StoredResponse
    from antiphon.policies.cache_control import CacheControl
    from antiphon.policies.call_context import CallContext

# A server that varies by a header of many values would fill the store with one URL.
MAX_VARIANTS: Final = 64

_COOKIES: Final = ("cookie", "cookie2")
_COMMA = re.compile(r"[ \t]*,[ \t,]*")
_RANGE = re.compile(
    r"(?P<tag>[a-z0-9*-]+)(?:[ \t]*;[ \t]*q=(?P<q>0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?", re.ASCII
)
_Pairs = tuple[tuple[str, str], ...]


def vary_names(headers: Headers) -> frozenset[str]:
    """Return the lower-case names in all lines of Vary; with "*" among them nothing ever fits."""
    names = [part.strip(" \t").lower() for part in headers.get("vary", "").split(",")]
    return frozenset(filter(None, names))


def selecting_pairs(
    request: Request, headers: Headers, directives: CacheControl, salt: str
) -> _Pairs:
    """Return what a stored answer is selected by: the request's fields that `headers` vary by.

    Credentials and keys select as if the server had said so, unless the answer is `public`: what
    came for one user answers no other. Secret values are kept as digests, with `salt`.
    """
    return tuple(
        (name, _digest(salt, value) if is_secret_header(name) else value)
        for name, value in _selecting(request, headers, directives)
    )


def _selecting(request: Request, headers: Headers, directives: CacheControl) -> _Pairs:
    names = set(vary_names(headers))
    if "public" not in directives:
        names.update(_credentials(request.headers))
    found = [(name, normalised(name, request.headers.get(name))) for name in sorted(names)]
    return tuple([(name, value) for name, value in found if value is not None])


def _credentials(headers: Headers) -> list[str]:
    # Not cookies: they come by themselves, and change when nothing else does.
    names = [name.lower() for name in headers if is_secret_header(name)]
    return [name for name in names if name not in _COOKIES]


def signs_unseen(request: Request, call: CallContext) -> bool:
    """Whether credentials are added behind the cache, in each attempt: it sees nobody's.

    Or stand in a cookie, which does not tell answers apart.
    """
    auth = call.auth
    if auth is None or request.url.origin != call.origin:
        return False
    return getattr(auth, "sign", None) is not None or getattr(auth, "cookie", None) is not None


def fits(stored: StoredResponse, request: Request, directives: CacheControl) -> bool:
    """Whether `stored` was selected by the same fields as `request` has."""
    names = set(vary_names(stored.headers))
    if "*" in names:
        return False
    known = dict(stored.request_headers)
    if "public" not in directives:
        names.update(known, _credentials(request.headers))
    return all(_same(name, known.get(name), request, stored) for name in names)


def _same(name: str, kept: str | None, request: Request, stored: StoredResponse) -> bool:
    value = normalised(name, request.headers.get(name))
    if value is None or kept is None:
        return value is kept
    if is_secret_header(name):
        return _digest(kept.partition(":")[0], value) == kept
    if value == kept:
        return True
    return name == "accept-language" and _prefers(value, stored.headers.get("content-language"))


def variant_id(request: Request, headers: Headers, directives: CacheControl) -> str:
    """Return a name for what an answer is selected by; equal requests give equal names.

    Of a secret it has a few bits only, enough to tell most users apart and too few to guess from:
    two that share a name replace each other, and never answer for each other.
    """
    pairs = _selecting(request, headers, directives)
    names = vary_names(headers)
    if not pairs and not names:
        return ""
    from hashlib import sha256

    shown = [
        (name, _digest("", value)[1 : 1 + _SHOWN] if is_secret_header(name) else value)
        for name, value in pairs
    ]
    return sha256(repr((sorted(names), shown)).encode()).hexdigest()[:24]


def normalised(name: str, value: str | None) -> str | None:
    """Return a form of a field that is the same for values that mean the same.

    Lines are joined and spaces around commas go; of Accept-Language case and order too, for what
    counts are its weights (RFC 9110 section 12.5.4).
    """
    if value is None:
        return None
    if name == "accept-language":
        found = _languages(value)
        if found is not None:
            return ",".join(f"{tag};q={q:g}" for tag, q in sorted(found.items()))
    if '"' in value:
        return value
    return _COMMA.sub(",", value).strip(" \t,")


def _languages(value: str) -> dict[str, float] | None:
    """Return the weight of each language range; None for what is no Accept-Language."""
    found: dict[str, float] = {}
    for part in value.lower().split(","):
        text = part.strip(" \t")
        if not text:
            continue
        match = _RANGE.fullmatch(text)
        if match is None:
            return None
        found[match["tag"]] = float(match["q"] or 1)
    return found


def _prefers(value: str, language: str | None) -> bool:
    """Whether the request wants `language` more than any other: then this is the answer to it."""
    wanted = _languages(value)
    if not wanted or language is None:
        return False
    best = max(wanted.values())
    return best > 0 and [language.strip(" \t").lower()] == [
        tag for tag, q in wanted.items() if q == best
    ]


# In hexadecimal digits, four bits each.
_SHOWN: Final = 4


def _digest(salt: str, value: str) -> str:
    from hashlib import sha256

    return f"{salt}:{sha256(f'{salt}:{value}'.encode()).hexdigest()}"

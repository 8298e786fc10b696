"""Where a redirect leads, and what goes along (RFC 9110 section 15.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.models.redaction import is_secret_header
from antiphon.policies.idempotency import IDEMPOTENCY_HEADER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from antiphon.errors import RedirectError
    from antiphon.models.headers import Headers
    from antiphon.models.request import Request
    from antiphon.models.url import URL

DEFAULT_MAX_REDIRECTS = 20
"""The number that the Fetch standard gives browsers."""
MAX_VISITS = 3
"""How often one call may send the same method to the same URL.

Coming back once or twice is how servers set a cookie and look for it; after that it is a loop.
"""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Fields about a body or its transfer that `Request.without_body` leaves; RFC 9110 15.4, step 5.
_OF_THE_BODY = ("Content-Range", "Content-MD5", "Expect", "Last-Modified", "Trailer")
# How many URLs of a chain an error shows at its start and at its end.
_SHOWN_AT_START, _SHOWN_AT_END = 2, 3


def is_redirect(status: int, headers: Headers) -> bool:
    """Tell whether a response asks to be followed: 301, 302, 303, 307 or 308 with a Location.

    300 is a choice for people and 304 an answer; both are no redirects here.
    """
    return status in _REDIRECTS and bool(headers.get("Location"))


def next_request(
    request: Request,
    status: int,
    headers: Headers,
    *,
    hops: Sequence[Request] = (),
    max_redirects: int = DEFAULT_MAX_REDIRECTS,
    idempotency_header: str = IDEMPOTENCY_HEADER,
) -> Request | None:
    """Return the request that a response with `status` and `headers` redirects to, None if none.

    `request` is what was answered, `hops` are the requests before it in the same call, oldest
    first. 303 turns every method but HEAD into GET, 301 and 302 turn POST into GET; then the body
    and the headers about it stay behind, and so does the key in `idempotency_header`, which named
    what the body asked for. Otherwise method and body go along. Where the origin
    changes (http and https of one host are two), so do credentials: `Authorization`, `Cookie` and
    all headers whose name says that they are secret are dropped, `Host` too.

    Raises `TooManyRedirects` after `max_redirects` redirects, or for the fourth time that one
    method goes to one URL; `RedirectError` if Location is no http or https URL, there are several,
    or the body would have to be sent again and cannot.
    """
    if not is_redirect(status, headers):
        return None
    if len(hops) >= max_redirects:
        reason = f"stopped after {len(hops)} redirects (max_redirects={max_redirects})"
        raise _too_many(reason, request, status, headers, hops)
    url = _target(request, status, headers)
    method = _method(request.method, status)
    following = request.with_(method=method, url=url)
    if method != request.method:
        following = following.without_body()
        following = following.with_(
            headers=following.headers.without(*_OF_THE_BODY, idempotency_header)
        )
    elif request.body is not None and not request.body.replayable:
        raise _refused(
            f"to {_shown(url)}: the request body is a stream and cannot be sent again; "
            "give it as bytes or a file, or pass follow_redirects=False",
            request,
            status,
            headers,
        )
    if url.origin != request.url.origin:
        stay = [name for name in following.headers if is_secret_header(name)]
        following = following.with_(headers=following.headers.without("Host", *stay))
    visits = sum(_same_place(following, hop) for hop in (*hops, request))
    if visits >= MAX_VISITS:
        reason = f"stopped in a loop: {method} {_shown(url)} was sent {visits} times already"
        raise _too_many(reason, request, status, headers, hops)
    return following


def downgrade_note(before: URL, after: URL) -> str | None:
    """Return a note for errors and logs if a redirect left https for http, else None."""
    if before.scheme == "https" and after.scheme == "http":
        return f"redirected from https to http: {_shown(before)} -> {_shown(after)}"
    return None


def _method(method: str, status: int) -> str:
    # RFC 9110 15.4.2 to 15.4.4: only POST changes at 301 and 302, as in every browser.
    if (status == 303 and method != "HEAD") or (status in (301, 302) and method == "POST"):
        return "GET"
    return method


def _target(request: Request, status: int, headers: Headers) -> URL:
    from antiphon.errors import InvalidURLError
    from antiphon.models.url_refusal import redact_text

    locations = set(headers.get_list("Location"))
    if len(locations) > 1:
        reason = f"it has {len(locations)} different Location headers"
        raise _refused(f": {reason}", request, status, headers)
    location = _repaired(locations.pop())
    try:
        url = request.url.join(location)
    except InvalidURLError as error:
        raise _refused(
            f": its Location {redact_text(location)!r} is no http or https URL",
            request,
            status,
            headers,
        ) from error
    # RFC 9110 10.2.2: a Location without a fragment inherits that of the request's URL.
    if request.url.fragment and "#" not in location:
        url = url.with_(fragment=request.url.fragment)
    return url


def _repaired(location: str) -> str:
    # Many servers send the characters themselves, and mean UTF-8; headers are read as latin-1.
    if not location.isascii():
        try:
            location = location.encode("latin-1").decode("utf-8")
        except UnicodeError:
            pass
    return location.strip().replace(" ", "%20")


def _same_place(a: Request, b: Request) -> bool:
    # The fragment never reaches the server.
    return a.method == b.method and a.url.origin == b.url.origin and a.url.target == b.url.target


def _shown(url: URL) -> str:
    from antiphon.errors.snippet import describe_url

    return describe_url(url)


def _too_many(
    reason: str, request: Request, status: int, headers: Headers, hops: Sequence[Request]
) -> RedirectError:
    from antiphon.errors import TooManyRedirects

    chain = [_shown(hop.url) for hop in (*hops, request)]
    hidden = len(chain) - _SHOWN_AT_START - _SHOWN_AT_END
    if hidden > 1:
        chain[_SHOWN_AT_START:-_SHOWN_AT_END] = [f"[{hidden} more]"]
    message = f"{reason}: {' -> '.join(chain)}"
    return TooManyRedirects(message, status=status, headers=headers, request=request)


def _refused(reason: str, request: Request, status: int, headers: Headers) -> RedirectError:
    from antiphon.errors import RedirectError

    separator = "" if reason.startswith(":") else " "
    asked = f"{request.method} {_shown(request.url)}"
    message = f"cannot follow the {status} redirect of {asked}{separator}{reason}"
    return RedirectError(message, status=status, headers=headers, request=request)

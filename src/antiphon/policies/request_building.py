"""`RequestBuilder`: from the arguments of a call, and a client's defaults, to a `Request`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from antiphon.errors import InvalidMethodError, InvalidOptionError
from antiphon.models.base_url import resolve_base
from antiphon.models.body_builder import build_body
from antiphon.models.headers import EMPTY_HEADERS, Headers
from antiphon.models.redaction import is_secret_header
from antiphon.models.request import Request
from antiphon.models.unset import UNSET
from antiphon.models.url import URL
from antiphon.models.url_params import encode_params
from antiphon.policies.auth import auth_from_url
from antiphon.policies.unknown_keywords import REQUEST_KEYWORDS
from antiphon.policies.upload_options import UPLOAD_KEYWORDS, prepare_upload

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from antiphon.models.body import Body
    from antiphon.models.headers import HeaderChanges
    from antiphon.models.json_body import JSONDumper
    from antiphon.models.url_params import Params
    from antiphon.policies.call_keywords import RequestKeywords

# RFC 9110 section 9.1: a method is a token (section 5.6.2), and its case counts.
_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
# The Fetch standard normalises these and no others: nobody means a method named "get".
_STANDARD_METHODS = frozenset(
    {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "QUERY", "TRACE"}
)

# Enough for the endpoints of a program; texts longer than this hold data and rarely come again.
_CACHE_SIZE = 512
_CACHED_LENGTH = 1024


class RequestBuilder:
    """Makes requests with a client's base URL, default headers and default params.

    Requests that have no more than a method and a URL are kept: the next call gets the same value.
    Safe to share between threads. Raises the InvalidRequestError of whatever cannot be sent.
    """

    __slots__ = (
        "_bodied_headers",
        "_check_body",
        "_dump_json",
        "_foreign_headers",
        "_params",
        "base_url",
        "headers",
        "plain",
    )

    def __init__(
        self,
        base_url: str | URL = "",
        *,
        headers: Headers = EMPTY_HEADERS,
        params: Params | None = None,
        dump_json: JSONDumper | None = None,
        check_body: Callable[[Body], Body],
    ) -> None:
        self.base_url = URL(base_url).without_userinfo() if base_url else None
        self.headers = headers
        # Secrets go to the origin of base_url only.
        self._foreign_headers = headers.without(*[n for n in headers if is_secret_header(n)])
        self._params = encode_params(params).split("&") if params else []
        self._dump_json = dump_json
        self._check_body = check_body
        self._bodied_headers: dict[str, Headers] = {}
        self.plain: dict[tuple[str, str], Request] = {}
        """Requests without keywords, by method and URL as given."""

    def changed(
        self, base_url: str | URL | None, headers: Headers | None, params: Params | None
    ) -> RequestBuilder:
        """Return a builder with other defaults; None keeps ours, `params` are added to ours."""
        query = "&".join(self._params)
        if params:
            added = encode_params(params)
            query = "&".join([*_unless_named(self._params, added), added])
        return RequestBuilder(
            base_url if base_url is not None else self.base_url or "",
            headers=self.headers if headers is None else headers,
            params=query,
            dump_json=self._dump_json,
            check_body=self._check_body,
        )

    def trusts(self, url: URL) -> bool:
        """Tell whether the defaults that are secret may go to `url`."""
        return self.base_url is None or self.base_url.origin == url.origin

    def build(
        self, method: str, url: str | URL, keywords: RequestKeywords | None = None
    ) -> Request:
        """Return the request that a call means. Raises InvalidRequestError and its children."""
        if keywords and not REQUEST_KEYWORDS.isdisjoint(keywords):
            return self._build(method, url, keywords)
        if not isinstance(url, str) or len(url) > _CACHED_LENGTH:
            return self._build(method, url, keywords or {})
        if keywords and "auth" in keywords and "@" in url:
            return self._build(method, url, keywords)
        try:
            request = self.plain.get((method, url))
        except TypeError:  # a method that cannot be hashed is none
            return self._build(method, url, {})
        if request is None:
            request = self._build(method, url, {})
            if len(self.plain) >= _CACHE_SIZE:
                # All at once: one atomic step that threads cannot see half done.
                self.plain.clear()
            self.plain[method, url] = request
        return request

    def _build(self, method: str, url: str | URL, keywords: RequestKeywords) -> Request:
        method = checked_method(method)
        where = resolve_base(self.base_url, url) if self.base_url is not None else URL(url)
        trusted = self.trusts(where)
        params = keywords.get("params")
        if params is not None or (trusted and self._params):
            where = self._with_params(where, params, trusted=trusted)
        body = build_body(
            content=keywords.get("content"),
            json=keywords.get("json", UNSET),
            data=keywords.get("data"),
            files=keywords.get("files"),
            dump_json=self._dump_json,
        )
        if body is not None:
            self._check_body(body)
        given = keywords.get("headers")
        headers = self.headers if trusted else self._foreign_headers
        # In this order, so that what the call says itself beats all.
        if body is not None and body.content_type is not None:
            headers = self._with_content_type(headers, body.content_type)
        auth = auth_from_url(where)
        if auth is not None:
            where = where.without_userinfo()
            if "auth" not in keywords:  # which says who is asking, None nobody
                headers = headers.with_("Authorization", auth.header_value)
        if given is not None:
            headers = headers.merged(given)
        cookies = keywords.get("cookies")
        if cookies:
            headers = _with_cookies(headers, cookies)
        if not UPLOAD_KEYWORDS.isdisjoint(keywords):
            body, headers = prepare_upload(body, headers, keywords)
        return Request(method, where, headers, body)

    def _with_params(self, url: URL, params: Params | None, *, trusted: bool) -> URL:
        added = "" if params is None else encode_params(params)
        if trusted and self._params:
            defaults = _unless_named(self._params, f"{url.query}&{added}")
            added = "&".join([*defaults, added] if added else defaults)
        return url.with_params(added) if added else url

    def _with_content_type(self, headers: Headers, content_type: str) -> Headers:
        """Return `headers` with the body's type; a boundary is new each time and not kept."""
        if headers is not self.headers or "boundary" in content_type:
            return headers.with_("Content-Type", content_type)
        kept = self._bodied_headers.get(content_type)
        if kept is None:
            kept = headers.with_("Content-Type", content_type)
            if len(self._bodied_headers) < 16:
                self._bodied_headers[content_type] = kept
        return kept


def checked_method(method: str) -> str:
    """Return `method`, standard ones in upper case. Raises InvalidMethodError for no token."""
    if isinstance(method, str) and method in _STANDARD_METHODS:
        return method
    if not isinstance(method, str) or not _METHOD.match(method):
        raise InvalidMethodError(
            f"method={method!r}: a method is a token of letters, digits and a few signs, as GET is"
        )
    upper = method.upper()
    if upper == "CONNECT":
        raise InvalidMethodError("method='CONNECT' opens a tunnel, which is no call of a client")
    return upper if upper in _STANDARD_METHODS else method


def _unless_named(defaults: list[str], query: str) -> list[str]:
    """Return the encoded pairs of `defaults` whose name is not in `query`."""
    names = {pair.partition("=")[0] for pair in query.split("&")}
    return [pair for pair in defaults if pair.partition("=")[0] not in names]


def _with_cookies(headers: Headers, cookies: Mapping[str, str]) -> Headers:
    from collections.abc import Mapping as AnyMapping

    from antiphon.policies.cookies import cookie_header, merged_cookie_header

    if not isinstance(cookies, AnyMapping):
        raise InvalidOptionError(
            f"cookies= is {type(cookies).__name__}; a call takes names and values, "
            "a client a CookieJar"
        )
    merged = merged_cookie_header(headers.get("cookie"), cookie_header(cookies))
    return headers if merged is None else headers.with_("Cookie", merged)


def default_headers(given: HeaderChanges | None, accept_encoding: str, version: str) -> Headers:
    """Return what a client sends by default: its name, what it accepts, and `given` over them."""
    own = Headers.trusted(
        (
            ("User-Agent", f"antiphon/{version}"),
            ("Accept", "*/*"),
            ("Accept-Encoding", accept_encoding),
        )
    )
    return own if given is None else own.merged(given)

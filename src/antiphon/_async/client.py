# Source of _sync/client.py; after editing run: tox -e codegen
"""`AsyncClient`: settings and a call become a request, the pipeline makes it a response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from antiphon import __version__
from antiphon._async.client_core import AsyncClientCore
from antiphon._async.client_streams import AsyncStreamCalls
from antiphon._async.client_verbs import AsyncVerbs
from antiphon.errors import InvalidOptionError
from antiphon.models.unset import UNSET
from antiphon.network.clock import now
from antiphon.policies.call_options import CallOptions
from antiphon.policies.client_checks import check_request, check_settings, checked_urls
from antiphon.policies.connecting_checks import check_async_connecting
from antiphon.policies.cookies import CookieJar
from antiphon.policies.flavour import check_async_body, checked_policies
from antiphon.policies.pipeline_order import unfolded
from antiphon.policies.request_building import RequestBuilder, default_headers
from antiphon.policies.unknown_keywords import (
    CALL_KEYWORDS,
    CLIENT_SETTINGS,
    REQUEST_KEYWORDS,
    SEND_KEYWORDS,
    refuse_unknown,
)
from antiphon.wire.decoding import accept_encoding

if TYPE_CHECKING:
    import os
    import ssl
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Never, Unpack

    from antiphon._async.engine.settings import ResolveInput
    from antiphon._async.pipeline import AsyncPolicy
    from antiphon._async.transport import AsyncTransport
    from antiphon.models.config import ClientConfig
    from antiphon.models.connecting import Connecting
    from antiphon.models.events import TransportObserver
    from antiphon.models.headers import HeaderChanges
    from antiphon.models.json_codec import JSONCodec
    from antiphon.models.limits import Limits
    from antiphon.models.request import Request
    from antiphon.models.response import Response
    from antiphon.models.timeout import Timeout
    from antiphon.models.tls_config import TLSConfig
    from antiphon.models.unset import Unset
    from antiphon.models.url import URL
    from antiphon.models.url_params import Params
    from antiphon.policies.auth import AuthInput
    from antiphon.policies.call_keywords import (
        CallKeywords,
        DefaultKeywords,
        RequestKeywords,
        SendKeywords,
    )
    from antiphon.policies.cookie_jar import CookiesInput
    from antiphon.policies.flow import FlowPolicy
    from antiphon.policies.pipeline import Pipeline
    from antiphon.policies.pipeline_order import BuiltInPolicy
    from antiphon.policies.proxy import ProxyInput
    from antiphon.policies.proxy_choice import ProxiesInput
    from antiphon.policies.retry import Retry


class AsyncClient(AsyncVerbs, AsyncStreamCalls):
    """Makes calls over a pool of connections; for asyncio and trio, in one loop or several.

    `async with AsyncClient() as client:` closes the pool at the end; so does a client's being
    forgotten. What is given here is the default of every call, and most of it can be given to a
    call or to `with_options` instead:

    - `base_url`: a prefix for URLs that are not absolute. Secrets among the defaults (`auth`,
      `params`, cookies of no domain, headers whose name says so) then go to its origin only
    - `headers`: over User-Agent, Accept and Accept-Encoding; None drops one. `params`: added to the
      query. `cookies`: a `CookieJar` to share, or names and values
    - `auth`: (user name, password), `BasicAuth`, `BearerAuth` or a generator of your own
    - `timeout`: a `Timeout`, seconds for each phase, or None for no limit
    - `limits`: `Limits` of the pool. `tls`: a `TLSConfig` or an `ssl.SSLContext`; with `trust_env`
      CA files come from the environment where it names none, and proxies where none are given
    - `proxy`: a URL, a `Proxy`, or None for none at all; `proxies`: the same by pattern, such as
      {"https://": ...} or {"all://intranet.example": None}
    - `resolve`: addresses by host, or an `AsyncResolver`. `connecting`: a `Connecting`
    - `follow_redirects`, `max_redirects`; `raise_for_status`: raise for 4xx and 5xx
    - `retry`: a `Retry`, a number of attempts in all, or None for one
    - `policies`: code of your own in the pipeline, see `AsyncPolicy` and `FlowPolicy`
    - `transport`: something else than our own engine to carry requests, see `AsyncTransport`
    - `transports`: transports by pattern of URL, such as {"https://internal.example": ...}
    - `observer`: a `TransportObserver`, told what happens on the wire
    - `json_codec`: what writes and reads JSON, see `JSONCodec`
    - `max_response_bytes`: the longest body that is loaded, decoded; None is no limit

    Raises InvalidRequestError and its children for settings that cannot work, and
    WrongFlavourError for policies and transports of the other voice.
    """

    def __init__(
        self,
        base_url: str | URL = "",
        *,
        headers: HeaderChanges | None = None,
        params: Params | None = None,
        cookies: CookiesInput | None = None,
        auth: AuthInput = None,
        timeout: Timeout | float | Unset | None = UNSET,
        limits: Limits | None = None,
        tls: TLSConfig | ssl.SSLContext | None = None,
        trust_env: bool = True,
        proxy: ProxyInput | Unset = UNSET,
        proxies: ProxiesInput | None = None,
        resolve: ResolveInput = None,
        connecting: Connecting | None = None,
        follow_redirects: bool = True,
        max_redirects: int = 20,
        raise_for_status: bool = True,
        retry: Retry | int | Unset | None = UNSET,
        policies: Sequence[AsyncPolicy | FlowPolicy | BuiltInPolicy] = (),
        transport: AsyncTransport | None = None,
        transports: Mapping[str, AsyncTransport | None] | None = None,
        observer: TransportObserver | None = None,
        json_codec: JSONCodec | None = None,
        max_response_bytes: int | None = None,
        **unknown: Never,
    ) -> None:
        if unknown:
            refuse_unknown("AsyncClient", unknown, CLIENT_SETTINGS)
        check_settings(
            limits=limits, tls=tls, trust_env=trust_env, transport=transport, json_codec=json_codec
        )
        check_async_connecting(proxy, proxies, resolve, connecting, transport)
        own = unfolded(checked_policies(policies))
        given = {
            "auth": auth,
            "timeout": timeout,
            "follow_redirects": follow_redirects,
            "max_redirects": max_redirects,
            "raise_for_status": raise_for_status,
            "retry": retry,
            "max_response_bytes": max_response_bytes,
            "observer": observer,
        }
        defaults = default_headers(headers, accept_encoding(), __version__)
        self._base_options, defaults = CallOptions.of_client(given, own).with_credentials(
            base_url, defaults, auth_given=auth is not None
        )
        self._builder = RequestBuilder(
            base_url,
            headers=defaults,
            params=params,
            dump_json=None if json_codec is None else json_codec.dumps,
            check_body=check_async_body,
        )
        self._json_codec = json_codec
        self._core = AsyncClientCore(
            transport,
            CookieJar.of(cookies),
            own,
            limits=limits,
            tls=tls,
            trust_env=trust_env,
            proxy=proxy,
            proxies=proxies,
            resolve=resolve,
            connecting=connecting,
            transports=transports,
        )
        self._owner = True

    @classmethod
    def from_config(cls, config: ClientConfig) -> Self:
        """Return a client with the settings of `config`. Raises InvalidOptionError."""
        from antiphon.models.config import check_config

        check_config(config)
        return cls(
            config.base_url,
            headers=config.headers,
            params=config.params,
            timeout=config.timeout,
            limits=config.limits,
            tls=config.tls,
            trust_env=config.trust_env,
            proxy=config.proxy,
            follow_redirects=config.follow_redirects,
            max_redirects=config.max_redirects,
            raise_for_status=config.raise_for_status,
            retry=config.retry,
            max_response_bytes=config.max_response_bytes,
        )

    @classmethod
    def from_env(
        cls, prefix: str = "ANTIPHON_", env_file: str | os.PathLike[str] | None = None
    ) -> Self:
        """Return a client with the settings in environment variables that begin with `prefix`.

        `MYAPI_BASE_URL`, `MYAPI_TIMEOUT__READ`: `__` nests. Variables of the process beat those of
        `env_file`. Raises InvalidOptionError that names the variable, never its value.
        """
        import os

        from antiphon.models.config import config_from_env
        from antiphon.models.file_path import checked_path

        text = ""
        if env_file is not None:
            with open(checked_path("env_file", env_file), encoding="utf-8") as file:
                text = file.read()
        return cls.from_config(config_from_env(prefix, os.environ, text))

    # --- calls ----------------------------------------------------------------------------------

    async def _call(self, method: str, url: str | URL, options: CallKeywords) -> Response:
        builder = self._builder
        call_options = self._base_options
        if options:
            refuse_unknown("the call", options, CALL_KEYWORDS)
            call_options = call_options.overridden(options)
        request = builder.build(method, url, options)
        return await self._send(request, call_options)

    async def send(self, request: Request, **options: Unpack[SendKeywords]) -> Response:
        """Send a request that was built before, as `request` would."""
        check_request("send()", request)
        call_options = self._base_options
        if options:
            refuse_unknown("send()", options, SEND_KEYWORDS)
            call_options = call_options.overridden(options)
        if request.body is not None:
            check_async_body(request.body)
        return await self._send(request, call_options)

    async def _send(self, request: Request, options: CallOptions) -> Response:
        core = self._core
        if core.closed:
            core.refuse_closed()
        call = options.begin(request, self._builder.trusts(request.url), False, now())
        stream = await core.handle(request, call)
        if self._json_codec is not None:
            stream.json_codec = self._json_codec
        if not stream.is_loaded:  # made by a policy, outside of the attempt
            await stream.read(options.max_response_bytes)
        return stream.response(now() - call.started)

    def build_request(
        self, method: str, url: str | URL, **parts: Unpack[RequestKeywords]
    ) -> Request:
        """Return the request that `request` would, for `send`; the jar's cookies come there."""
        refuse_unknown("build_request()", parts, REQUEST_KEYWORDS)
        return self._builder.build(method, url, parts)

    # --- the client itself ----------------------------------------------------------------------

    @property
    def cookies(self) -> CookieJar:
        """The cookies that answers have set, and those given by hand; shared with the views."""
        return self._core.cookies

    @property
    def pipeline(self) -> Pipeline:
        """The steps that every call goes through; `print(client.pipeline)` lists them."""
        return self._core.pipeline

    def save_cookies(self, path: str | os.PathLike[str]) -> None:
        """Write the cookies to a file that only its owner can read.

        Raises OSError, and InvalidOptionError for what names no file.
        """
        from antiphon.models.file_path import checked_path
        from antiphon.network.private_file import write_private

        write_private(checked_path("path", path), self.cookies.to_json())

    def load_cookies(self, path: str | os.PathLike[str]) -> None:
        """Add the cookies that `save_cookies` wrote; those of the same name are replaced.

        Raises OSError, and InvalidOptionError for a file that holds something else.
        """
        from antiphon.models.file_path import checked_path

        with open(checked_path("path", path), encoding="utf-8") as file:
            self.cookies.update(CookieJar.from_json(file.read()))

    def with_options(
        self,
        *,
        base_url: str | URL | None = None,
        headers: HeaderChanges | None = None,
        params: Params | None = None,
        **options: Unpack[DefaultKeywords],
    ) -> Self:
        """Return a view of this client with other defaults, over the same pool and cookies.

        `headers` and `params` go over ours, the rest replaces ours. Closing a view does nothing;
        closing the client ends its views.
        """
        refuse_unknown("with_options()", options, SEND_KEYWORDS | {"max_redirects"})
        view = object.__new__(type(self))
        view._core = self._core
        view._json_codec = self._json_codec
        view._owner = False
        defaults = self._builder.headers.merged(headers)
        view._base_options, defaults = (
            self._base_options.overridden(options)
            .as_defaults()
            .with_credentials(base_url, defaults, auth_given="auth" in options)
        )
        view._builder = self._builder.changed(base_url, defaults, params)
        return view

    async def warm_up(self, urls: Iterable[str | URL]) -> int:
        """Open a connection (TLS included) for each URL ahead of use; return how many.

        What the limits do not allow is left out. Raises ConnectError and its kin, and
        InvalidOptionError over a transport that cannot.
        """
        self._core.refuse_closed()
        warm_up = getattr(self._core.transport, "warm_up", None)
        if warm_up is None:
            raise InvalidOptionError(f"transport {self._core.transport!r} has no warm_up()")
        where = [self._builder.build("GET", url).url for url in checked_urls(urls)]
        opened: int = await warm_up(
            where, self._base_options.transport_options(stream=False, now=now())
        )
        return opened

    async def aclose(self) -> None:
        """Close the pool; calls that are running end with an error, later ones are refused."""
        if self._owner:
            await self._core.aclose()

    async def __aenter__(self) -> Self:
        self._core.refuse_closed()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        base = self._builder.base_url
        where = "" if base is None else f" {base.redacted}"
        closed = ", closed" if self._core.closed else ""
        return f"<{type(self).__name__}{where}{closed}>"

# Source of _sync/client_core.py; after editing run: tox -e codegen
"""What a client and its views share: transport, cookies, pipeline, and the end of them."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from antiphon._async.pipeline import build_pipeline
from antiphon.errors import ClientClosedError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Mapping

    from antiphon._async.engine.settings import ResolveInput
    from antiphon._async.transport import AsyncTransport
    from antiphon.models.connecting import Connecting
    from antiphon.models.limits import Limits
    from antiphon.models.tls_config import TLSConfig
    from antiphon.models.unset import Unset
    from antiphon.policies.cookies import CookieJar
    from antiphon.policies.proxy import ProxyInput
    from antiphon.policies.proxy_choice import ProxiesInput


class AsyncClientCore:
    """Lives as long as the client or one of its views. A forgotten one closes its connections."""

    __slots__ = ("__weakref__", "closed", "cookies", "handle", "pipeline", "transport")

    def __init__(
        self,
        transport: AsyncTransport | None,
        cookies: CookieJar,
        policies: Iterable[object],
        *,
        limits: Limits | None,
        tls: TLSConfig | ssl.SSLContext | None,
        trust_env: bool,
        proxy: ProxyInput | Unset,
        proxies: ProxiesInput | None,
        resolve: ResolveInput,
        connecting: Connecting | None,
        transports: Mapping[str, AsyncTransport | None] | None,
    ) -> None:
        self.closed = False
        self.cookies = cookies
        if transport is None:
            from antiphon._async.engine.engine import AsyncEngine

            engine = AsyncEngine(
                limits=limits,
                tls=tls,
                trust_env=trust_env,
                proxy=proxy,
                proxies=proxies,
                resolve=resolve,
                connecting=connecting,
            )
            # Closing idle connections waits for nothing, so a finaliser may do it.
            weakref.finalize(self, engine.pool.retire)
            transport = engine
        if transports is not None:
            from antiphon._async.mounts import AsyncMounts

            transport = AsyncMounts(transports, transport)
        self.transport: AsyncTransport = transport
        self.handle, self.pipeline = build_pipeline(transport, cookies, policies)

    def refuse_closed(self) -> None:
        """Raise ClientClosedError once the client was closed."""
        if self.closed:
            raise ClientClosedError("this client was closed; make a new one for further calls")

    async def aclose(self) -> None:
        """Close the transport, if it can be; calls that are running end with an error."""
        if self.closed:
            return
        self.closed = True
        close = getattr(self.transport, "aclose", None)
        if close is not None:
            await close()

"""TLS by urllib3, over a socket that the engine has connected."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Any, cast

from urllib3.connection import HTTPSConnection
from urllib3.exceptions import HTTPError

from antiphon.network.outcome import READY, Outcome, WaitEnded

Wait = Callable[[Sequence[socket.socket], Sequence[socket.socket]], Outcome]


class _ContextView:
    """A user's or our own `SSLContext`, as urllib3 may see it: read, never changed.

    urllib3 sets ALPN, the verification mode and at times `check_hostname` on whatever context it
    is given, and shakes hands in one blocking step. Here the settings stay what they were, and the
    handshake waits by our own primitive, with its deadline and its cancellation.
    """

    def __init__(self, context: ssl.SSLContext, wait: Wait) -> None:
        object.__setattr__(self, "_context", context)
        object.__setattr__(self, "_wait", wait)

    def __getattr__(self, name: str) -> object:
        return getattr(self._context, name)

    def __setattr__(self, name: str, value: object) -> None:
        """Ignored: settings of a shared context are not urllib3's to change."""

    def set_alpn_protocols(self, protocols: Sequence[str]) -> None:
        """Ignored: what the context offers was decided when it was made."""

    def wrap_socket(
        self, sock: socket.socket, *, server_hostname: str | None = None, **_: object
    ) -> ssl.SSLSocket:
        tls = cast("ssl.SSLContext", self._context).wrap_socket(
            sock,
            server_hostname=server_hostname,
            do_handshake_on_connect=False,
            suppress_ragged_eofs=False,
        )
        try:
            self._shake_hands(tls)
        except BaseException:
            tls.close()
            raise
        return tls

    def _shake_hands(self, tls: ssl.SSLSocket) -> None:
        wait = cast("Wait", self._wait)
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                outcome = wait((tls,), ())
            except ssl.SSLWantWriteError:
                outcome = wait((), (tls,))
            else:
                return
            if outcome is not READY:
                raise WaitEnded(outcome)


class _Connection(HTTPSConnection):
    """urllib3's connection for its TLS alone: it neither dials nor speaks HTTP."""

    def __init__(self, sock: socket.socket, **settings: Any) -> None:
        super().__init__(**settings)
        self._given = sock

    def _new_conn(self) -> socket.socket:
        return self._given

    def _post_conn(self) -> None:
        """Do nothing: here urllib3-future would start HTTP/2 on the socket."""


def wrap(
    sock: socket.socket, context: ssl.SSLContext, server_hostname: str, wait: Wait
) -> ssl.SSLSocket:
    """Let urllib3 make TLS over `sock` and verify the peer's certificate and name."""
    connection = _Connection(
        sock,
        host=server_hostname,
        port=443,
        ssl_context=cast("ssl.SSLContext", _ContextView(context, wait)),
        # urllib3 would match the name itself where a context does not; a user who switched that
        # off meant it.
        assert_hostname=None if context.check_hostname else False,
    )
    try:
        connection.connect()
    except HTTPError as error:
        # urllib3 wraps what `ssl` raised in an exception of its own, on some paths.
        if isinstance(error.__cause__, OSError):
            raise error.__cause__ from None
        raise ssl.SSLError(str(error)) from error
    tls = connection.sock
    connection.sock = None
    return cast("ssl.SSLSocket", tls)

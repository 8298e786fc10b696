"""`NetrcAuth`: user names and passwords by host, from the file that ftp and curl read too."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import attrs

from antiphon.errors import InvalidOptionError
from antiphon.policies.auth import BasicAuth
from antiphon.policies.auth_errands import ReadNetrc
from antiphon.policies.setting_checks import shown

if TYPE_CHECKING:
    from collections.abc import Generator

    from antiphon.models.request import Request
    from antiphon.policies.auth_errands import Errand


def _path(value: object) -> Any:
    if (value is not None and not isinstance(value, str | os.PathLike)) or value == "":
        raise InvalidOptionError(
            f"NetrcAuth(path={shown(value)}): give the path of a netrc file, "
            "or None for the usual one"
        )
    return value


@attrs.frozen
class NetrcAuth:
    """Basic auth with what a netrc file has for the host of the request, nothing if it has none.

    The file is `path`, or the one that NETRC names in the environment, or `~/.netrc`. It is read
    when it has changed. An `Authorization` header of the call and userinfo in its URL win, even if
    the call is given this auth itself. Raises `InvalidOptionError` for a file that cannot be used.
    """

    path: str | os.PathLike[str] | None = attrs.field(default=None, converter=_path)

    def auth_flow(self, request: Request) -> Generator[Request | Errand, Any, None]:
        """Send `request`, with a user name and a password if the file has them."""
        if "authorization" not in request.headers:
            entries = yield ReadNetrc(self.path)
            found = entries.get(request.url.host) or entries.get("default")
            if found is not None:
                request = request.with_header("Authorization", self._header(request, found))
        yield request

    def _header(self, request: Request, found: tuple[str, str]) -> str:
        try:
            return BasicAuth(*found).header_value
        except InvalidOptionError as error:
            reason = str(error).partition(": ")[2]
            host = request.url.host
            raise InvalidOptionError(f"NetrcAuth: its entry for {host}: {reason}") from None

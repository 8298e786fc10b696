"""Text of a URL or of a reference, split by `urllib.parse` and normalised part by part.

`urllib.parse` finds where the parts begin and end. What it lets through, drops or strips is checked
here before and after it: it is lenient about controls, ports, empty hosts and stray brackets.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

from antiphon.models.origin import DEFAULT_PORTS
from antiphon.models.url_encoding import (
    encode_path,
    encode_query,
    encode_userinfo,
    remove_dot_segments,
)
from antiphon.models.url_host import InvalidHost, normalise_host
from antiphon.models.url_refusal import refused_url

# C0 controls and DEL are refused, not escaped: who sends them did not check their input.
# A lone surrogate has no UTF-8 form.
_REFUSED_CHARACTER = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_PORT = re.compile("[1-9][0-9]{0,4}")
# Browsers read it as a slash, others do not: what is checked and what is requested may differ.
_BACKSLASH_REASON = "a backslash stands in it; write / or %5C"
_PORT_REASON = "the port is not a number from 1 to 65535"


class Parts(NamedTuple):
    """The normalised parts of an absolute URL: escaped as they stand in its text."""

    scheme: str
    userinfo: str
    host: str  # without brackets; the zone of an IPv6 address after %
    port: int | None
    path: str
    query: str | None  # None: no "?"
    fragment: str


def parse_reference(text: str, base: Parts | None = None) -> Parts:
    """Resolve `text` against `base` (RFC 3986, section 5.2.2, strict); without one it is absolute.

    Spaces around the text are dropped. Raises `InvalidURLError`.
    """
    check_characters(text)
    text = text.strip(" ")
    try:
        scheme, authority, path, query_text, fragment = urlsplit(text)
    except ValueError:
        raise refused_url("the host is not a valid name or IP address", text) from None
    query: str | None = None
    if query_text:
        query = encode_query(query_text)
    elif "?" in text and text.partition("#")[0][-1:] == "?":
        # An empty query is one (RFC 3986, section 6.2.3), which urlsplit does not tell apart.
        query = ""
    if fragment:
        fragment = encode_query(fragment)
    if "\\" in text and "\\" in authority + path:
        raise refused_url(_BACKSLASH_REASON, text)
    path = encode_path(path)

    has_authority = text.startswith("//", len(scheme) + 1 if scheme else 0)
    if scheme or has_authority or base is None:
        if not scheme and base is not None:
            scheme = base.scheme
        if scheme not in DEFAULT_PORTS:
            raise refused_url(_scheme_reason(text, scheme), text)
        if not has_authority:
            raise refused_url(f"no // follows the scheme; write {scheme}://host/path", text)
        userinfo, host, port = _authority_parts(text, authority)
        return Parts(scheme, userinfo, host, port, absolute_path(path), query, fragment)
    if not path:
        path = base.path
        if query is None:
            query = base.query
    elif path[0] == "/":
        path = absolute_path(path)
    else:
        path = absolute_path(base.path[: base.path.rfind("/") + 1] + path)
    return Parts(base.scheme, base.userinfo, base.host, base.port, path, query, fragment)


def check_characters(text: str, *, shown: bool = True) -> None:
    """Raise `InvalidURLError` for a control character or a lone surrogate."""
    found = _REFUSED_CHARACTER.search(text)
    if found is not None:
        reason = f"the character {found[0]!r} at index {found.start()} cannot stand in a URL"
        raise refused_url(reason, text if shown else None)


def check_scheme(scheme: str) -> str:
    """Return "http" or "https". Raises `InvalidURLError` for another scheme."""
    lowered = scheme.lower()
    if lowered not in DEFAULT_PORTS:
        raise refused_url(f"the scheme {scheme[:40]!r} is not http or https")
    return lowered


def check_port(port: object) -> int:
    """Return a port that can be connected to. Raises `InvalidURLError` for anything else."""
    if isinstance(port, int) and not isinstance(port, bool) and 0 < port < 65536:
        return port
    raise refused_url(_PORT_REASON)


def check_path(path: str) -> str:
    """Return `path` escaped, absolute and without dot segments. Raises `InvalidURLError`."""
    if "\\" in path:
        raise refused_url(_BACKSLASH_REASON)
    return absolute_path(encode_path(path if path[:1] == "/" else "/" + path))


def absolute_path(path: str) -> str:
    """Remove the dot segments of an escaped path that starts with "/", and give "/" for ""."""
    if "/." in path or "/%2E" in path:
        return remove_dot_segments(path)
    return path or "/"


def check_host(host: str, text: str) -> str:
    """Return the normalised host; `text` is what the error shows. Raises `InvalidURLError`."""
    try:
        return normalise_host(host)
    except InvalidHost as error:
        raise refused_url(str(error), text) from None


def join_userinfo(username: str, password: str) -> str:
    """Join what is escaped already; an empty password is none (RFC 3986, section 6.2.3)."""
    return f"{username}:{password}" if password else username


def decode_userinfo(text: str) -> str:
    """Decode a user name or password. Raises `InvalidURLError` if it is not UTF-8."""
    if "%" not in text:
        return text
    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError:
        raise refused_url("the user name or password is not UTF-8; use auth=") from None


def _authority_parts(text: str, authority: str) -> tuple[str, str, int | None]:
    userinfo, at, host_port = authority.rpartition("@")
    if at:
        # Browsers, curl and urllib3 agree that the last @ ends the userinfo.
        username, _, password = userinfo.partition(":")
        userinfo = join_userinfo(encode_userinfo(username), encode_userinfo(password))
    if host_port[:1] == "[":
        host, bracket, port_text = host_port.partition("]")
        host += bracket
        if port_text and port_text[0] != ":":
            raise refused_url("the IPv6 host is followed by something that is no port", text)
        port_text = port_text[1:]
    else:
        host, _, port_text = host_port.partition(":")
    port = None
    if port_text:
        # Port 0 is reserved (RFC 6335, section 6): nothing can be connected to it.
        significant = port_text.lstrip("0")
        if _PORT.fullmatch(significant) is None or int(significant) > 65535:
            raise refused_url(_PORT_REASON, text)
        port = int(significant)
    return userinfo, check_host(host, text), port


def _scheme_reason(text: str, scheme: str) -> str:
    if not scheme:
        return "the scheme is missing; write https://host/path"
    if "@" in text:
        # What stands before the colon may be a user name.
        return "the scheme is not http or https"
    return f"the scheme {scheme[:40]!r} is not http or https"

"""Requests and outcomes in the words of OpenTelemetry's semantic conventions for HTTP clients.

Pure: needs no package. The conventions are those that are stable since version 1.23.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from antiphon.errors import InvalidOptionError
from antiphon.policies.setting_checks import shown, texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from antiphon.models.request import Request
    from antiphon.policies.outcomes import Outcome

INSTRUMENTATION = "antiphon"
"""The scope of all spans and metrics."""
SCHEMA_URL = "https://opentelemetry.io/schemas/1.37.0"

# RFC 9110 section 9, PATCH of RFC 5789, and QUERY, of which OpenTelemetry knows, too.
_METHODS = frozenset(
    {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"}
)
_METHODS_VARIABLE = "OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS"

# Responses without a body, whatever Content-Length says (RFC 9110 section 8.6).
_BODILESS = frozenset({204, 304})


def methods_to_name(given: Iterable[str] | None) -> frozenset[str]:
    """Return the methods that may be named: `given`, or what the environment or the RFCs say.

    The list of the variable OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS replaces ours, as it has to.
    """
    if given is not None:
        found = texts(given)
        if found is None:
            raise InvalidOptionError(f"known_methods={shown(given)}: give a list of methods")
        return frozenset(found)
    listed = os.environ.get(_METHODS_VARIABLE, "")
    named = frozenset(name.strip() for name in listed.split(",") if name.strip())
    return named or _METHODS


def check_guest(name: str, value: object, method: str) -> None:
    """Refuse what is neither None nor has `method`: the class is OpenTelemetry's or another's."""
    if value is not None and not callable(getattr(value, method, None)):
        raise InvalidOptionError(
            f"{name}={shown(value)}: give an object that has {method}(), or None for the global one"
        )


def check_flag(name: str, value: object) -> None:
    """Refuse anything but True and False."""
    if not isinstance(value, bool):
        raise InvalidOptionError(f"{name}={shown(value)}: give True or False")


def method_of(request: Request, known: frozenset[str]) -> str:
    """Return the method, `_OTHER` for one that is not known: there may be any number of those."""
    return request.method if request.method in known else "_OTHER"


def server_attributes(request: Request, known: frozenset[str]) -> dict[str, str | int]:
    """Return what describes a request with few values, for metrics."""
    url = request.url
    return {
        "http.request.method": method_of(request, known),
        "server.address": url.host,
        "server.port": url.port,
        "url.scheme": url.scheme,
    }


def request_attributes(request: Request, known: frozenset[str]) -> dict[str, str | int]:
    """Return what describes a request, for the start of its span. No secrets: see `redacted`."""
    url = request.url
    attributes: dict[str, str | int] = {
        "http.request.method": method_of(request, known),
        "server.address": url.host,
        "server.port": url.port,
        "url.full": url.redacted,
    }
    if attributes["http.request.method"] != request.method:
        attributes["http.request.method_original"] = request.method
    return attributes


def outcome_attributes(outcome: Outcome) -> dict[str, str | int]:
    """Return how it ended, for spans and metrics alike."""
    attributes: dict[str, str | int] = {}
    if outcome.status is not None:
        attributes["http.response.status_code"] = outcome.status
    if outcome.http_version is not None:
        attributes["network.protocol.version"] = protocol_version(outcome.http_version)
    if outcome.error_type is not None:
        attributes["error.type"] = outcome.error_type
    return attributes


def protocol_version(http_version: str) -> str:
    """Return "1.1" for "HTTP/1.1"."""
    return http_version.rpartition("/")[2]


def request_body_size(request: Request) -> int | None:
    """Return the bytes of the body as it is sent, 0 without one, None if nobody knows."""
    return 0 if request.body is None else request.body.length


def response_body_size(request: Request, outcome: Outcome) -> int | None:
    """Return the bytes of the body as it was sent, None if the head does not say."""
    if outcome.headers is None:
        return None
    if request.method == "HEAD" or outcome.status in _BODILESS:
        return 0
    declared = outcome.headers.get("content-length")
    return int(declared) if declared is not None and declared.isdecimal() else None

"""What of a response may appear in the message of an error: bounded, redacted, printable."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from antiphon.models.request import Request
    from antiphon.models.response import Response
    from antiphon.models.url import URL

_SNIPPET_CHARACTERS = 200
_PATH_CHARACTERS = 200
_REASON_CHARACTERS = 100
# A larger body is not parsed as JSON: the first part of its text is enough for a snippet.
_PARSED_BYTES = 65_536
_TEXT_BYTES = 4_096
# Deep enough for any error document; what lies deeper is not shown.
_DEPTH = 20
# A literal value of the request is masked wherever it comes back, if it is long enough to be
# recognised as that value and not as a word of the answer.
_LITERAL_CHARACTERS = 8

_HIDDEN = "***"

# Compared after dropping everything but letters and digits: "X-API-Key" and "api_key" are one.
_SECRET_WORDS = re.compile(
    r"pass(?:word|wd|phrase|code)|pwd|secret|token|apikey|accesskey|privatekey|authorization"
    r"|credential|cookie|session|signature|jwt|bearer|cvv|cvc|cardnumber|^(?:auth|pin|otp|ssn|key)$"
)
_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]+")

# The same keys in text that is no JSON, or JSON cut short: `"password": "..."`, `token=...`.
_SECRET_ASSIGNMENT = re.compile(
    r"""(?P<key>[\w.-]*(?:pass(?:word|wd|phrase|code)|pwd|secret|token(?!s)|api[_-]?key|access[_-]?key
        |private[_-]?key|authorization|credential|cookie|session|signature|jwt|cvv|cvc)[\w.-]{0,40}
        ["']?\s{0,3}[:=>]\s{0,3})
        (?P<value>"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|\[[^\]]*\]?|\{[^}]*\}?
        |(?:(?:Bearer|Basic|Digest|Token)\s+)?[^\s,;&<>"']+)""",
    re.IGNORECASE | re.VERBOSE,
)
# Secrets that are recognised wherever they stand.
_CREDENTIALS = re.compile(
    r"\b(Bearer|Basic|Digest|Token)(\s+)[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE
)
_JSON_WEB_TOKEN = re.compile(r"\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?")
_VENDOR_KEY = re.compile(
    r"\b(?:sk|pk|rk|ghp|gho|ghu|ghs|github_pat|glpat|xox[abprs])[-_][\w-]{8,}|\bA[KS]IA[A-Z0-9]{12,}"
    r"|\bAIza[\w-]{20,}"
)
_USERINFO = re.compile(r"://[^/\s@\"'<>]+@")
_QUERY_VALUE = re.compile(r"([?&][^=&\s\"'<>]{1,100}=)[^&\s\"'<>]+")

_TEXT_TYPES = re.compile(r"text/|.*(?:json|xml|javascript|x-www-form-urlencoded)", re.IGNORECASE)
_WHITE_SPACE = re.compile(r"\s+")


def describe_response(response: Response) -> str:
    """Return "404 Not Found for GET https://host/path?[2 parameters]: <snippet of the body>"."""
    reason = _printable(response.reason, _REASON_CHARACTERS) or _standard_reason(response.status)
    status = f"{response.status} {reason}".rstrip()
    text = f"{status} for {response.method} {describe_url(response.url)}"
    snippet = body_snippet(
        response.content, response.headers.get("Content-Type"), request=response.request
    )
    return f"{text}: {snippet}" if snippet else text


def describe_url(url: URL) -> str:
    """Return scheme, host, port and path of `url`, and how many query parameters it has."""
    text = f"{url.origin}{_printable(url.path, _PATH_CHARACTERS)}"
    if not url.query:
        return text
    count = url.query.count("&") + 1
    return f"{text}?[{count} parameter{'' if count == 1 else 's'}]"


def body_snippet(
    content: bytes, content_type: str | None = None, *, request: Request | None = None
) -> str:
    """Return at most about 200 printable characters of `content` on one line, secrets as ***.

    Masked are values of keys that sound secret, credentials of known shapes, query values and
    userinfo of URLs, and the secrets of `request` if the server echoes them. A body that is no text
    is named by its size and type.
    """
    if not content:
        return ""
    if b"\0" in content[:_TEXT_BYTES] or (content_type and not _TEXT_TYPES.match(content_type)):
        kind = _printable((content_type or "binary data").partition(";")[0], _REASON_CHARACTERS)
        return f"[{len(content)} bytes of {kind}]"
    secrets = _request_secrets(request)
    text = _json_text(content, secrets) if len(content) <= _PARSED_BYTES else None
    if text is None:
        text = content[:_TEXT_BYTES].decode("utf-8", "replace")
        if len(content) > _TEXT_BYTES:
            # The cut may have gone through a secret, of which half would be recognised by nobody.
            text = text[: -len(text.split()[-1])] if text.split() else ""
        text = _masked_text(text, secrets)
    # Blank, or one long word: it must not look as if there were no body at all.
    return _printable(text, _SNIPPET_CHARACTERS) or f"[{len(content)} bytes of text]"


def is_secret_key(key: str) -> bool:
    """Say whether a key of a document or form sounds as if its value were secret."""
    return bool(_SECRET_WORDS.search(_NOT_ALPHANUMERIC.sub("", key.lower())))


def _json_text(content: bytes, secrets: Iterable[str]) -> str | None:
    """Return the JSON document in `content` with secret values masked, None if it is none."""
    try:
        document = json.loads(content)
        return json.dumps(_masked_document(document, secrets, _DEPTH), ensure_ascii=False)
    except (ValueError, RecursionError):
        return None


def _masked_document(value: object, secrets: Iterable[str], depth: int) -> object:
    # Before it is written out again: escapes would hide a secret from the search.
    if isinstance(value, str):
        return _masked_text(value, secrets)
    if depth == 0:
        return "..."
    if isinstance(value, dict):
        return {
            _masked_text(key, secrets): _HIDDEN
            if _hides(key, item)
            else _masked_document(item, secrets, depth - 1)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_masked_document(item, secrets, depth - 1) for item in value]
    return value


def _hides(key: str, value: object) -> bool:
    if value is None or isinstance(value, bool) or not is_secret_key(key):
        return False
    # "max_tokens": 4096 is a count.
    return not (isinstance(value, (int, float)) and "token" in key.lower())


def _masked_text(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, _HIDDEN)
    text = _USERINFO.sub(f"://{_HIDDEN}@", text)
    text = _QUERY_VALUE.sub(rf"\1{_HIDDEN}", text)
    text = _CREDENTIALS.sub(rf"\1\2{_HIDDEN}", text)
    text = _JSON_WEB_TOKEN.sub(_HIDDEN, text)
    text = _VENDOR_KEY.sub(_HIDDEN, text)
    return _SECRET_ASSIGNMENT.sub(_hide_assigned, text)


def _hide_assigned(match: re.Match[str]) -> str:
    value = match["value"]
    quote = value[0] if value[0] in "\"'" else ""
    return f"{match['key']}{quote}{_HIDDEN}{quote}"


def _request_secrets(request: Request | None) -> list[str]:
    """Return the literals of `request` that an answer may echo and a message must not, long first.

    They are the values of secret header fields, the userinfo, and the values of the query.
    """
    if request is None:
        return []
    from urllib.parse import unquote_plus

    found = {request.url.password}
    hidden = request.headers.redacted().pairs
    for (name, value), (_, shown) in zip(request.headers.pairs, hidden, strict=True):
        # Some names are secrets because an auth said so.
        if is_secret_key(name) or shown == _HIDDEN:
            found.add(value)
            parts = [*value.split(), *_parts_of(name.lower(), value)]
            found.update(part for part in parts if len(part) >= _LITERAL_CHARACTERS)
    for pair in request.url.query.split("&"):
        name, _, value = pair.partition("=")
        if len(value) >= _LITERAL_CHARACTERS or is_secret_key(unquote_plus(name)):
            found.update((value, unquote_plus(value)))
    # In JSON that is cut short it stands escaped.
    found.update([json.dumps(value)[1:-1] for value in found])
    return sorted(found - {""}, key=len, reverse=True)


def _parts_of(name: str, value: str) -> list[str]:
    """Return the values of cookies, and user name and password of basic auth."""
    if name == "cookie":
        return [pair.partition("=")[2].strip(' "') for pair in value.split(";")]
    scheme, _, encoded = value.partition(" ")
    if scheme.lower() != "basic":
        return []
    from base64 import b64decode

    try:
        return b64decode(encoded).decode().split(":", 1)
    except ValueError:
        return []


def _printable(text: str, limit: int) -> str:
    """Return `text` on one line, control and formatting characters escaped, cut at `limit`."""
    text = _WHITE_SPACE.sub(" ", text).strip()
    cut = text[:limit]
    if not cut.isprintable():
        cut = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in cut)
    return cut + "..." if len(text) > limit else cut


def _standard_reason(status: int) -> str:
    """Return the registered phrase, for peers that send none (HTTP/2 has none)."""
    import http

    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return ""

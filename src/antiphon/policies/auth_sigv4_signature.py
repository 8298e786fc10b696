"""The arithmetic of AWS Signature Version 4: from what is sent to a signature.

"Create a signed AWS API request" in the IAM User Guide, and "Signature Calculations for the
Authorization Header" in the S3 API Reference, whose words are used here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

_SPACES = re.compile("[ \t]+")

ALGORITHM = "AWS4-HMAC-SHA256"
EMPTY_PAYLOAD = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""SHA-256 of nothing."""
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"


def canonical_path(path: str, *, is_s3: bool) -> str:
    """Return the path as it is signed.

    S3 signs the key itself, escaped once. All others sign the path as sent, with `.`, `..` and
    empty segments resolved, and escape it once more.
    """
    if is_s3:
        return quote(unquote_to_bytes(path), safe="/~")
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in {"", "."}:
            kept.append(segment)
    slash = "/" if kept and path.endswith(("/", "/.", "/..")) else ""
    return quote(f"/{'/'.join(kept)}{slash}", safe="/~")


def canonical_query(query: str) -> str:
    """Return the query sorted by names, then values, everything escaped but unreserved signs."""
    pairs = []
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        pairs.append((_escaped(name), _escaped(value)))
    return "&".join([f"{name}={value}" for name, value in sorted(pairs)])


def _escaped(text: str) -> str:
    return quote(unquote_to_bytes(text), safe="~")


def canonical_headers(lines: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """Return the header lines as they are signed, and the list of their names."""
    values: dict[str, list[str]] = {}
    for name, value in lines:
        # Spaces and tabs alone: other bytes that Unicode calls spaces may be parts of UTF-8.
        trimmed = _SPACES.sub(" ", value).strip(" ")
        values.setdefault(name.lower(), []).append(trimmed)
    names = sorted(values)
    return "".join([f"{name}:{','.join(values[name])}\n" for name in names]), ";".join(names)


def authorization(
    *,
    access_key: str,
    secret_key: str,
    region: str,
    service: str,
    stamp: str,
    method: str,
    path: str,
    query: str,
    headers: Iterable[tuple[str, str]],
    payload_hash: str,
) -> str:
    """Return the value of `Authorization`; path and query are canonical, `stamp` is x-amz-date."""
    import hashlib
    import hmac

    lines, names = canonical_headers(headers)
    request = f"{method}\n{path}\n{query}\n{lines}\n{names}\n{payload_hash}"
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    # Latin-1 is what header fields are sent in, so this is what the service finds, to the byte.
    hashed = hashlib.sha256(request.encode("latin-1")).hexdigest()
    to_sign = f"{ALGORITHM}\n{stamp}\n{scope}\n{hashed}"
    key = f"AWS4{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    return (
        f"{ALGORITHM} Credential={access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    )

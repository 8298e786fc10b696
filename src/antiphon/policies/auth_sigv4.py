"""`AWSSigV4`: signs each attempt as the services of AWS want it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs

from antiphon.errors import InvalidBodyError, InvalidOptionError
from antiphon.policies.auth import checked_secret
from antiphon.policies.auth_sigv4_signature import (
    EMPTY_PAYLOAD,
    UNSIGNED_PAYLOAD,
    authorization,
    canonical_path,
    canonical_query,
)
from antiphon.policies.setting_checks import one_of, shown

if TYPE_CHECKING:
    from antiphon.models.request import Request
    from antiphon.models.secret import Secret

# Fields that those on the way may change, so that the service would not find them as they were
# signed. Most are of RFC 9110 section 7.6.1, or about one hop; x-amzn-trace-id is AWS's own.
_UNSIGNED = frozenset(
    {
        "accept-encoding",
        "authorization",
        "cache-control",
        "connection",
        "content-length",
        "expect",
        "from",
        "host",
        "keep-alive",
        "max-forwards",
        "pragma",
        "proxy-authorization",
        "referer",
        "te",
        "traceparent",
        "tracestate",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "via",
        "x-amz-date",
        "x-amz-security-token",
        "x-amzn-trace-id",
        "x-forwarded-for",
    }
)
# Services that want to be told the hash of the payload; "s3" and all that begin with it, too.
_TOLD_THE_HASH = frozenset({"aoss"})


def _checked_key(value: object, name: str) -> Secret:
    secret = checked_secret(f"AWSSigV4({name}=...)", value)
    text = secret.get_secret_value()
    if not text or not all("!" <= character <= "~" for character in text):
        raise InvalidOptionError(f"AWSSigV4({name}=...): is empty, or has spaces or line ends")
    return secret


def _access_key(value: object) -> Secret:
    return _checked_key(value, "access_key")


def _secret_key(value: object) -> Secret:
    return _checked_key(value, "secret_key")


def _session_token(value: object) -> Secret | None:
    return None if value is None else _checked_key(value, "session_token")


def _part_of_scope(_policy: object, field: attrs.Attribute[str], value: object) -> None:
    if (
        not isinstance(value, str)
        or not value
        or not all("!" <= character <= "~" and character not in "/," for character in value)
    ):
        raise InvalidOptionError(
            f"AWSSigV4({field.name}={shown(value)}): give its name, such as 'us-east-1' or 's3'"
        )


@attrs.frozen(repr=False)
class AWSSigV4:
    """Signature Version 4 of AWS, and of what speaks like S3: in a header, anew for each attempt.

    - `access_key`, `secret_key`, and the `session_token` of temporary credentials
    - `region` and `service`, such as "eu-central-1" and "s3", "execute-api", "bedrock"
    - `payload`: "auto" signs what is in memory or can be read twice; for S3 over https it leaves
      files and streams unsigned (`UNSIGNED-PAYLOAD`). "signed" and "unsigned" leave no choice. A
      header `x-amz-content-sha256` of the caller's is taken as it is

    Raises `InvalidOptionError`; a stream that would have to be signed is an `InvalidBodyError`.
    """

    access_key: Secret = attrs.field(converter=_access_key)
    secret_key: Secret = attrs.field(converter=_secret_key)
    region: str = attrs.field(validator=_part_of_scope)
    service: str = attrs.field(validator=_part_of_scope)
    session_token: Secret | None = attrs.field(default=None, converter=_session_token)
    payload: Literal["auto", "signed", "unsigned"] = attrs.field(
        default="auto", kw_only=True, validator=one_of("auto", "signed", "unsigned")
    )

    def sign(self, request: Request, now_wall: float) -> Request:
        """Return `request` with x-amz-date, x-amz-content-sha256 and so on, and its signature."""
        from time import gmtime, strftime

        stamp = strftime("%Y%m%dT%H%M%SZ", gmtime(now_wall))
        url = request.url
        if "+" in url.query:
            # Some take it for a space and some for itself; its escape is the same to all.
            url = url.with_(query=url.query.replace("+", "%2B"))
        is_s3 = self.service.startswith("s3")
        hashed = self._payload_hash(request, is_s3=is_s3)
        headers = request.headers.with_("X-Amz-Date", stamp)
        if is_s3 or self.service in _TOLD_THE_HASH or hashed == UNSIGNED_PAYLOAD:
            headers = headers.with_("X-Amz-Content-SHA256", hashed)
        signed = [pair for pair in headers.pairs if pair[0].lower() not in _UNSIGNED]
        signed += [("host", headers.get("host") or url.host_header), ("x-amz-date", stamp)]
        if self.session_token is None:
            headers = headers.without("X-Amz-Security-Token")
        else:
            token = self.session_token.get_secret_value()
            headers = headers.with_("X-Amz-Security-Token", token)
            signed.append(("x-amz-security-token", token))
        value = authorization(
            access_key=self.access_key.get_secret_value(),
            secret_key=self.secret_key.get_secret_value(),
            region=self.region,
            service=self.service,
            stamp=stamp,
            method=request.method,
            path=canonical_path(url.path, is_s3=is_s3),
            query=canonical_query(url.query),
            headers=signed,
            payload_hash=hashed,
        )
        return request.with_(url=url, headers=headers.with_("Authorization", value))

    def _payload_hash(self, request: Request, *, is_s3: bool) -> str:
        given = request.headers.get("x-amz-content-sha256")
        if given is not None:
            return given
        body = request.body
        if self.payload == "unsigned":
            return UNSIGNED_PAYLOAD
        if body is None:
            return EMPTY_PAYLOAD
        import hashlib

        if body.content is not None:
            return hashlib.sha256(body.content).hexdigest()
        # TLS protects what is not signed here; the hash of a large file takes long.
        if self.payload == "auto" and is_s3 and request.url.scheme == "https":
            return UNSIGNED_PAYLOAD
        if not body.replayable or body.is_async:
            raise InvalidBodyError(
                f"AWSSigV4: the body of {request.method} {request.url.redacted} is a stream, which "
                "cannot be read once to sign it and once to send it; give bytes or a file, or "
                "AWSSigV4(payload='unsigned') for a service that takes it"
            )
        made = hashlib.sha256()
        for piece in body.chunks():
            made.update(piece)
        return made.hexdigest()

    def __repr__(self) -> str:
        token = "" if self.session_token is None else ", session_token='***'"
        return f"AWSSigV4('***', '***', {self.region!r}, {self.service!r}{token})"

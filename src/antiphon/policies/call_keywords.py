"""The keywords of `client.get(...)` and its kin, as types: `**options: Unpack[CallKeywords]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from antiphon.models.body import ContentInput
    from antiphon.models.cancel import CancelToken
    from antiphon.models.compression import Coding
    from antiphon.models.content_digest import DigestAlgorithm
    from antiphon.models.events import TransportObserver
    from antiphon.models.form import FormInput
    from antiphon.models.headers import HeaderChanges
    from antiphon.models.json_codec import JSON
    from antiphon.models.multipart import FilesInput
    from antiphon.models.timeout import Timeout
    from antiphon.models.trailers import TrailersInput
    from antiphon.models.url_params import Params
    from antiphon.policies.auth import AuthInput
    from antiphon.policies.call_options import CacheMode
    from antiphon.policies.retry import Retry


class RequestKeywords(TypedDict, total=False):
    """What a request is made of, beside its method and URL; `client.build_request` takes these.

    - `params`: added to the query; a mapping, pairs or text; lists repeat, None is left out
    - `headers`: over the client's; None drops one
    - `cookies`: names and values for this call, beside those in the jar
    - `json`: any value, None included; `data`: a form; `files`: a multipart form, with `data`;
      `content`: bytes, text, a binary file or an iterable of bytes. One of them at most
    - `compress`: send the body in this content coding; "gzip", "deflate", "br" or "zstd"
    - `content_digest`: send its "sha-256" or "sha-512" along (RFC 9530), as a header if the body
      can be read twice, else as a trailer
    - `trailers`: fields after the body; values may be functions, called then, and so may the whole
    - `expect_continue`: ask the server before sending the body (RFC 9110 section 10.1.1)
    """

    params: Params | None
    headers: HeaderChanges | None
    cookies: Mapping[str, str] | None
    json: JSON
    data: FormInput | None
    content: ContentInput | None
    files: FilesInput | None
    compress: Coding | None
    content_digest: DigestAlgorithm | None
    trailers: TrailersInput | None
    expect_continue: bool


class SendKeywords(TypedDict, total=False):
    """How a request is sent, over the client's settings; `client.send` takes these.

    - `auth`: (user name, password), BasicAuth, BearerAuth, or a generator of your own; None: none,
      not even what the URL says
    - `timeout`: a `Timeout`, seconds for each phase, or None for no limit
    - `follow_redirects`, `raise_for_status`: True or False
    - `retry`: a `Retry`, a number of attempts, or None for one
    - `max_response_bytes`: the longest body that is loaded; None is no limit
    - `cancel`: a `CancelToken`; `observer`: a `TransportObserver`, told beside the client's
    - `idempotency_key`: the key to send, or True to have one made
    - `cache`: how the client's `Cache` is used: "default", "no-store", "reload", "no-cache",
      "force-cache" or "only-if-cached", as in the Fetch standard
    - `https_only`: True refuses plain http, at redirects too; False allows it to this call
    - `log`, `trace`: False leaves this call out
    """

    auth: AuthInput
    timeout: Timeout | float | None
    follow_redirects: bool
    raise_for_status: bool
    retry: Retry | int | None
    max_response_bytes: int | None
    cancel: CancelToken | None
    observer: TransportObserver | None
    idempotency_key: str | bool | None
    cache: CacheMode
    https_only: bool
    log: bool
    trace: bool


class DefaultKeywords(SendKeywords, total=False):
    """What `client.with_options` replaces: `SendKeywords`, and `max_redirects`."""

    max_redirects: int


class CallKeywords(RequestKeywords, SendKeywords, total=False):
    """All keywords of a call: `RequestKeywords` and `SendKeywords`."""

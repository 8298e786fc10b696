"""What a call asks for beyond its body: a coding, a digest, trailers, leave to send it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.errors import InvalidOptionError

if TYPE_CHECKING:
    from antiphon.models.body import Body
    from antiphon.models.headers import Headers
    from antiphon.policies.call_keywords import RequestKeywords

UPLOAD_KEYWORDS = frozenset({"compress", "content_digest", "trailers", "expect_continue"})


def prepare_upload(
    body: Body | None, headers: Headers, keywords: RequestKeywords
) -> tuple[Body | None, Headers]:
    """Return body and headers with what `keywords` ask for done to them.

    The coding comes first: a digest is one of the content as it is sent (RFC 9530 section 2). It is
    a header where the body can be read twice, and a trailer where it cannot. Raises
    `InvalidOptionError` for a keyword that needs a body, and for one that a header contradicts.
    """
    asked = {name: value for name in UPLOAD_KEYWORDS if (value := keywords.get(name))}
    expect = keywords.get("expect_continue", False)
    if not isinstance(expect, bool):
        raise InvalidOptionError(
            f"expect_continue={expect!r}: give True or False; "
            "Timeout(expect=...) says how long to wait"
        )
    if not asked:
        return body, headers
    if body is None:
        raise InvalidOptionError(
            f"{min(asked)}= is about the body, and this request has none; "
            "give it content=, json=, data= or files="
        )
    compress = keywords.get("compress")
    if compress:
        from antiphon.models.compressed_body import compressed

        _refuse_header(headers, "Content-Encoding", "compress")
        body = compressed(body, compress)
        headers = headers.with_("Content-Encoding", compress)
    algorithm = keywords.get("content_digest") or None
    trailers = keywords.get("trailers") or None
    if algorithm is not None:
        _refuse_header(headers, "Content-Digest", "content_digest")
        if body.replayable and not body.is_async:
            from antiphon.models.content_digest import digest_of

            headers = headers.with_("Content-Digest", digest_of(body, algorithm))
            algorithm = None
    if algorithm is not None or trailers is not None:
        body, headers = _with_trailers(body, headers, trailers, algorithm)
    if expect:
        headers = headers.with_("Expect", "100-continue")
    return body, headers


def _with_trailers(
    body: Body, headers: Headers, given: object, algorithm: str | None
) -> tuple[Body, Headers]:
    from antiphon.models.content_digest import content_hash
    from antiphon.models.trailed_body import TrailedBody
    from antiphon.models.trailers import TrailerMaker

    maker = None if given is None else TrailerMaker(given)  # type: ignore[arg-type]
    if algorithm is not None:
        content_hash(algorithm)  # refuses an unknown one before anything is sent
    trailed = TrailedBody(body, maker, algorithm)
    if trailed.trailer_names and "trailer" not in headers:
        headers = headers.with_("Trailer", ", ".join(trailed.trailer_names))
    return trailed, headers


def _refuse_header(headers: Headers, name: str, keyword: str) -> None:
    if name in headers:
        raise InvalidOptionError(
            f"{keyword}= and a header {name} are given together; leave one of them out"
        )

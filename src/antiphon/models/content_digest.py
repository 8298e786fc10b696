"""`Content-Digest`: a checksum of the body for the server to compare (RFC 9530)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from antiphon.models.body import Body

DigestAlgorithm: TypeAlias = Literal["sha-256", "sha-512"]
"""The algorithms that RFC 9530 section 5 calls fit for adversaries."""

# RFC 9530 section 5 writes them with a hyphen, hashlib without.
_HASHES = {"sha-256": "sha256", "sha-512": "sha512"}


class ContentHash(Protocol):
    """A digest in the making, as `hashlib` has them."""

    def update(self, data: bytes, /) -> None:
        """Take a piece of the content."""
        ...

    def digest(self) -> bytes:
        """Return the digest of what was taken."""
        ...


def content_hash(algorithm: str) -> ContentHash:
    """Return a new hash. Raises `InvalidOptionError` for an unknown algorithm."""
    name = _HASHES.get(algorithm) if isinstance(algorithm, str) else None
    if name is None:
        from antiphon.errors import InvalidOptionError

        raise InvalidOptionError(
            f"content_digest={algorithm!r}: give {' or '.join(map(repr, _HASHES))}, or None"
        )
    import hashlib

    return hashlib.new(name)


def digest_field(algorithm: str, made: ContentHash) -> str:
    """Return the value of Content-Digest: a dictionary with one byte sequence (RFC 8941)."""
    from base64 import b64encode

    return f"{algorithm}=:{b64encode(made.digest()).decode('ascii')}:"


def digest_of(body: Body, algorithm: str) -> str:
    """Return the value of Content-Digest for a body that can be sent again; reads it once."""
    made = content_hash(algorithm)
    for piece in body.chunks():
        made.update(piece)
    return digest_field(algorithm, made)

"""The arithmetic of Digest (RFC 7616 section 3.4): from a challenge to an `Authorization`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from antiphon.models.url_encoding import encode_value
from antiphon.policies.auth_challenges import challenges_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from antiphon.models.request import Request

# Section 6.1, and how hashlib calls them, the strongest first.
_HASHES = {"sha-512-256": "sha512_256", "sha-256": "sha256", "md5": "md5"}


@attrs.frozen
class DigestChallenge:
    """A challenge that can be answered. `algorithm` is as the server wrote it, "" for none: MD5."""

    realm: str
    nonce: str
    algorithm: str = ""
    qop: frozenset[str] = frozenset()
    opaque: str | None = None
    userhash: bool = False
    stale: bool = False

    @property
    def is_session(self) -> bool:
        """Whether the algorithm ends in -sess: the password is hashed once a session."""
        return self.algorithm.lower().endswith("-sess")

    def continues(self, former: DigestChallenge | None) -> bool:
        """Tell whether what was made of the `former` one stays good: a session goes on."""
        return former is not None and (self.nonce, self.realm, self.algorithm) == (
            former.nonce,
            former.realm,
            former.algorithm,
        )

    @property
    def rank(self) -> int:
        """The lower, the stronger the hash."""
        return list(_HASHES).index(_hash_of(self.algorithm))

    def hash(self, text: bytes) -> str:
        """Return the hash of `text` as hexadecimal digits."""
        import hashlib

        name = _HASHES[_hash_of(self.algorithm)]
        return hashlib.new(name, text, usedforsecurity=False).hexdigest()

    def secret(self, username: str, password: str, cnonce: str) -> str:
        """Return H(A1) of section 3.4.2, all that is needed of the password from then on."""
        hashed = self.hash(b":".join((username.encode(), _sent(self.realm), password.encode())))
        if not self.is_session:
            return hashed
        return self.hash(_sent(f"{hashed}:{self.nonce}:{cnonce}"))

    def protection(self, request: Request) -> str | None:
        """Return what to protect: "auth", "auth-int", "" without qop; None if nothing can be."""
        if not self.qop:
            return ""  # RFC 2069, which some devices still speak
        if "auth" in self.qop:
            return "auth"
        body = request.body
        readable = body is None or (body.replayable and not body.is_async)
        return "auth-int" if "auth-int" in self.qop and readable else None

    def authorization(
        self, request: Request, *, username: str, secret: str, nonce: str, count: int, cnonce: str
    ) -> str:
        """Return the value of `Authorization` for the `count`-th request with `nonce`."""
        qop = self.protection(request)
        uri = request.url.target
        subject = f"{request.method}:{uri}"
        if qop == "auth-int":
            content = b"" if request.body is None else b"".join(request.body.chunks())
            subject = f"{subject}:{self.hash(content)}"
        digits = f"{count:08x}"
        between = f"{nonce}:{digits}:{cnonce}:{qop}" if qop else nonce
        response = self.hash(_sent(f"{secret}:{between}:{self.hash(subject.encode())}"))
        parts = [self._name(username), f'realm="{self.realm}"', f'uri="{uri}"']
        parts.append(f'nonce="{nonce}"')
        if self.algorithm:
            parts.append(f"algorithm={self.algorithm}")
        if qop:
            parts += [f"nc={digits}", f"qop={qop}"]
        if qop or self.is_session:
            parts.append(f'cnonce="{cnonce}"')
        parts.append(f'response="{response}"')
        if self.opaque is not None:
            parts.append(f'opaque="{self.opaque}"')
        if self.userhash:
            parts.append("userhash=true")
        return f"Digest {', '.join(parts)}"

    def _name(self, username: str) -> str:
        if self.userhash:  # section 3.4.4
            hashed = self.hash(username.encode() + b":" + _sent(self.realm))
            return f'username="{hashed}"'
        if not username.isascii():  # section 3.4, by RFC 8187
            return f"username*=UTF-8''{encode_value(username)}"
        escaped = username.replace("\\", "\\\\").replace('"', '\\"')
        return f'username="{escaped}"'


def strongest_challenge(lines: Iterable[str]) -> DigestChallenge | None:
    """Return the digest challenge with the strongest hash, the server's first among equals.

    None if there is none whose hash this Python has, or whose protection is known.
    """
    found = []
    for scheme, parameters in challenges_of(lines):
        if scheme != "digest" or "nonce" not in parameters or "realm" not in parameters:
            continue
        qop = parameters.get("qop")
        known = {word.strip().lower() for word in (qop or "").split(",")} & {"auth", "auth-int"}
        algorithm = parameters.get("algorithm", "")
        if (qop is None or known) and _is_there(algorithm):
            found.append(
                DigestChallenge(
                    realm=parameters["realm"],
                    nonce=parameters["nonce"],
                    algorithm=algorithm,
                    qop=frozenset(known),
                    opaque=parameters.get("opaque"),
                    userhash=parameters.get("userhash", "").lower() == "true",
                    stale=parameters.get("stale", "").lower() == "true",
                )
            )
    return min(found, key=lambda challenge: challenge.rank, default=None)


def _sent(text: str) -> bytes:
    """Return what the server wrote, to the byte: it hashes its own, whatever they mean."""
    return text.encode("latin-1")


def _hash_of(algorithm: str) -> str:
    return algorithm.lower().removesuffix("-sess") or "md5"


def _is_there(algorithm: str) -> bool:
    import hashlib

    name = _HASHES.get(_hash_of(algorithm))
    return name is not None and name in hashlib.algorithms_available

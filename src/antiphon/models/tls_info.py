"""What a TLS handshake agreed on, and with whom."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class TLSInfo:
    """The TLS side of the connection that carried a response.

    `version` is "TLSv1.3" or "TLSv1.2", `cipher` OpenSSL's name of the cipher suite, `alpn` the
    protocol chosen by ALPN (RFC 7301), None if none was, `peer_certificate` the server's
    certificate in DER form.
    """

    version: str
    cipher: str
    alpn: str | None = None
    peer_certificate: bytes | None = attrs.field(default=None, repr=False)

    @property
    def pin(self) -> str | None:
        """The pin of the server's public key, as `TLSConfig(pins=...)` takes it (RFC 7469).

        None where the server showed no certificate.
        """
        if self.peer_certificate is None:
            return None
        from antiphon.models.spki import pin_of

        return pin_of(self.peer_certificate)

    @property
    def peer_certificate_pem(self) -> str | None:
        """The server's certificate in PEM form."""
        if self.peer_certificate is None:
            return None
        from ssl import DER_cert_to_PEM_cert

        return DER_cert_to_PEM_cert(self.peer_certificate)

"""The fault matrix: what a server does in which phase, and what the caller must see of it.

One table for the tests of both voices and for docs/reliability.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import attrs

Sent = Literal["no", "maybe", ""]


@attrs.frozen
class Outcome:
    """What one call comes to: one of `errors` (none: it is answered), and `sent` in that error.

    `seen` is how often a server that behaves as the fault says reads the head of the request, all
    connections taken together. In `sent`, "" stands for errors that have no such field.
    """

    errors: tuple[str, ...] = ()
    sent: tuple[Sent, ...] = ("maybe",)
    seen: tuple[int, ...] = (1,)


@attrs.frozen
class Case:
    """One fault, by its name in `antiphon.testing.faults`.

    `warm` requests are answered before on the same connection. `tls` is the outcome over TLS where
    it is another. `recovers` tells whether a `Retry` turns the error of a GET into an answer; for
    POST it does so only if nothing was sent.
    """

    fault: str
    phase: str
    does: str
    get: Outcome
    post: Outcome | None = None
    tls: Outcome | None = None
    schemes: tuple[str, ...] = ("http", "https")
    warm: int = 0
    body: int = 10
    timeout: Mapping[str, float] = MappingProxyType({})
    cap: int | None = None
    recovers: bool = True

    def outcome(self, method: str, scheme: str) -> Outcome:
        """What a call by this method comes to, without retries."""
        if scheme == "https" and self.tls is not None:
            return self.tls
        return self.post if method == "POST" and self.post is not None else self.get


HANDSHAKE, REQUEST, HEAD, BODY, IDLE, AGAIN = (
    "handshake",
    "request",
    "head",
    "body",
    "idle",
    "next request",
)
FINE = Outcome()
NOT_CONNECTED = Outcome(("ConnectError",), ("no",), (0,))
NO_TLS = Outcome(("TLSError",), ("no",), (0,))
READ_TIMEOUT = Outcome(("ReadTimeout",))
LOST = Outcome(("ReadError",))
INVALID = Outcome(("RemoteProtocolError",))
# The reset may be noticed while connecting, writing or reading.
GONE = Outcome(("ConnectError", "WriteError", "ReadError"), ("no", "maybe"), (0,))
UNREAD = Outcome(("ReadError", "RemoteProtocolError", "WriteError"), ("no", "maybe"), (0,))
TOO_SLOW = Outcome(("DeadlineExceeded",))

READ = MappingProxyType({"read": 0.1})
TOTAL = MappingProxyType({"total": 0.25})
BIG = 50_000_000

# fmt: off
CASES = (
    Case("REFUSED", "connect", "nobody listens", NOT_CONNECTED),
    Case("STALL_IN_HANDSHAKE", HANDSHAKE, "accepts and says nothing",
         Outcome(("ConnectTimeout",), ("no",), (0,)), schemes=("https",),
         timeout={"connect": 0.2}),
    Case("RESET_IN_HANDSHAKE", HANDSHAKE, "resets", NO_TLS, schemes=("https",)),
    Case("CLOSE_IN_HANDSHAKE", HANDSHAKE, "closes", NO_TLS, schemes=("https",)),
    Case("GARBAGE_IN_HANDSHAKE", HANDSHAKE, "speaks SMTP", NO_TLS, schemes=("https",)),
    Case("RESET_AT_ONCE", REQUEST, "resets as soon as it has accepted", GONE),
    Case("CLOSE_AT_ONCE", REQUEST, "closes as soon as it has accepted", UNREAD),
    Case("RESET_IN_REQUEST_HEAD", REQUEST, "resets after one byte of the request",
         Outcome(("ReadError", "WriteError"), seen=(0,))),
    Case("RESET_IN_REQUEST_BODY", REQUEST, "resets after the head of the request",
         LOST, Outcome(("WriteError", "ReadError")), body=BIG),
    Case("NEVER_READ", REQUEST, "accepts and never reads",
         Outcome(("ReadTimeout",), seen=(0,)), Outcome(("WriteTimeout",), seen=(0,)),
         tls=Outcome(("ReadTimeout", "WriteTimeout"), seen=(0,)),
         body=BIG, timeout={"read": 0.1, "write": 0.1}),
    Case("STALL", HEAD, "reads the request and says nothing", READ_TIMEOUT, timeout=READ),
    Case("RESET", HEAD, "reads the request and resets", LOST),
    Case("CLOSE", HEAD, "reads the request and closes", INVALID),
    Case("HALF_CLOSE", HEAD, "reads the request and sends FIN", INVALID, tls=LOST),
    Case("GARBAGE", HEAD, "answers with bytes that are not HTTP", INVALID),
    Case("TWO_LENGTHS", HEAD, "sends two Content-Lengths that differ", INVALID),
    Case("NEGATIVE_LENGTH", HEAD, "sends Content-Length: -5", INVALID),
    Case("STALL_IN_HEAD", HEAD, "stops within the head", READ_TIMEOUT, timeout=READ),
    Case("RESET_IN_HEAD", HEAD, "resets within the head", LOST),
    Case("CLOSE_IN_HEAD", HEAD, "closes within the head", INVALID),
    Case("HALF_CLOSE_IN_HEAD", HEAD, "sends FIN within the head", INVALID, tls=LOST),
    Case("DRIP_HEAD", HEAD, "sends a byte of the head every 5 ms", TOO_SLOW, timeout=TOTAL,
         recovers=False),
    Case("ENDLESS_HEAD", HEAD, "sends header lines without end", INVALID),
    Case("ENDLESS_HEADER_LINE", HEAD, "sends one header line without end", INVALID),
    Case("ENDLESS_INTERIM", HEAD, "sends 103 Early Hints without end", INVALID),
    Case("STALL_IN_BODY", BODY, "stops within the body", READ_TIMEOUT, timeout=READ),
    Case("RESET_IN_BODY", BODY, "resets within the body", LOST),
    Case("CLOSE_IN_BODY", BODY, "announces 10 bytes, sends 5 and closes", INVALID),
    Case("HALF_CLOSE_IN_BODY", BODY, "announces 10 bytes, sends 5 and FIN", INVALID, tls=LOST),
    Case("DRIP_BODY", BODY, "sends a byte of the body every 5 ms", TOO_SLOW, timeout=TOTAL,
         recovers=False),
    Case("ENDLESS_BODY", BODY, "sends a body without end (`max_response_bytes=100_000`)",
         Outcome(("ResponseTooLargeError",), ("",)), cap=100_000, recovers=False),
    Case("STALL_IN_CHUNK", BODY, "stops within a chunk", READ_TIMEOUT, timeout=READ),
    Case("RESET_IN_CHUNK", BODY, "resets within a chunk", LOST),
    Case("CLOSE_IN_CHUNK", BODY, "closes within a chunk", INVALID),
    Case("CLOSE_BETWEEN_CHUNKS", BODY, "closes between two chunks", INVALID),
    Case("GARBAGE_CHUNK", BODY, "sends a chunk size that is none", INVALID),
    Case("CUT_TLS", BODY, "ends a body without length by cutting TLS off", LOST,
         schemes=("https",)),
    Case("BROKEN_CODING", BODY, "says gzip and sends something else",
         Outcome(("ContentDecodingError",), ("",)), recovers=False),
    Case("CLOSE_AFTER", IDLE, "closes an idle connection", FINE, warm=1),
    Case("RESET_AFTER", IDLE, "resets an idle connection", FINE, warm=1),
    Case("TOO_MUCH", IDLE, "sends a second response that nobody asked for", FINE, warm=1),
    Case("TOO_MUCH_LATER", IDLE, "sends one later, over an idle connection", FINE, warm=1),
    Case("CLOSE_ON_FIRST_BYTE", AGAIN, "closes upon the first byte",
         FINE, Outcome(("RemoteProtocolError", "ReadError", "WriteError"), seen=(0,)), warm=1),
    Case("RESET_ON_FIRST_BYTE", AGAIN, "resets upon the first byte",
         FINE, Outcome(("ReadError", "WriteError"), seen=(0,)), warm=1),
    Case("CLOSE_ON_SECOND", AGAIN, "reads it and closes", attrs.evolve(FINE, seen=(2,)),
         INVALID, warm=1),
    Case("RESET_ON_SECOND", AGAIN, "reads it and resets", attrs.evolve(FINE, seen=(2,)),
         LOST, warm=1),
    Case("STALL_ON_SECOND", AGAIN, "reads it and says nothing", READ_TIMEOUT, warm=1,
         timeout=READ),
    Case("CLOSE_IN_SECOND_HEAD", AGAIN, "reads it and closes within the head", INVALID, warm=1),
)
# fmt: on

METHODS = ("GET", "POST")


def once() -> list[tuple[Case, str, str]]:
    """Every case, by method and scheme: calls without retries."""
    return [
        (case, method, scheme) for case in CASES for method in METHODS for scheme in case.schemes
    ]


def retried() -> list[tuple[Case, str]]:
    """The cases that end in an error, by method: calls with a `Retry`."""
    return [
        (case, method)
        for case in CASES
        for method in METHODS
        if case.outcome(method, case.schemes[0]).errors
    ]

"""SOCKS without I/O: what is sent, byte by byte, and any answer at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.wire.socks import SocksRefused, socks4_handshake, socks5_handshake

if TYPE_CHECKING:
    from antiphon.wire.socks import Handshake


def run(handshake: Handshake, answers: bytes) -> bytes:
    """Everything that is sent while `answers` come in the sizes that are asked for."""
    sent, wanted = next(handshake)
    try:
        while True:
            answer, answers = answers[:wanted], answers[wanted:]
            assert wanted == len(answer), "more is wanted than the proxy says"
            data, wanted = handshake.send(answer)
            sent += data
    except StopIteration:
        assert b"" == answers
        return sent


GRANTED_5 = b"\x05\x00\x00\x01" + bytes(6)


@pytest.mark.parametrize(
    ("handshake", "answers", "sent"),
    [
        (
            socks4_handshake("192.0.2.1", 80, b"", by_name=False),
            b"\x00\x5a" + bytes(6),
            b"\x04\x01\x00\x50\xc0\x00\x02\x01\x00",
        ),
        (
            socks4_handshake("192.0.2.1", 443, b"user", by_name=False),
            b"\x04\x5a" + bytes(6),
            b"\x04\x01\x01\xbb\xc0\x00\x02\x01user\x00",
        ),
        (
            socks4_handshake("a.test", 80, b"user", by_name=True),
            b"\x00\x5a" + bytes(6),
            b"\x04\x01\x00\x50\x00\x00\x00\xffuser\x00a.test\x00",
        ),
        (
            socks5_handshake("a.test", 80, None),
            b"\x05\x00" + GRANTED_5,
            b"\x05\x01\x00" + b"\x05\x01\x00\x03\x06a.test\x00\x50",
        ),
        (
            socks5_handshake("192.0.2.1", 80, (b"u", b"p")),
            b"\x05\x00" + GRANTED_5,
            b"\x05\x02\x00\x02" + b"\x05\x01\x00\x01\xc0\x00\x02\x01\x00\x50",
        ),
        (
            socks5_handshake("2001:db8::1", 80, (b"u", b"pp")),
            b"\x05\x02" + b"\x01\x00" + b"\x05\x00\x00\x04" + bytes(18),
            b"\x05\x02\x00\x02\x01\x01u\x02pp\x05\x01\x00\x04\x20\x01\x0d\xb8"
            + bytes(11)
            + b"\x01\x00\x50",
        ),
        (
            socks5_handshake("a.test", 80, None),
            b"\x05\x00" + b"\x05\x00\x00\x03\x00" + bytes(2),
            b"\x05\x01\x00" + b"\x05\x01\x00\x03\x06a.test\x00\x50",
        ),
    ],
)
def test_messages(handshake: Handshake, answers: bytes, sent: bytes) -> None:
    """Each message stands as RFC 1928 and 1929 write it; no byte after the reply is read."""
    assert sent == run(handshake, answers)


@given(
    st.binary(max_size=400),
    st.sampled_from(["socks4", "socks4a", "socks5", "socks5 with credentials"]),
)
def test_any_answer(answers: bytes, kind: str) -> None:
    """Whatever the proxy says is yes, no, or not yet; it never asks for more than 300 bytes."""
    handshake = {
        "socks4": lambda: socks4_handshake("192.0.2.1", 80, b"", by_name=False),
        "socks4a": lambda: socks4_handshake("a.test", 80, b"", by_name=True),
        "socks5": lambda: socks5_handshake("a.test", 80, None),
        "socks5 with credentials": lambda: socks5_handshake("a.test", 80, (b"u", b"p")),
    }[kind]()
    _, wanted = next(handshake)
    try:
        while wanted <= len(answers):
            assert wanted <= 300
            answer, answers = answers[:wanted], answers[wanted:]
            _, wanted = handshake.send(answer)
    except StopIteration:
        return
    except SocksRefused:
        return

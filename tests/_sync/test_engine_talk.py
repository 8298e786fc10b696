# GENERATED from _async/test_engine_talk.py by tools/unasync.py. Do not edit.
"""Whole pieces over a channel that is not ready, within the time that connecting may take."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from antiphon._sync.engine.talk import Talk
from antiphon.models.cancel import CancelToken
from antiphon.network.channel import PlainChannel
from antiphon.network.clock import now
from antiphon.network.outcome import CANCELLED, TIMED_OUT, WaitEnded
from tests.thread_group import Group

if TYPE_CHECKING:
    from collections.abc import Iterator

    Pair = tuple[PlainChannel, socket.socket]

PIECE = bytes(range(256)) * 20_000


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Return a channel, and the socket at its other end."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield PlainChannel(ours), theirs


def test_a_piece_larger_than_any_buffer(pair: Pair) -> None:
    """A piece is sent whole, however slowly it is taken."""
    channel, theirs = pair
    taken: list[bytes] = []

    def take() -> None:
        while sum(map(len, taken)) < len(PIECE):
            taken.append(theirs.recv(100_000))

    talk = Talk(channel, now() + 20, None)
    thread = threading.Thread(target=take)
    thread.start()
    talk.send(PIECE)
    thread.join()
    assert PIECE == b"".join(taken)


def test_what_comes_later(pair: Pair) -> None:
    """Bytes are waited for; the end of the stream is b""."""
    channel, theirs = pair
    talk = Talk(channel, now() + 20, None)
    with Group() as group:
        call = group.start(talk.receive, 10)
        timer = threading.Timer(0.01, theirs.send, (b"later",))
        timer.start()
    timer.join()
    assert b"later" == call.result
    theirs.close()
    assert b"" == talk.receive(10)


@pytest.mark.parametrize("direction", ["send", "receive"])
def test_limits(pair: Pair, direction: str) -> None:
    """A peer that neither takes nor sends anything is waited for until the deadline or a token."""
    channel, _ = pair
    argument = PIECE if direction == "send" else 10
    with pytest.raises(WaitEnded) as caught:
        getattr(Talk(channel, now() + 0.01, None), direction)(argument)
    assert TIMED_OUT is caught.value.outcome
    token = CancelToken()
    token.cancel()
    with pytest.raises(WaitEnded) as caught:
        getattr(Talk(channel, now() + 20, token), direction)(argument)
    assert CANCELLED is caught.value.outcome

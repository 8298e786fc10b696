# Source of _sync/test_recording.py; after editing run: tox -e codegen
"""A copy of a body is whole only when the body was."""

from __future__ import annotations

from antiphon._async.bytes_source import AsyncBytesSource
from antiphon._async.recording import AsyncRecording
from antiphon.models.headers import Headers


class Keeper:
    """Notes what it is to keep."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []

    async def keep(self, recording: AsyncRecording) -> None:
        self.kept.append(recording.body)


def recording_of(*pieces: bytes, room: int = 10) -> tuple[AsyncRecording, Keeper]:
    recording = AsyncRecording(AsyncBytesSource(pieces, Headers({"A": "1"})), room, 1.0, 2.0)
    recording.keeping = Keeper()
    return recording, recording.keeping


async def test_the_end_is_told_once() -> None:
    """Pieces pass on; once the reader is content they are kept, once, however often it says so."""
    recording, keeper = recording_of(b"ab", b"cd")

    assert [b"ab", b"cd"] == [await recording.receive() for _ in range(2)]
    assert [b"", b""] == [await recording.receive() for _ in range(2)]
    assert [] == keeper.kept
    await recording.finish()
    await recording.finish()
    assert [b"abcd"] == keeper.kept
    assert recording.is_whole
    assert "1" == recording.trailers["a"]
    await recording.aclose()
    assert recording.is_whole
    assert b"abcd" == recording.body


async def test_without_a_keeper() -> None:
    """Who loads the body takes the copy later."""
    recording, _ = recording_of(b"ab")
    recording.keeping = None

    assert [b"ab", b""] == [await recording.receive() for _ in range(2)]
    await recording.finish()
    assert (True, b"ab") == (recording.is_whole, recording.body)


async def test_a_long_body_is_not_kept() -> None:
    """Beyond the room nothing is remembered, and the pieces pass on all the same."""
    recording, keeper = recording_of(b"12345", b"678901", b"2")

    assert [b"12345", b"678901", b"2", b""] == [await recording.receive() for _ in range(4)]
    await recording.finish()
    assert ([], False, b"") == (keeper.kept, recording.is_whole, recording.body)


async def test_a_closed_body_is_not_kept() -> None:
    """Closed before its end a body is not whole, and what was copied is forgotten."""
    recording, keeper = recording_of(b"12345", b"6")

    assert b"12345" == await recording.receive()
    await recording.aclose()
    assert b"" == await recording.receive()
    assert ([], False, b"") == (keeper.kept, recording.is_whole, recording.body)

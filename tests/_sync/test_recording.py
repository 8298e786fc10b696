# GENERATED from _async/test_recording.py by tools/unasync.py. Do not edit.
"""A copy of a body is whole only when the body was."""

from __future__ import annotations

from antiphon._sync.bytes_source import BytesSource
from antiphon._sync.recording import Recording
from antiphon.models.headers import Headers


class Keeper:
    """Notes what it is to keep."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []

    def keep(self, recording: Recording) -> None:
        self.kept.append(recording.body)


def recording_of(*pieces: bytes, room: int = 10) -> tuple[Recording, Keeper]:
    recording = Recording(BytesSource(pieces, Headers({"A": "1"})), room, 1.0, 2.0)
    recording.keeping = Keeper()
    return recording, recording.keeping


def test_the_end_is_told_once() -> None:
    """Pieces pass on; once the reader is content they are kept, once, however often it says so."""
    recording, keeper = recording_of(b"ab", b"cd")

    assert [b"ab", b"cd"] == [recording.receive() for _ in range(2)]
    assert [b"", b""] == [recording.receive() for _ in range(2)]
    assert [] == keeper.kept
    recording.finish()
    recording.finish()
    assert [b"abcd"] == keeper.kept
    assert recording.is_whole
    assert "1" == recording.trailers["a"]
    recording.close()
    assert recording.is_whole
    assert b"abcd" == recording.body


def test_without_a_keeper() -> None:
    """Who loads the body takes the copy later."""
    recording, _ = recording_of(b"ab")
    recording.keeping = None

    assert [b"ab", b""] == [recording.receive() for _ in range(2)]
    recording.finish()
    assert (True, b"ab") == (recording.is_whole, recording.body)


def test_a_long_body_is_not_kept() -> None:
    """Beyond the room nothing is remembered, and the pieces pass on all the same."""
    recording, keeper = recording_of(b"12345", b"678901", b"2")

    assert [b"12345", b"678901", b"2", b""] == [recording.receive() for _ in range(4)]
    recording.finish()
    assert ([], False, b"") == (keeper.kept, recording.is_whole, recording.body)


def test_a_closed_body_is_not_kept() -> None:
    """Closed before its end a body is not whole, and what was copied is forgotten."""
    recording, keeper = recording_of(b"12345", b"6")

    assert b"12345" == recording.receive()
    recording.close()
    assert b"" == recording.receive()
    assert ([], False, b"") == (keeper.kept, recording.is_whole, recording.body)

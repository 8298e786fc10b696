# Source of _sync/engine/upload.py; after editing run: tox -e codegen
"""What of a request is still to be sent: as much as the socket takes, and more of it later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.network.anyio_network import AsyncBodyChunks
from antiphon.network.channel import SendFileRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon.models.body import Body
    from antiphon.models.file_span import FileSpan
    from antiphon.models.timings import Timeline
    from antiphon.network.channel import Channel
    from antiphon.wire.http1 import RequestBodyFraming

# How much of a body in memory or of a file is sent before there is a look at what the peer says, if
# the socket takes it all: system calls for less of it cost a tenth more in all.
WINDOW = 8 * 1024 * 1024


class AsyncUpload:
    """Bytes that go first, and after them a body: from memory, a file, or piece by piece.

    `push` never waits, so that an answer can be heard between two pushes and the upload stopped.
    `error` is what came out of the caller's own body: it is the caller's, even an `OSError`.
    """

    __slots__ = (
        "_begun",
        "_body",
        "_chunks",
        "_content",
        "_framing",
        "_left",
        "_offset",
        "_pieces",
        "_send_file",
        "_span",
        "_timeline",
        "_window",
        "error",
    )

    def __init__(
        self,
        timeline: Timeline,
        first: bytes | memoryview,
        body: Body | None = None,
        framing: RequestBodyFraming | None = None,
    ) -> None:
        self._timeline = timeline
        self._pieces: list[bytes | memoryview] = [first] if first else []
        self._body = body
        self._framing = framing
        self._begun = False
        self._content: memoryview | None = None
        self._chunks: AsyncBodyChunks | None = None
        # Where the system sends a file by itself: what is left of it, and of the present window.
        self._send_file: Callable[[int, int, int], int] | None = None
        self._span: FileSpan | None = None
        self._offset = self._left = self._window = 0
        self.error: BaseException | None = None

    def push(self, channel: Channel) -> bool:
        """Send what is at hand as far as that goes; False once the socket takes no more."""
        pieces = self._pieces
        while pieces:
            piece = pieces[0]
            taken = channel.send(piece)
            if not taken:
                return False
            self._timeline.sent_bytes += taken
            if taken == len(piece):
                del pieces[0]
            else:
                pieces[0] = memoryview(piece)[taken:]
        send_file = self._send_file
        span = self._span
        while self._window and send_file is not None and span is not None:
            try:
                taken = send_file(span.descriptor, self._offset, self._window)
            except SendFileRefused:
                # At its first byte: a file system or a socket that sendfile is not for.
                self._send_file = None
                self._window = 0
                return True
            except EOFError:
                self.error = span.cut_short(span.length - self._left)
                raise self.error
            if not taken:
                return False
            self._timeline.sent_bytes += taken
            self._offset += taken
            self._left -= taken
            self._window -= taken
        return True

    async def load(self, channel: Channel) -> bool:
        """Get the next piece of the body ready to be pushed; False when there is none left."""
        body = self._body
        framing = self._framing
        if body is None or framing is None:
            return False
        try:
            if not self._begun:
                self._begun = True
                if not framing.is_chunked:
                    self._begin_whole(body, channel)
            if self._content is not None:
                piece = self._content[:WINDOW]
                self._content = self._content[WINDOW:]
                self._pieces.append(piece)
                return bool(piece)
            if self._send_file is not None:
                self._window = min(self._left, WINDOW)
                return bool(self._window)
            if self._chunks is None:
                self._chunks = AsyncBodyChunks(body)
            async for chunk in self._chunks:
                self._pieces.extend(framing.encode(chunk))
                return True
            self._body = None
            self._pieces.extend(framing.finish(body.trailers()))
        except BaseException as error:
            self.error = error
            raise
        return True

    def _begin_whole(self, body: Body, channel: Channel) -> None:
        """Find out whether the whole body is at hand: in memory, or in a file to be sent as is."""
        if body.content is not None:
            self._content = memoryview(body.content)
            return
        send_file = getattr(channel, "send_file", None)
        span = self._span = None if send_file is None else body.file_span()
        if span is not None:
            self._send_file = send_file
            self._offset = span.offset
            self._left = span.length

    async def aclose(self) -> None:
        """Send no more, and let a generator that the body came from clean up."""
        self._pieces.clear()
        self._body = None
        chunks, self._chunks = self._chunks, None
        if chunks is not None:
            try:
                await chunks.aclose()
            except BaseException as error:
                self.error = error
                raise

"""`ServerSentEvent`: one event of an event stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from antiphon.models.json_codec import STANDARD_JSON

if TYPE_CHECKING:
    from antiphon.models.json_codec import JSON, JSONCodec

EVENT_STREAM: Final = "text/event-stream"
"""The media type of a stream of events (HTML standard, section 12.3)."""


@attrs.frozen
class ServerSentEvent:
    """What a server pushed (HTML standard, section 9.2.6). Pickles without its JSON codec.

    `event` is its type. `id` is the last event id that the stream has named so far, here or
    earlier, "" if none: what `Last-Event-ID` says when the stream is opened again. `retry` is the
    time to wait before that, in milliseconds as it was sent, if this event names one.
    """

    event: str = "message"
    data: str = ""
    id: str = ""
    retry: int | None = None
    json_codec: JSONCodec | None = attrs.field(default=None, kw_only=True, repr=False, eq=False)

    def json(self) -> JSON:
        """Parse `data` as JSON. Raises InvalidJSONError with a snippet of it."""
        codec = self.json_codec or STANDARD_JSON
        content = self.data.encode("utf-8", "surrogatepass")
        try:
            return codec.loads(content)
        except (ValueError, RecursionError) as error:
            from antiphon.errors import InvalidJSONError
            from antiphon.errors.snippet import body_snippet

            raise InvalidJSONError(
                f"the data of an event {self.event[:60]!r} is not JSON ({error}): "
                f"{body_snippet(content) or 'it is empty'}"
            ) from error

    def __reduce__(self) -> tuple[type[ServerSentEvent], tuple[str, str, str, int | None]]:
        return ServerSentEvent, (self.event, self.data, self.id, self.retry)

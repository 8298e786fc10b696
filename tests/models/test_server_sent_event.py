"""The value that an event stream is made of."""

from __future__ import annotations

import pickle

import pytest

from antiphon.errors import InvalidJSONError
from antiphon.models.server_sent_event import ServerSentEvent


class Upper:
    """A codec whose results can be told from those of others."""

    def dumps(self, value: object, /) -> bytes:
        return b""

    def loads(self, data: bytes, /) -> object:
        return data.decode().upper()


def test_defaults() -> None:
    """An event without fields is a message with no data."""
    assert ("message", "", "", None) == (
        ServerSentEvent().event,
        ServerSentEvent().data,
        ServerSentEvent().id,
        ServerSentEvent().retry,
    )


def test_json() -> None:
    """`json()` parses the data, with the codec of the client if it has one."""
    assert {"é": [1]} == ServerSentEvent(data='{"é": [1]}').json()
    assert "ABC" == ServerSentEvent(data="abc", json_codec=Upper()).json()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("[DONE]", "DONE"),
        ("", "it is empty"),
        ('{"token": "hunter2hunter2"', r"\*\*\*"),
        ("\ud800", ""),
    ],
)
def test_data_that_is_no_json(data: str, words: str) -> None:
    """The error names the event and shows the data, but no secrets."""
    with pytest.raises(
        InvalidJSONError, match=f"the data of an event 'delta' is not JSON .*{words}"
    ) as caught:
        ServerSentEvent("delta", data).json()

    assert "hunter2" not in str(caught.value)


def test_equality_and_pickling_leave_the_codec_out() -> None:
    """Two events are equal when their four fields are; a pickle has these alone."""
    event = ServerSentEvent("a", "b", "c", 4, json_codec=Upper())

    assert ServerSentEvent("a", "b", "c", 4) == event
    assert hash(ServerSentEvent("a", "b", "c", 4)) == hash(event)
    copy = pickle.loads(pickle.dumps(event))
    assert (event, None) == (copy, copy.json_codec)
    assert "ServerSentEvent(event='a', data='b', id='c', retry=4)" == repr(event)

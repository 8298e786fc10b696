"""`Outcome`: what went wrong, in one word, and whether anything did."""

from __future__ import annotations

import pytest

from antiphon.errors import NotFoundError, ReadError, RequestCancelled
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.response import Response
from antiphon.models.timings import Timeline
from antiphon.models.transport_options import DEFAULT
from antiphon.models.url import URL
from antiphon.policies.call_context import CallContext
from antiphon.policies.call_options import CallOptions
from antiphon.policies.outcomes import Outcome, outcome_of_error

REQUEST = Request("GET", URL("http://example.com/"))


class Own(Exception):
    """An error that is not antiphon's."""


@pytest.mark.parametrize(
    ("status", "error", "failure", "cancelled", "word"),
    [
        (200, None, False, False, None),
        (304, None, False, False, None),
        (404, None, True, False, "404"),
        (404, NotFoundError("no"), True, False, "404"),
        (None, ReadError("lost"), True, False, "read_error"),
        (200, ReadError("lost"), True, False, "read_error"),
        (None, OSError(), True, False, "OSError"),
        (None, Own(), True, False, f"{__name__}.Own"),
        (None, RequestCancelled("no more"), False, True, "request_cancelled"),
        (None, KeyboardInterrupt(), False, True, "KeyboardInterrupt"),
        (None, None, False, False, None),
    ],
)
def test_what_it_says(
    status: int | None, error: BaseException | None, failure: bool, cancelled: bool, word: str
) -> None:
    """A cancellation is neither success nor failure."""
    outcome = Outcome(REQUEST, 1, 0.0, status, error=error)

    assert (failure, cancelled, word) == (
        outcome.is_failure,
        outcome.is_cancelled,
        outcome.error_type,
    )


def test_an_error_says_what_it_knows() -> None:
    """The request that failed, its answer, and the bytes of that; else what the step knows."""
    call = CallContext(CallOptions(), DEFAULT, 0.0, REQUEST.url.origin)
    call.request_id = "ours"
    other = Request("GET", URL("http://example.com/other"))
    timeline = Timeline(0.0)
    timeline.sent_bytes, timeline.received_bytes = 3, 4
    response = Response(404, Headers(), b"", other, timeline=timeline)
    error = NotFoundError("no", status=404, request=other, response=response, request_id="theirs")

    known = outcome_of_error(error, REQUEST, call, 2, 1.0, 3.5)
    unknown = outcome_of_error(Own(), REQUEST, call, 2, 1.0, 3.5)
    bare = outcome_of_error(ReadError("lost"), REQUEST, call, 2, 1.0, 3.5)

    assert (other, 404, "theirs", 2.5) == (
        known.request,
        known.status,
        known.request_id,
        known.elapsed,
    )
    assert (3, 4, "HTTP/1.1") == (known.bytes_sent, known.bytes_received, known.http_version)
    assert (REQUEST, None, "ours") == (unknown.request, unknown.status, unknown.request_id)
    assert (REQUEST, "ours", None) == (bare.request, bare.request_id, bare.bytes_sent)

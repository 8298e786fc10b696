"""`Logging` by itself: its settings, and what structlog makes of its records."""

from __future__ import annotations

import io
import itertools
import json
import logging
from typing import Any

import pytest
import structlog

from antiphon.errors import InvalidOptionError, ReadError
from antiphon.models.attempt import Attempt
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.transport_options import DEFAULT
from antiphon.models.url import URL
from antiphon.policies.call_context import CallContext
from antiphon.policies.call_options import CallOptions
from antiphon.policies.logging import DEFAULT_HEADERS, Logging
from antiphon.policies.outcomes import Outcome

NUMBERS = itertools.count()
REQUEST = Request("GET", URL("http://example.com/"), Headers({"Accept": "*/*"}))


def lonely() -> logging.Logger:
    """Return a logger that nobody else uses, for all levels."""
    logger = logging.getLogger(f"antiphon.tests.{next(NUMBERS)}")
    logger.setLevel(1)
    logger.propagate = False
    return logger


def context() -> CallContext:
    return CallContext(CallOptions(), DEFAULT, 0.0, REQUEST.url.origin)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"logger": 7}, "logger=7"),
        ({"success": "LOUD"}, "success='LOUD'.*give one of DEBUG, INFO"),
        ({"failure": -1}, "failure=-1"),
        ({"retry": True}, "retry=True"),
        ({"cancelled": 1.5}, "cancelled=1.5"),
        ({"headers": "accept"}, "headers='accept'.*a list"),
        ({"headers": ["Accept", "Authorization"]}, "'authorization' holds secrets"),
        ({"headers": ["X-Session-Token"]}, "'x-session-token' holds secrets"),
        ({"prefix": "http."}, "prefix='http.'"),
        ({"prefix": None}, "prefix=None"),
    ],
)
def test_settings_that_cannot_work(settings: dict[str, Any], words: str) -> None:
    """Each is refused by its name, with its value and what is right."""
    with pytest.raises(InvalidOptionError, match=words):
        Logging(**settings)


def test_levels_by_name_and_number() -> None:
    """Names are those of the standard library, in any case; every number goes."""
    policy = Logging(success="debug", failure=35, cancelled="Critical", retry=0)

    assert (10, 35, 50, 0) == (policy.success, policy.failure, policy.cancelled, policy.retry)
    for name in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
        assert getattr(logging, name) == Logging(success=name).success


def test_what_is_listed_holds_no_secret() -> None:
    """The default list may be given again, with more."""
    assert DEFAULT_HEADERS | {"x-kind"} == Logging(headers=[*DEFAULT_HEADERS, "X-Kind"]).headers


@pytest.mark.parametrize(
    ("outcome", "level"),
    [
        (Outcome(REQUEST, 1, 0.1, 200), 20),
        (Outcome(REQUEST, 1, 0.1, 399), 20),
        (Outcome(REQUEST, 1, 0.1, 400), 30),
        (Outcome(REQUEST, 1, 0.1, 599), 30),
        (Outcome(REQUEST, 1, 0.1, error=ReadError("lost")), 30),
        (Outcome(REQUEST, 1, 0.1, 200, error=ReadError("lost")), 30),
        (Outcome(REQUEST, 1, 0.1, error=KeyboardInterrupt()), 20),
    ],
)
def test_levels(outcome: Outcome, level: int) -> None:
    """Success, failure, and what was interrupted."""
    assert level == Logging().level_of(outcome)


def test_nothing_is_written_for_the_last_attempt() -> None:
    """Without a delay nothing was decided."""

    class Loud(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise AssertionError(record)

    logger = lonely()
    logger.addHandler(Loud())

    Logging(logger).log_retry(context(), Attempt(1, "GET", REQUEST.url, 503))


def test_an_error_of_the_body_shows_its_class() -> None:
    """A status that says yes is not what came of the call."""
    logger = lonely()
    shown = io.StringIO()
    logger.addHandler(logging.StreamHandler(shown))
    policy = Logging(logger)

    policy.log_call(context(), Outcome(REQUEST, 1, 0.1, 200, error=ReadError("lost")))
    policy.log_retry(context(), Attempt(2, "GET", REQUEST.url, error=OSError("lost"), delay=1.25))

    assert [
        "GET http://example.com/ -> ReadError in 0.100 s",
        "GET http://example.com/ -> OSError in 0.000 s, attempt 2; trying again in 1.250 s",
    ] == shown.getvalue().splitlines()


def test_structlog_renders_the_fields() -> None:
    """By its formatter for records of the standard library, every field becomes a key."""
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.ExtraAdder()],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    )
    shown = io.StringIO()
    handler = logging.StreamHandler(shown)
    handler.setFormatter(formatter)
    logger = lonely()
    logger.addHandler(handler)

    call = context()
    Logging(logger).log_call(call, Outcome(REQUEST, 2, 0.25, 200, Headers({"Vary": "*"})))

    assert {
        "event": "GET http://example.com/ -> 200 in 0.250 s, attempt 2",
        "level": "info",
        "http_method": "GET",
        "http_url": "http://example.com/",
        "http_status": 200,
        "http_request_id": None,
        "http_call_id": call.id,
        "http_attempt": 2,
        "http_elapsed": 0.25,
        "http_bytes_sent": None,
        "http_bytes_received": None,
        "http_error": None,
        "http_streamed": True,
        "http_request_headers": {"accept": "*/*"},
        "http_response_headers": {"vary": "*"},
    } == json.loads(shown.getvalue())


def test_fields_do_not_meet_those_of_others() -> None:
    """A record factory that sets request_id is common; a field of that name would be refused."""
    logger = lonely()
    shown = io.StringIO()
    logger.addHandler(logging.StreamHandler(shown))
    former = logging.getLogRecordFactory()

    def factory(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = former(*args, **kwargs)
        record.request_id = "of the request that is being served"
        return record

    logging.setLogRecordFactory(factory)
    try:
        Logging(logger).log_call(context(), Outcome(REQUEST, 1, 0.25, 200))
    finally:
        logging.setLogRecordFactory(former)

    assert "200" in shown.getvalue()

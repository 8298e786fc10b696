# GENERATED from _async/test_faults_matrix.py by tools/unasync.py. Do not edit.
"""Every fault in every phase: the right error in time, nothing sent twice, nothing left behind."""

from __future__ import annotations

import time
from contextlib import nullcontext

import pytest

import antiphon
from antiphon import Client, Limits, Retry, Timeout, TLSConfig
from antiphon.testing import FaultServer, faults
from antiphon.testing.fault_script import Script, reply
from tests.thread_census import census, nothing_left
from tests.certificates import ca_file, server_context
from tests.fault_table import Case, Outcome, once, retried

# A failing call may take its own limit, and this much for a busy machine.
SLACK = 3.0


def scripts_of(case: Case) -> list[Script]:
    """What the first connection meets, if there is one at all."""
    return [] if case.fault == "REFUSED" else [getattr(faults, case.fault)]


def server_of(case: Case, scheme: str) -> FaultServer:
    """A server that spoils the first connection."""
    tls = server_context("127.0.0.1") if scheme == "https" else None
    return FaultServer(*scripts_of(case), tls=tls)


def client_of(case: Case, retry: Retry | None) -> Client:
    """A client with room for one connection: a place that is lost would be missed at once."""
    return Client(
        limits=Limits(max_connections=1),
        tls=TLSConfig(ca_file=ca_file()),
        max_response_bytes=case.cap,
        retry=retry,
    )


def warm(client: Client, server: FaultServer, case: Case) -> None:
    """Let the requests be answered that come before the fault, and the idle connection spoiled."""
    for _ in range(case.warm):
        assert b"hello" == (client.get(server.url)).content
    if case.phase == "idle":
        first = lambda: server.connections[0]  # noqa: E731
        server.wait_for(lambda: not first().is_open or first().sent_bytes > len(reply()))


def call(client: Client, server: FaultServer, case: Case, method: str) -> bytes:
    """Make the call that meets the fault."""
    content = bytes(case.body) if method == "POST" else None
    timeout = Timeout(**case.timeout)  # type: ignore[arg-type]
    with server.refusing() if case.fault == "REFUSED" else nullcontext():
        response = client.request(method, server.url, content=content, timeout=timeout)
    return response.content


def check_error(error: antiphon.AntiphonError, expected: Outcome) -> None:
    """The error is one of those expected, tells what was called, and `sent` is as expected."""
    assert type(error).__name__ in expected.errors
    assert getattr(error, "sent", "") in expected.sent
    assert error.request is not None
    assert error.attempts


@pytest.mark.parametrize(
    ("case", "method", "scheme"),
    [pytest.param(*row, id=f"{row[0].fault}-{row[1]}-{row[2]}") for row in once()],
)
def test_fault(case: Case, method: str, scheme: str) -> None:
    """A fault is the error of the table, within its time-out, and the pool is usable right after.

    POST reaches the server once at most, GET twice if a kept-alive connection died unanswered, and
    no descriptor, thread or task is left.
    """
    expected = case.outcome(method, scheme)
    before = census()
    with server_of(case, scheme) as server:
        with client_of(case, None) as client:
            warm(client, server, case)
            started = time.monotonic()
            if expected.errors:
                with pytest.raises(antiphon.AntiphonError) as caught:
                    call(client, server, case, method)
                check_error(caught.value, expected)
                if getattr(caught.value, "sent", "") == "no":
                    assert 0 == server.received_bytes
            else:
                assert b"hello" == call(client, server, case, method)
            assert time.monotonic() - started < SLACK
            assert len(server.requests) - case.warm in expected.seen
            assert b"hello" == (client.get(server.url)).content
    nothing_left(before)


@pytest.mark.parametrize(
    ("case", "method"),
    [pytest.param(*row, id=f"{row[0].fault}-{row[1]}") for row in retried()],
)
def test_fault_with_retries(case: Case, method: str) -> None:
    """With a `Retry`, GET is answered at the second attempt; POST only if nothing was sent before.

    What the server has read of a POST is never sent again, whatever became of its answer.
    """
    scheme = case.schemes[0]
    expected = case.outcome(method, scheme)
    before = census()
    with server_of(case, scheme) as server:
        retry = Retry(max_attempts=3, base_delay=0.001)
        with client_of(case, retry) as client:
            warm(client, server, case)
            try:
                assert b"hello" == call(client, server, case, method)
                sent = "no"
                recovered = True
            except antiphon.AntiphonError as error:
                check_error(error, expected)
                sent = getattr(error, "sent", "")
                recovered = False
            posted = [request for request in server.requests if request.method == "POST"]
            assert len(posted) <= 1
            if case.fault == "REFUSED":
                assert not recovered
            elif method == "GET":
                assert case.recovers == recovered
            else:
                assert recovered == (sent == "no")
            assert b"hello" == (client.get(server.url)).content
    nothing_left(before)

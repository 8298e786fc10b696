"""What the command line's exit codes mean, so that scripts can tell failures apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon import errors

if TYPE_CHECKING:
    from antiphon.errors import AntiphonError

OK = 0
FAILED = 1
WRONG_USE = 2
CLIENT_ERROR = 4
SERVER_ERROR = 5
NO_CONNECTION = 6
TIMED_OUT = 7
# What a shell reports of a program that Ctrl-C ended: 128 and the number of the signal.
INTERRUPTED = 130

MEANINGS = {
    OK: "a response below 400",
    FAILED: "any other failure",
    WRONG_USE: "the command line or the URL is wrong; nothing was sent",
    CLIENT_ERROR: "a 4xx response",
    SERVER_ERROR: "a 5xx response",
    NO_CONNECTION: "no connection: name, address, port or TLS",
    TIMED_OUT: "a time-out, to connect or later",
    INTERRUPTED: "interrupted by Ctrl-C",
}


def of_status(status: int) -> int:
    """The exit code for a response."""
    if status < 400:
        return OK
    return CLIENT_ERROR if status < 500 else SERVER_ERROR


def of_error(error: AntiphonError) -> int:
    """The exit code for a call that failed."""
    kinds: list[tuple[type[Exception], int]] = [
        (errors.InvalidRequestError, WRONG_USE),
        (errors.TimeoutError, TIMED_OUT),
        (errors.ConnectError, NO_CONNECTION),
    ]
    for kind, code in kinds:
        if isinstance(error, kind):
            return code
    return FAILED

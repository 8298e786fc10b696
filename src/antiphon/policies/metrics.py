"""`Metrics`: has a recorder told of every request, to count and to time it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs

from antiphon.errors import InvalidOptionError
from antiphon.models.events import log_failure
from antiphon.policies.setting_checks import shown

if TYPE_CHECKING:
    from antiphon.models.request import Request
    from antiphon.policies.outcomes import Outcome


class MetricsRecorder:
    """Told when a request begins and how it ended; override what you want to know.

    A request is one attempt: a call that is redirected once and retried once makes three. Methods
    run in the thread or task of the call and must not block. One that raises is logged under
    "antiphon" and otherwise ignored.
    """

    __slots__ = ()

    def request_started(self, request: Request) -> None:
        """`request` is about to be sent."""

    def request_ended(self, request: Request, outcome: Outcome) -> None:
        """The request that was told of as started came to its end, whichever."""


@attrs.frozen(eq=False)
class Metrics:
    """Tells `recorder` of every request that goes to the transport.

    It stands inside of what waits or refuses on our own side (`Retry`, `Hedge`, `RateLimit`,
    `Bulkhead`, `CircuitBreaker`), and so measures the server and the way to it.
    """

    policy_kind: ClassVar[str] = "metrics"

    recorder: MetricsRecorder

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.recorder, MetricsRecorder):
            raise InvalidOptionError(
                f"Metrics(recorder={shown(self.recorder)}): give an instance of MetricsRecorder "
                "(or a subclass)"
            )

    def begin(self, request: Request) -> None:
        """Tell that `request` is about to be sent."""
        try:
            self.recorder.request_started(request)
        except Exception as error:  # noqa: BLE001 - a guest must not break the call
            log_failure(self.recorder, "request_started", error)

    def end(self, request: Request, outcome: Outcome) -> None:
        """Tell how it ended."""
        try:
            self.recorder.request_ended(request, outcome)
        except Exception as error:  # noqa: BLE001 - a guest must not break the call
            log_failure(self.recorder, "request_ended", error)

"""`TransportOptions`: what the pipeline knows and the wire needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from antiphon.models.timeout import DEFAULT_TIMEOUT, Timeout

if TYPE_CHECKING:
    from antiphon.models.cancel import CancelToken
    from antiphon.models.deadline import Deadline
    from antiphon.models.events import TransportObserver


@attrs.frozen(slots=True)
class TransportOptions:
    """How one request is to be carried. A transport that ignores all of it is still a transport.

    `timeout` limits each phase (seconds), `deadline` the whole call including its body (monotonic
    seconds), `cancel` ends any wait, `stream=False` says that the body will be loaded whole at
    once, and `observer` hears what happens on the wire.
    """

    timeout: Timeout = DEFAULT_TIMEOUT
    deadline: Deadline | None = None
    cancel: CancelToken | None = None
    stream: bool = True
    observer: TransportObserver | None = None


DEFAULT = TransportOptions()

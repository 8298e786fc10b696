"""What the server of a chaos run does to its clients, and when."""

from __future__ import annotations

import attrs


@attrs.frozen
class Phase:
    """How the server behaves for a `share` of the run.

    Of the requests a share of `slow` take 0.1 to 0.4 seconds, `stalled` ones are never answered,
    `failing` ones are answered with 503, `broken` ones with a part of an answer or none. While it
    is `dead` it refuses connections, and resets those that it has at their next request.
    """

    name: str
    share: float
    slow: float = 0.0
    stalled: float = 0.0
    failing: float = 0.0
    broken: float = 0.0
    dead: bool = False


PHASES = (
    Phase("healthy", 0.15),
    Phase("slow", 0.20, slow=0.10, stalled=0.005),
    Phase("errors", 0.20, failing=0.35, broken=0.05),
    Phase("dead", 0.15, dead=True),
    Phase("recovering", 0.15, slow=0.05, failing=0.10, broken=0.02),
    Phase("healthy again", 0.15),
)

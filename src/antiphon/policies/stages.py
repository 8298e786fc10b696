"""The stages of the pipeline, outermost first, and which one a policy asks for."""

from __future__ import annotations

from antiphon.errors import InvalidOptionError

# - operation: once a call; errors are raised here
# - redirect: once a call; what is inside sees each hop
# - cookies, auth, cache: once a hop, around all attempts at it
# - retry: once a hop; what is inside sees each attempt
# - attempt: each attempt; the body is loaded at its inner end
# - wire: each attempt, closest to the transport; bodies are still on their way
STAGES = ("operation", "redirect", "cookies", "auth", "cache", "retry", "attempt", "wire")

DEFAULT_STAGE = "attempt"


def stage_of(policy: object) -> str:
    """Return the stage that `policy` names, "attempt" if none. Raises InvalidOptionError."""
    stage = getattr(policy, "stage", DEFAULT_STAGE)
    if stage not in STAGES:
        raise InvalidOptionError(
            f"policies: {policy!r} has stage {stage!r}; the stages are {', '.join(STAGES)}"
        )
    return str(stage)

"""In which order, and how soon after each other, a host's addresses are tried (RFC 8305)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

# RFC 8305, section 8: the recommended Connection Attempt Delay, in seconds.
ATTEMPT_DELAY = 0.25

A = TypeVar("A")


def interleave(addresses: Sequence[tuple[int, A]]) -> list[tuple[int, A]]:
    """Sort (family, address) pairs so that the families take turns (RFC 8305, section 4).

    The resolver's own order decides which family is first, and the order within each family: it
    knows this machine's routes and RFC 6724.
    """
    families: dict[int, list[tuple[int, A]]] = {}
    for entry in addresses:
        families.setdefault(entry[0], []).append(entry)
    queues = list(families.values())
    longest = max(map(len, queues), default=0)
    return [queue[turn] for turn in range(longest) for queue in queues if turn < len(queue)]

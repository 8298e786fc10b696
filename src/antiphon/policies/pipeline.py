"""`Pipeline`: what a client does with every call, for people to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.policies.pipeline_order import describe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from antiphon.policies.pipeline_order import Step


class Pipeline:
    """The steps of a client, the outermost first; `print(client.pipeline)` lists them.

    Iterating gives a `Step` each, with its `stage`, `kind` and `policy`; `policy` is None for
    steps that every client has.
    """

    __slots__ = ("_steps",)

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self._steps = steps

    def __iter__(self) -> Iterator[Step]:
        return iter(self._steps)

    def __len__(self) -> int:
        return len(self._steps)

    def __getitem__(self, place: int) -> Step:
        return self._steps[place]

    def __str__(self) -> str:
        return describe(self._steps)

    def __repr__(self) -> str:
        kinds = [step.kind if step.policy is None else repr(step.policy) for step in self._steps]
        return f"<Pipeline {' > '.join(kinds)}>"

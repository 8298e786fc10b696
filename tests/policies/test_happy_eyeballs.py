"""In which order a host's addresses are tried (RFC 8305 section 4)."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.policies.happy_eyeballs import interleave

Entry = tuple[int, int]


@pytest.mark.parametrize(
    ("resolved", "tried"),
    [
        ("", ""),
        ("6", "6"),
        ("66", "66"),
        ("64", "64"),
        ("46", "46"),
        ("6644", "6464"),
        ("6446", "6464"),
        ("66644", "64646"),
        ("4666", "4666"),
        ("44446", "46444"),
    ],
)
def test_families_take_turns(resolved: str, tried: str) -> None:
    """The family that the system put first begins, and then they take turns while both last."""
    assert tried == "".join(
        str(family) for family, _ in interleave([(int(digit), None) for digit in resolved])
    )


def test_order_within_a_family_is_kept() -> None:
    """Within a family the system's order stands: it knows the routes."""
    addresses = [(6, "a"), (6, "b"), (4, "x"), (6, "c"), (4, "y")]

    assert [(6, "a"), (4, "x"), (6, "b"), (4, "y"), (6, "c")] == interleave(addresses)


@given(st.lists(st.tuples(st.sampled_from([4, 6, 10]), st.integers())))
def test_nothing_is_lost(addresses: list[Entry]) -> None:
    """Every address is tried as often as it was found, in its family's order, the first one first."""
    tried = interleave(addresses)

    assert Counter(addresses) == Counter(tried)
    assert addresses[:1] == tried[:1]
    for family in (4, 6, 10):
        assert [a for a in addresses if a[0] == family] == [a for a in tried if a[0] == family]


@given(st.lists(st.tuples(st.sampled_from([4, 6]), st.integers())))
def test_no_family_waits_for_the_other(addresses: list[Entry]) -> None:
    """While addresses of both families are left, no two of one family come in a row."""
    tried = interleave(addresses)
    least = min(Counter(family for family, _ in addresses).values(), default=0)
    both = len({family for family, _ in addresses}) == 2

    for first, second in pairwise(tried[: 2 * least]):
        assert not both or first[0] != second[0]

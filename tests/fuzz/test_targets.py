"""The targets of the fuzzer hold for thousands of inputs in every run, without atheris."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fuzz.__main__ import settings as fuzzer_settings
from tests.fuzz.targets import SEEDS, TARGETS


def test_every_target_has_seeds() -> None:
    """Each target begins with inputs that get somewhere."""
    assert set(TARGETS) == set(SEEDS)


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes(name: str) -> None:
    """Any bytes are read or refused with the errors of ours that the target names."""

    @settings(max_examples=200)
    @given(st.binary(max_size=300))
    @example(b"")
    def check(data: bytes) -> None:
        TARGETS[name](data)

    check()


@pytest.mark.parametrize("name", TARGETS)
def test_mutated_seeds(name: str) -> None:
    """So are good inputs with bytes changed, left out, doubled and spliced."""
    chance = random.Random(name)
    seeds = SEEDS[name]
    for seed in seeds:
        TARGETS[name](seed)
    for _ in range(1500):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(data) + 1)
            match chance.randrange(4):
                case 0:
                    data[at:at] = bytes([chance.randrange(256)])
                case 1:
                    del data[at : at + chance.randint(1, 4)]
                case 2:
                    other = chance.choice(seeds)
                    data[at:] = other[chance.randrange(len(other)) :]
                case 3:
                    data[at:at] = data[at : at + chance.randint(1, 40)] * chance.randint(1, 8)
        TARGETS[name](bytes(data))


def test_settings_of_the_fuzzer() -> None:
    """What is given on the command line reaches the fuzzer as numbers."""
    told = fuzzer_settings(1000, 0, 7)
    assert {"-seed=7", "-runs=1000"} < set(told)
    timed = fuzzer_settings(1000, 20, 7)
    assert {"-seed=7", "-max_total_time=20"} < set(timed)
    assert "-runs=1000" not in timed

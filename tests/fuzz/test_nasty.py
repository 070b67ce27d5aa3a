"""Each parser of outside data takes linear time: for 8 times the bytes at most 16 times as much."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator

import pytest

from .nasty import NASTY
from .targets import TARGETS

SIZES = {
    "config": 4_000,
    "document": 4_000,
    "details": 3_500,
    "unknown keys of a job": 24_000,
    "unknown keys of a run": 24_000,
}
SIZE = 7_000  # bytes: eight times as many are within the bounds of a head
SHORTEST = 0.003  # seconds that are measured


@pytest.fixture(autouse=True, scope="module")
def frozen_in_the_end_no_more() -> Iterator[None]:
    yield
    gc.unfreeze()  # else hypothesis finds nobody who refers to its sources of chance


@pytest.fixture(autouse=True)
def without_collections() -> Iterator[None]:
    gc.collect()
    gc.freeze()  # what caches keep alive is not looked through again before each test
    gc.disable()
    yield
    gc.enable()


def seconds(target: str, data: bytes) -> float:
    """Return the CPU time of one call, measured over as many as last for some time."""
    calls, took = 0, 0.0
    while took < SHORTEST:
        began = time.process_time()
        TARGETS[target](data)
        took += time.process_time() - began
        calls += 1
    return took / calls


def test_there_are_nasty_inputs_for_every_target() -> None:
    assert set(NASTY) == set(TARGETS)


@pytest.mark.parametrize(
    ("target", "kind"), [(target, kind) for target, kinds in NASTY.items() for kind in kinds]
)
def test_parsing_takes_linear_time(target: str, kind: str) -> None:
    make, size = NASTY[target][kind], SIZES.get(kind, SIZES.get(target, SIZE))
    short, long = make(size), make(8 * size)
    # A host is quicker at one time than at another: only neighbours are compared.
    for _ in range(3):
        times = seconds(target, long) / seconds(target, short)
        if times <= 16:
            break
    assert times <= 16

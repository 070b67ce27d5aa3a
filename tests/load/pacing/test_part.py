from __future__ import annotations

from array import array
from fractions import Fraction
from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.pacing import Pacer, Poisson
from fthg.load.pacing.constant import Constant
from fthg.load.pacing.part import PartPacer
from fthg.load.pacing.replay import Replay
from fthg.slices import Slice

RATE = Constant(Fraction(7, 3), "7/3s")
MOMENTS = Replay(array("q", [0, 5, 5, 9, 20, 21, 30]))
BASES = [RATE, Poisson(RATE, "orders", "r1"), MOMENTS]


@pytest.mark.parametrize("base", BASES)
@given(of=st.integers(1, 9), arrival=st.integers(0, 50))
def test_its_arrivals_are_every_so_manyth_of_the_whole(base: Pacer, of: int, arrival: int) -> None:
    for number in range(of):
        part = PartPacer(base, Slice(number, of))
        assert part.due(arrival) == _minus(base.due(number + of * arrival), part.since)


@given(of=st.integers(1, 9), seconds=st.integers(1, 60))
def test_the_rates_of_all_parts_add_up(of: int, seconds: int) -> None:
    parts = [PartPacer(RATE, Slice(number, of)) for number in range(of)]
    assert sum(part.rate_at(seconds * SECOND) or 0 for part in parts) == RATE.rate
    assert {part.mean_rate(seconds * SECOND) for part in parts} == {RATE.rate / of}


def _minus(due: Optional[int], since: int) -> Optional[int]:
    return None if due is None else due - since

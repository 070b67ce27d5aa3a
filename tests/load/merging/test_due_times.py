from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.merging.due_times import DueTimes
from fthg.transfer import Result
from tests.load.results_of import result


def due(seq: int, second: float) -> Result:
    return result(seq=seq, due=round(second * SECOND))


def of(*results: Result) -> DueTimes:
    made = DueTimes()
    made.add(results)
    return made


@given(st.integers(0, 1 << 32))
def test_a_schedule_rises_in_whatever_order_it_is_read(seed: int) -> None:
    order = random.Random(seed).sample(range(2000), 2000)
    assert of(*(due(n, n / 100) for n in order)).rise


def test_clocks_may_differ_by_a_second() -> None:
    assert of(due(0, 5.9), due(1, 5)).rise
    assert not of(due(0, 6.1), due(1, 5)).rise


def test_turns_that_senders_take_at_different_speeds_contradict_a_schedule() -> None:
    slow = [due(2 * n, n / 5) for n in range(500)]
    quick = [due(2 * n + 1, n / 10) for n in range(1000)]
    made = of(*slow)
    assert made.rise
    made.merge(of(*quick))
    assert not made.rise

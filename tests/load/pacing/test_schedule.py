from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.pacing.constant import Constant
from fthg.load.pacing.schedule import Schedule

from .laws import RATES
from .short_pacers import Twice


@given(RATES, st.integers(0, 10**9), st.integers(0, 10**18))
def test_an_arrival_is_never_a_nanosecond_off(rate: Fraction, arrival: int, start: int) -> None:
    due = Schedule(start, Constant(rate)).due(arrival)
    assert due is not None
    assert 0 <= start + arrival / rate * SECOND - due < 1


@given(RATES, st.integers(0, 10_000), st.integers(0, 10**15))
def test_a_postponed_arrival_moves_all_later_ones_and_is_never_early(
    rate: Fraction, arrival: int, moment: int
) -> None:
    schedule, plain = Schedule(0, Constant(rate)), Constant(rate)
    postponed = schedule.postpone(arrival, moment)
    assert postponed == max(plain.due(arrival), moment)
    gap = plain.due(arrival + 1) - plain.due(arrival)
    assert schedule.due(arrival + 1) == postponed + gap


def test_after_the_last_arrival_there_is_nothing_to_postpone() -> None:
    schedule = Schedule(5, Twice())
    assert [schedule.due(n) for n in range(3)] == [5, 5 + SECOND, None]
    assert schedule.postpone(2, 100 * SECOND) is None

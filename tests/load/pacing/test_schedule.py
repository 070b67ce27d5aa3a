from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.pacing.schedule import Schedule

HOUR = 3600 * SECOND
RATES = st.fractions(min_value=Fraction(1, 86_400), max_value=100_000, max_denominator=100_000)


def test_seven_an_hour_are_seven_in_each_hour_of_a_week() -> None:
    schedule = Schedule(0, Fraction(7, 3600))
    hours = [schedule.due(n) // HOUR for n in range(7 * 24 * 7)]
    assert hours == [hour for hour in range(24 * 7) for _ in range(7)]


def test_86401_a_day_are_exactly_that_on_each_day_of_a_week() -> None:
    schedule = Schedule(0, Fraction(86_401, 86_400))
    for day in range(8):
        assert schedule.due(86_401 * day) == 24 * HOUR * day
        assert schedule.due(86_401 * day - 1) < 24 * HOUR * day


@given(RATES, st.integers(0, 10**9), st.integers(0, 10**18))
def test_an_arrival_is_never_a_nanosecond_off(rate: Fraction, arrival: int, start: int) -> None:
    exact = start + arrival / rate * SECOND
    assert 0 <= exact - Schedule(start, rate).due(arrival) < 1


@given(RATES, st.integers(0, 10_000), st.integers(0, 10**15))
def test_a_postponed_arrival_moves_all_later_ones_and_is_never_early(
    rate: Fraction, arrival: int, moment: int
) -> None:
    schedule = Schedule(0, rate)
    gap = schedule.due(arrival + 1) - schedule.due(arrival)
    before = schedule.due(arrival)
    assert schedule.postpone(arrival, moment) == max(before, moment)
    assert schedule.due(arrival + 1) - schedule.due(arrival) == gap


@pytest.mark.parametrize("arrival", [0, 1, 10**6])
def test_at_the_rate_max_everything_is_due_at_once(arrival: int) -> None:
    assert Schedule(5, None).due(arrival) == 5

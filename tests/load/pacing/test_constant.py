from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.pacing.constant import Constant

from .laws import RATES, follows_its_integral, obeys_the_laws

HOUR = 3600 * SECOND


def test_seven_an_hour_are_seven_in_each_hour_of_a_week() -> None:
    pacer = Constant(Fraction(7, 3600))
    hours = [pacer.due(n) // HOUR for n in range(7 * 24 * 7)]
    assert hours == [hour for hour in range(24 * 7) for _ in range(7)]


def test_86401_a_day_are_exactly_that_on_each_day_of_a_week() -> None:
    pacer = Constant(Fraction(86_401, 86_400))
    for day in range(8):
        assert pacer.due(86_401 * day) == 24 * HOUR * day
        assert pacer.due(86_401 * day - 1) < 24 * HOUR * day


@given(RATES, st.integers(0, 10**9), st.integers(0, 10**16))
def test_counts_agree_with_due_times(rate: Fraction, arrival: int, until: int) -> None:
    obeys_the_laws(Constant(rate), arrival, until)


@given(RATES, st.integers(0, 10**9))
def test_an_arrival_is_due_when_the_integral_says_so(rate: Fraction, arrival: int) -> None:
    follows_its_integral(Constant(rate), arrival)


@given(RATES, st.integers(0, 10**9), st.integers(0, 10**16))
def test_the_target_is_the_same_at_any_time_and_over_any_time(
    rate: Fraction, arrivals: int, time: int
) -> None:
    pacer = Constant(rate)
    assert pacer.rate_at(time) == pacer.mean_rate(time) == rate
    assert pacer.seconds(arrivals) * rate == arrivals

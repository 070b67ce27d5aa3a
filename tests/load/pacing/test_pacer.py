from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND

from .laws import Twice, obeys_the_laws


@given(st.integers(0, 5), st.integers(-5, 5 * SECOND))
def test_a_pacer_that_says_when_arrivals_are_due_can_be_counted(arrival: int, until: int) -> None:
    obeys_the_laws(Twice(), arrival, until)


@pytest.mark.parametrize(("until", "arrivals"), [(0, 0), (1, 1), (SECOND, 1), (SECOND + 1, 2)])
def test_arrivals_are_those_that_are_due_before(until: int, arrivals: int) -> None:
    assert Twice().arrivals(until) == arrivals


def test_arrivals_stand_for_the_time_until_the_next_is_due_and_the_last_for_none() -> None:
    assert [Twice().seconds(count) for count in range(4)] == [0, 1, 1, 0]


def test_the_mean_rate_is_that_of_all_arrivals_so_far() -> None:
    assert Twice().mean_rate(8 * SECOND) == Fraction(2, 8)
    assert Twice().mean_rate(0) == 1

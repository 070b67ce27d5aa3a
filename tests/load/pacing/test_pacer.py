from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.pacing import Pacer

from ..snapshots import stages
from .laws import obeys_the_laws
from .short_pacers import Bursts, Twice


@given(st.sampled_from([Twice(), Bursts()]), st.integers(0, 40), st.integers(-5, 20 * SECOND))
def test_a_pacer_that_says_when_arrivals_are_due_can_be_counted(
    pacer: Pacer, arrival: int, until: int
) -> None:
    obeys_the_laws(pacer, arrival, until)


@pytest.mark.parametrize(("until", "arrivals"), [(0, 0), (1, 1), (SECOND, 1), (SECOND + 1, 2)])
def test_arrivals_are_those_that_are_due_before(until: int, arrivals: int) -> None:
    assert Twice().arrivals(until) == arrivals


def test_arrivals_stand_for_the_time_until_the_next_is_due_and_the_last_until_the_end() -> None:
    assert [Twice().seconds(count) for count in range(4)] == [0, 1, 2, 2]


@pytest.mark.parametrize(
    ("until", "mean"), [(0, 1), (SECOND // 2, 1), (SECOND + 1, 1), (8 * SECOND, Fraction(2, 8))]
)
def test_the_mean_rate_is_that_of_all_arrivals_so_far(until: int, mean: Fraction) -> None:
    assert Twice().mean_rate(until) == mean


@pytest.mark.parametrize("until", [1, SECOND // 3, SECOND, 2 * SECOND + 1])
def test_bursts_have_their_mean_rate_from_the_first_on(until: int) -> None:
    assert Bursts().mean_rate(until) == 5


def test_arrivals_between_two_times_are_counted() -> None:
    assert Bursts().due_between(1, SECOND + 1) == 5
    assert Bursts().due_between(1, SECOND) == 0


def test_without_a_target_everywhere_there_is_no_mean_rate() -> None:
    assert stages("5/s for 1s, max for 1s").mean_rate(SECOND) is None

"""Growth is detected in any noise, and noise without growth is not reported."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .fit import HOUR, Limit, course, settled, slope

_VALUES = st.integers(-1_000_000, 1_000_000).map(float)


def _every_ten_seconds(values: list[float]) -> list[tuple[float, float]]:
    return [(at * 10.0, value) for at, value in enumerate(values)]


@given(steepness=_VALUES, height=_VALUES, count=st.integers(2, 500))
def test_the_slope_of_a_straight_line_is_found(steepness: float, height: float, count: int) -> None:
    line = _every_ten_seconds([height + steepness * at * 10 for at in range(count)])
    assert slope(line) == pytest.approx(steepness, abs=1e-3)


@given(values=st.lists(_VALUES, min_size=2, max_size=30), lift=_VALUES)
def test_a_slope_does_not_know_how_high_it_lies(values: list[float], lift: float) -> None:
    lifted = [value + lift for value in values]
    assert slope(_every_ten_seconds(lifted)) == pytest.approx(
        slope(_every_ten_seconds(values)), abs=1e-6
    )


@given(values=st.lists(_VALUES, min_size=2, max_size=30))
def test_time_turned_round_turns_the_slope_round(values: list[float]) -> None:
    there = slope(_every_ten_seconds(values))
    assert slope(_every_ten_seconds(values[::-1])) == pytest.approx(-there, abs=1e-6)


@given(seed=st.integers(0, 1000))
def test_peaks_of_faults_hide_no_leak(seed: int) -> None:
    dice = random.Random(seed)
    leak = [100 + at / 100 + (dice.random() < 0.2) * 500 for at in range(180)]
    assert slope(_every_ten_seconds(leak)) == pytest.approx(1 / 1000, rel=0.1)


def test_a_single_sample_has_no_slope() -> None:
    assert slope([(1.0, 2.0)]) == 0
    assert course([(1.0, 2.0)]).growth == 0


@given(values=st.lists(_VALUES, min_size=1, max_size=300))
def test_a_course_runs_between_its_least_and_its_most(values: list[float]) -> None:
    seen = course(_every_ten_seconds(values))
    assert seen.least <= seen.start <= seen.most
    assert seen.least <= seen.end <= seen.most
    assert seen.hours == pytest.approx((len(values) - 1) * 10 / HOUR)


def test_steady_noise_is_within_five_percent() -> None:
    dice = random.Random(1)
    values = [100 + dice.uniform(-2, 2) for _ in range(300)]
    assert Limit(0.05, band=True).holds(course(_every_ten_seconds(values)))


def test_one_sample_out_of_a_band_is_enough() -> None:
    seen = course(_every_ten_seconds([100.0] * 50 + [106.0] + [100.0] * 50))
    assert not Limit(0.05, band=True).holds(seen)
    assert Limit(0.05).holds(seen)


def test_a_fall_leaves_a_band_but_is_no_growth() -> None:
    seen = course(_every_ten_seconds([100.0 - at for at in range(20)]))
    assert not Limit(0.05, band=True).holds(seen)
    assert Limit(0.05).holds(seen)


def test_a_slow_creep_does_not_hold() -> None:
    creep = course(_every_ten_seconds([100 + at / 30 for at in range(300)]))
    assert not Limit(0.05).holds(creep)
    assert Limit(0.05, beside=10).holds(creep)


def test_a_long_run_settles_in_ten_minutes_and_a_short_one_in_a_sixth() -> None:
    assert settled(3720) == 600
    assert settled(60) == 10

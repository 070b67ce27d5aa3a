"""Random arrivals; every test has a fixed seed, so that what passes once passes always."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import exp, sqrt
from statistics import fmean, variance
from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.config.tree import Text
from fthg.load.pacing import Pacer, Poisson, pacer
from fthg.load.pacing.constant import Constant
from fthg.load.pacing.poisson import BLOCK

from .laws import RATES, obeys_the_laws, slices_partition
from .shapes import STAGES

DAY = 86_400 * SECOND
SIGMAS, KOLMOGOROV = 3.3, 1.95  # one in a thousand right samples is further off


def poisson(rate: str, seed: Optional[int] = 1, job: str = "orders", run: str = "r1") -> Poisson:
    return Poisson(pacer(Text(rate)), job, run, seed)


def times(made: Pacer, number: int) -> list[int]:
    """Return when the first arrivals are due."""
    return [due for due in map(made.due, range(number)) if due is not None]


def gaps(dues: Sequence[float]) -> list[float]:
    return [later - earlier for earlier, later in zip(dues, dues[1:])]


def is_exponential(found: Sequence[float]) -> bool:
    """Return whether numbers pass the test of Kolmogorov and Smirnov for a mean of 1."""
    ordered, number = sorted(found), len(found)
    expected = [1 - exp(-one) for one in ordered]
    distance = max(
        max((at + 1) / number - value, value - at / number) for at, value in enumerate(expected)
    )
    return distance < KOLMOGOROV / sqrt(number)


def correlation(first: Sequence[float], second: Sequence[float]) -> float:
    mean_1, mean_2 = fmean(first), fmean(second)
    both = fmean((a - mean_1) * (b - mean_2) for a, b in zip(first, second))
    return both / sqrt(variance(first) * variance(second))


# --- the distribution


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_counts_have_the_mean_and_the_variance_of_a_poisson_process(seed: int) -> None:
    seconds = 2000
    dues = times(poisson("20/s", seed), 30 * seconds)
    counted = Counter(due // SECOND for due in dues)
    counts = [counted[second] for second in range(seconds)]
    assert abs(fmean(counts) - 20) < SIGMAS * sqrt(20 / seconds)
    assert abs(variance(counts) / fmean(counts) - 1) < SIGMAS * sqrt(2 / seconds)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_gaps_are_exponential_and_independent_of_the_one_before(seed: int) -> None:
    found = gaps([0, *(due / SECOND for due in times(poisson("1/s", seed), 30_000))])
    assert abs(fmean(found) - 1) < SIGMAS / sqrt(len(found))
    assert is_exponential(found)
    assert abs(correlation(found, found[1:])) < SIGMAS / sqrt(len(found))


def test_an_even_rate_fails_these_tests() -> None:
    assert not is_exponential(gaps(times(Constant(Fraction(SECOND)), 1000)))


def test_gaps_between_blocks_that_are_drawn_at_once_are_like_all_others() -> None:
    made = poisson("1/s")
    before, after = [], []
    for block in range(1, 300):
        one, two, three = (made.due(block * BLOCK + n) or 0 for n in (-2, -1, 0))
        before.append((two - one) / SECOND)
        after.append((three - two) / SECOND)
    assert is_exponential(after)
    assert abs(correlation(before, after)) < SIGMAS / sqrt(len(after))


def test_the_first_gap_is_one_too_in_every_run_and_for_every_job() -> None:
    runs = [poisson("1/s", None, run=f"r{n}").due(0) or 0 for n in range(300)]
    jobs = [poisson("1/s", 1, job=f"job {n}").due(0) or 0 for n in range(300)]
    assert is_exponential([due / SECOND for due in runs])
    assert is_exponential([due / SECOND for due in jobs])


def test_on_a_ramp_times_are_random_and_follow_its_integral() -> None:
    made = poisson("to 50/s over 10m, 0/s for 1m, 50/s for 5m, to 0/s over 5m")
    dues: list[int] = []
    while (due := made.due(len(dues))) is not None:
        dues.append(due)
    assert is_exponential(gaps([float(made.due_between(0, due)) for due in dues]))
    expected = float(made.due_between(0, made.end or 0))
    assert expected == 37_500
    assert abs(len(dues) - expected) < SIGMAS * sqrt(expected)
    assert not [due for due in dues if 600 <= due / SECOND < 660]
    for span in made.spans(DAY):
        inside = sum(span.start <= due < span.end for due in dues)
        mean = float(made.due_between(span.start, span.end))
        assert abs(inside - mean) <= SIGMAS * sqrt(mean)


# --- the same times everywhere


def test_a_seed_has_its_times_and_another_one_others() -> None:
    assert times(poisson("9/s", 1), 9000) == times(poisson("9/s", 1, run="r2"), 9000)
    assert times(poisson("9/s", 1), 9) != times(poisson("9/s", 2), 9)
    assert times(poisson("9/s", 1), 9) != times(poisson("9/s", 1, "payments"), 9)


def test_without_a_seed_each_run_has_its_own_times_that_its_id_brings_back() -> None:
    first, second = poisson("9/s", None), poisson("9/s", None, run="r2")
    assert times(first, 9) != times(second, 9)
    assert times(second.in_run("r1"), 9) == times(first, 9)
    assert Constant(Fraction(9)).in_run("r1") == Constant(Fraction(9))


def test_the_times_of_a_seed_stay_as_they_are() -> None:
    assert times(poisson("1/s", 42), 3) == [2_662_728_123, 3_132_585_284, 4_196_545_798]


@pytest.mark.parametrize("slices", [2, 3])
def test_slices_together_are_the_whole(slices: int) -> None:
    slices_partition(poisson("to 10/s over 1h, 10/s for 1h"), 2 * BLOCK + 5, slices)


def test_times_are_the_same_in_whatever_order_they_are_asked_for() -> None:
    whole = times(poisson("5/s"), 4 * BLOCK)
    backwards = poisson("5/s")
    asked = range(0, 4 * BLOCK, 1000)
    assert [backwards.due(n) for n in reversed(asked)] == [whole[n] for n in reversed(asked)]


def test_two_million_draws_leave_next_to_nothing_in_memory_and_can_be_handed_over() -> None:
    made = poisson("1000/s")
    far = made.due(2_000_000)
    assert len(pickle.dumps(made)) < 100_000
    assert pickle.loads(pickle.dumps(made)).due(2_000_000) == far
    assert pickle.loads(pickle.dumps(made)) == made == poisson("1000/s")


# --- a pacer like others


@given(STAGES, st.integers(0, 2500), st.integers(0, 600 * SECOND), st.integers(0, 9))
def test_counts_of_stages_agree_with_due_times(
    made: Pacer, arrival: int, until: int, seed: int
) -> None:
    obeys_the_laws(Poisson(made, "orders", "r1", seed), arrival, until)


@given(RATES, st.integers(0, 3 * BLOCK), st.integers(0, 9))
def test_counts_of_a_rate_agree_with_due_times(rate: Fraction, arrival: int, seed: int) -> None:
    made = Poisson(Constant(rate), "orders", "r1", seed)
    obeys_the_laws(made, arrival, made.due(arrival) or 0)


def test_what_is_expected_is_known_without_a_draw() -> None:
    made = poisson("1000/s")
    assert made.even.arrivals(100 * DAY) == 100 * 86_400_000
    assert made.even.due(1000) == SECOND
    assert made.even.even is made.even
    assert made.rate_at(DAY) == 1000
    assert made.due_between(DAY, 2 * DAY) == 86_400_000


def test_all_but_the_times_is_that_of_the_rate() -> None:
    made = poisson("10/s for 5m, to 100/s over 10m")
    assert made.text == "10/s for 5m, to 100/s over 10m, poisson arrivals"
    assert (made.end, made.stages) == (made.base.end, made.base.stages)
    assert list(made.spans(DAY)) == list(made.base.spans(DAY))
    assert made.parts == ((0, made),)
    assert (made.has_target, made.moves) == (True, False)
    assert poisson("10/s").moves
    assert poisson("10/s").end is None


def test_an_anchored_rate_is_that_of_the_anchored_base() -> None:
    class Shifting(Constant):
        def at(self, utc: int) -> Constant:
            return Constant(Fraction(utc))

    made = Poisson(Shifting(Fraction(1)), "orders", "r1", 1)
    assert made.at(7) == replace(made, base=Constant(Fraction(7)))

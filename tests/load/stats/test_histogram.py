from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.load.stats.histogram import COARSE, Histogram

NANOSECONDS = st.integers(0, 7 * 86_400 * 10**9)


def histogram(values: list[int], bits: int = 6) -> Histogram:
    made = Histogram(bits)
    for value in values:
        made.record(value)
    return made


@given(st.lists(NANOSECONDS, min_size=1), st.integers(0, 100))
def test_a_percentile_is_right_to_one_percent_and_within_the_extremes(
    values: list[int], percent: int
) -> None:
    rank = max(1, math.ceil(percent * len(values) / 100))
    exact = sorted(values)[rank - 1]
    found = histogram(values).percentile(percent)
    assert abs(found - exact) <= 0.01 * exact
    assert min(values) <= found <= max(values)


@given(st.lists(NANOSECONDS, min_size=1))
def test_minimum_maximum_and_mean_are_exact(values: list[int]) -> None:
    made = histogram(values)
    assert (made.min, made.max, made.count) == (min(values), max(values), len(values))
    assert made.mean == sum(values) / len(values)


@given(st.lists(NANOSECONDS), st.lists(NANOSECONDS))
def test_merging_is_the_same_as_recording_all_in_one(one: list[int], other: list[int]) -> None:
    merged = histogram(one)
    merged.merge(histogram(other))
    assert vars(merged) == vars(histogram(one + other))


@given(st.lists(NANOSECONDS, min_size=1))
def test_several_percentiles_are_those_asked_one_by_one(values: list[int]) -> None:
    made = histogram(values, COARSE)
    assert made.percentiles([50, 90, 99]) == [made.percentile(p) for p in (50, 90, 99)]


def test_percentiles_are_by_nearest_rank() -> None:
    assert histogram([10, 20, 30, 40]).percentiles([0, 25, 26, 50, 75, 76, 100]) == [
        *(10, 10, 20, 20, 30, 40, 40)
    ]


def test_an_empty_one_is_zero_everywhere() -> None:
    made = Histogram()
    assert (made.min, made.mean, made.max, made.percentiles([50, 99])) == (0, 0.0, 0, [0, 0])


def test_a_negative_value_counts_as_zero() -> None:
    assert histogram([-5]).percentiles([50]) == [0]


def test_memory_does_not_grow_with_the_count() -> None:
    made = histogram([value * value for value in range(200_000)])
    assert len(made._counts) < 3000


@given(st.lists(NANOSECONDS), st.lists(NANOSECONDS, min_size=1), st.integers(0, 100))
def test_what_came_since_is_counted_as_if_it_had_come_alone(
    before: list[int], later: list[int], percent: int
) -> None:
    since = histogram(before + later).since(histogram(before))
    alone = histogram(later)
    assert (since.count, since.sum) == (alone.count, alone.sum)
    assert since.percentile(percent) == pytest.approx(alone.percentile(percent), rel=0.016, abs=1)


def test_nothing_came_since_now() -> None:
    assert histogram([5, 7]).since(histogram([5, 7])).percentile(99) == 0


@given(st.lists(NANOSECONDS), st.lists(NANOSECONDS), st.sampled_from([6, COARSE]))
def test_one_that_was_packed_counts_on_as_if_it_had_not_been(
    before: list[int], after: list[int], bits: int
) -> None:
    packed = Histogram.unpack(histogram(before, bits).pack())
    for value in after:
        packed.record(value)
    whole = histogram(before + after, bits)
    assert packed.percentiles(range(101)) == whole.percentiles(range(101))
    assert (packed.count, packed.sum, packed.min, packed.max) == (
        whole.count,
        whole.sum,
        whole.min,
        whole.max,
    )

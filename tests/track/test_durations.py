"""The histogram of transit times."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.report.scale import Bin

from .ledgers import HOUR, SECOND, figures, pair


def _bins(times: Sequence[int]) -> tuple[Bin, ...]:
    return figures([pair(n, n, time) for n, time in enumerate(times)]).histogram


def _filled(bins: Sequence[Bin]) -> int:
    """Return how many bars are not empty and no tail."""
    return sum(bool(bar.count) for bar in bins if not bar.tail)


def _tails(bins: Sequence[Bin]) -> list[tuple[str, int]]:
    return [(bar.tail, bar.count) for bar in bins if bar.tail]


def test_no_transit_time_no_histogram() -> None:
    assert _bins([]) == ()


def test_one_transfer_is_one_bar() -> None:
    assert _bins([5]) == (Bin(5, 6, 1),)


@pytest.mark.parametrize("number", [2, 3, 10, 30, 99])
def test_few_transfers_have_no_bar_of_longer_ones(number: int) -> None:
    rng = random.Random(number)

    bins = _bins([rng.randrange(SECOND, 3 * SECOND) for _ in range(number)])

    assert not _tails(bins)
    assert sum(bar.count for bar in bins) == number


SHAPES: dict[str, Callable[[random.Random], float]] = {
    "even": lambda rng: rng.uniform(1, 3),
    "normal": lambda rng: rng.gauss(5, 0.5),
    "skewed": lambda rng: rng.lognormvariate(0, 0.8),
    "whole seconds": lambda rng: rng.choice([1, 1, 1, 2, 3]),
    "two humps": lambda rng: rng.choice([1, 1, 1, 60]) * rng.uniform(0.9, 1.1),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("number", [4, 20, 99, 100, 150, 2000])
@pytest.mark.parametrize("outlier", [-HOUR, 24 * HOUR])
def test_one_outlier_does_not_flatten_the_others(shape: str, number: int, outlier: int) -> None:
    rng = random.Random(3)
    times = [round(SHAPES[shape](rng) * SECOND) for _ in range(number)]

    without, bins = _bins(times), _bins([*times, outlier])

    assert _filled(bins) * 2 >= _filled(without)
    assert bins[0 if outlier < 0 else -1].tail == ("shorter" if outlier < 0 else "longer")


@pytest.mark.parametrize("shape", SHAPES)
def test_nearly_all_transfers_are_in_bars_of_equal_width(shape: str) -> None:
    rng = random.Random(4)

    bins = _bins([round(SHAPES[shape](rng) * SECOND) for _ in range(5000)])

    assert sum(count for _, count in _tails(bins)) < 5000 * 3 // 100
    assert _filled(bins) >= 3


def test_where_all_but_a_few_take_the_same_time_the_few_are_tails() -> None:
    bins = _bins([0] + [SECOND] * 500 + [2 * SECOND])

    assert [(bar.tail, bar.count) for bar in bins] == [("shorter", 1), ("", 500), ("longer", 1)]


def test_a_few_that_differ_are_no_tail_because_of_one_outlier() -> None:
    bins = _bins([SECOND] * 95 + [2 * SECOND] * 3 + [HOUR])

    assert _tails(bins) == [("longer", 1)]
    assert _filled(bins) == 2


times = st.integers(-10 * SECOND, 10 * SECOND) | st.integers(0, 3) | st.just(10 * HOUR)


@given(st.lists(times, min_size=1, max_size=150))
def test_bars_are_side_by_side_and_hold_each_time_once(times: list[int]) -> None:
    bins = _bins(times)

    for bar in bins:
        assert bar.low < bar.high
        assert bar.count == sum(bar.low <= time < bar.high for time in times)
    assert sum(bar.count for bar in bins) == len(times)
    assert all(left.high == right.low for left, right in zip(bins, bins[1:]))
    assert len({bar.high - bar.low for bar in bins if not bar.tail}) == 1
    assert 1 <= sum(not bar.tail for bar in bins) <= 31
    assert all(bar.count for bar in bins if bar.tail)
    assert [bar.tail for bar in bins if bar.tail] in (
        [], ["shorter"], ["longer"], ["shorter", "longer"],
    )  # fmt: skip

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fthg.report import axes
from fthg.report.axes import MINUTE, SECOND


@given(top=st.integers(0, 10**9))
def test_a_count_axis_holds_the_highest_count_in_a_few_whole_steps(top: int) -> None:
    axis = axes.count_axis(top)
    assert axis.low == 0
    assert axis.high >= max(top, 1)
    assert 2 <= len(axis.ticks) <= 7
    labels = [tick.label for tick in axis.ticks]
    assert len(set(labels)) == len(labels)
    assert all("." not in label or label[-1] in "kM" for label in labels)


@given(low=st.integers(-(10**12), 10**14), high=st.integers(0, 10**14))
def test_a_duration_axis_holds_zero_and_all_values(low: int, high: int) -> None:
    low = min(low, high)
    axis = axes.duration_axis(low, high)
    assert axis.low <= min(low, 0)
    assert axis.high >= max(high, 0)
    assert 2 <= len(axis.ticks) <= 7
    assert "0" in [tick.label for tick in axis.ticks]


def test_inner_ticks_are_round_where_the_ends_are_not() -> None:
    labels = [tick.label for tick in axes.inner_ticks(569_123, 5 * SECOND + 17).ticks]
    assert labels == ["1s", "2s", "3s", "4s", "5s"]
    assert axes.inner_ticks(7, 7).high == 8


def test_a_fine_scale_has_labels_as_fine_as_it_is() -> None:
    labels = [tick.label for tick in axes.inner_ticks(2_151_000, 2_151_040).ticks if tick.label]
    assert labels[0] == "2.151s"
    assert len(set(labels)) == len(labels) > 1


def test_round_durations_have_no_smaller_unit() -> None:
    assert [tick.label for tick in axes.duration_axis(0, 4 * MINUTE).ticks] == [
        "0", "1m", "2m", "3m", "4m",
    ]  # fmt: skip


def test_large_counts_have_short_labels() -> None:
    assert [tick.label for tick in axes.count_axis(1_000_000).ticks][-2:] == ["800k", "1M"]
    assert [tick.label for tick in axes.count_axis(8_000).ticks][-1] == "8,000"


def test_a_few_values_far_above_all_others_are_left_out() -> None:
    usual = [2 * SECOND, 3 * SECOND, 4 * SECOND]
    assert axes.without_outliers([*usual, 3600 * SECOND], SECOND) == 4 * SECOND
    assert axes.without_outliers([*usual, 9 * SECOND], SECOND) == 9 * SECOND
    assert axes.without_outliers([3600 * SECOND, *usual, 3600 * SECOND], SECOND) == 3600 * SECOND
    assert axes.without_outliers([SECOND, 3600 * SECOND], SECOND) == 3600 * SECOND


@given(values=st.lists(st.integers(-(10**12), 10**12), min_size=1), typical=st.integers(1, 10**9))
def test_most_values_are_no_outliers(values: list[int], typical: int) -> None:
    high = axes.without_outliers(values, typical)
    above = [value for value in values if value > high]
    assert high in values
    assert len(above) <= max(len(values) // 8, 1)
    assert all(value >= 3 * max(high, typical) for value in above)


@given(places=st.lists(st.integers(0, 200), min_size=1, max_size=4))
def test_labels_are_moved_apart_in_their_order(places: list[int]) -> None:
    moved = axes.apart(places, 15, 0, 200)
    ordered = sorted(moved)
    assert all(b - a >= 15 - 1e-6 for a, b in zip(ordered, ordered[1:]))
    assert all(-1e-6 <= place <= 200 + 1e-6 for place in moved)
    order = sorted(range(len(places)), key=lambda n: places[n])
    assert [moved[n] for n in order] == ordered

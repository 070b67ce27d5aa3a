from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.report.axes import Axis, count_axis
from fthg.report.charts import HEIGHT, LEAST
from fthg.report.geometry import (
    column,
    line_path,
    lone_points,
    mark,
    slots,
    stack,
    step_path,
)
from fthg.report.labels import CHARACTER, MARGIN, WIDTHS

KINDS = ("passed", "timeout", "failed", "unpaired")


@given(
    counts=st.lists(st.integers(0, 10**7), min_size=4, max_size=4),
    more=st.integers(0, 10**7),
)
def test_the_parts_of_a_bar_add_up_to_its_height_and_none_is_invisible(
    counts: list[int], more: int
) -> None:
    by_kind = dict(zip(KINDS, counts))
    axis = count_axis(sum(counts) + more)
    parts = stack(by_kind, axis, "from=1&to=2")
    assert [part.kind for part in parts] == [kind for kind in KINDS if by_kind[kind]]
    assert all(part.height >= LEAST - 0.01 for part in parts)
    assert all(part.y >= -0.02 for part in parts)
    height = sum(part.height for part in parts)
    assert height == pytest.approx(
        max(axis.place(sum(counts)) * HEIGHT, LEAST * len(parts)), abs=LEAST * len(parts)
    )
    y = float(HEIGHT)
    for part in parts:
        y -= part.height
        assert part.y == pytest.approx(y, abs=0.05)
        assert part.filter == f"from=1&to=2&result={part.kind}"


def test_a_thin_part_takes_its_pixels_from_the_largest() -> None:
    passed, failed = stack({"passed": 9_999, "failed": 1}, count_axis(10_000))
    assert (failed.y, failed.height) == (0, LEAST)
    assert passed.height == HEIGHT - LEAST


def test_a_column_of_few_is_visible_and_one_of_none_is_not() -> None:
    axis = count_axis(1_000_000)
    assert [part.height for part in column("bin", 1, axis)] == [LEAST]
    assert column("bin", 0, axis) == ()


def test_a_line_is_broken_where_there_is_no_value() -> None:
    values = [10, None, 5, 0]
    assert line_path(values, count_axis(10)) == "M125,0 M625,100 L875,200"
    assert lone_points(values, count_axis(10)) == "M125,0 h0"


def test_a_value_beyond_the_axis_is_drawn_at_its_end() -> None:
    assert line_path([-5, 10, 99], count_axis(10)) == "M166.7,200 L500,0 L833.3,0"


def test_steps_are_level_from_edge_to_edge() -> None:
    assert step_path([10, 0, 5, 5], count_axis(10)) == "M0,0 H250 V200 H500 V100 H750 V100 H1000"


@given(count=st.integers(1, 200), percent=st.integers(10, 100))
def test_bars_stand_in_order_within_the_width(count: int, percent: int) -> None:
    places = slots(count, percent / 100)
    ends = [x + width for x, width in places]
    assert all(end <= x + 0.01 for end, (x, _) in zip(ends, places[1:]))
    assert places[0][0] >= -0.001
    assert ends[-1] <= 100.01


@given(part=st.integers(0, 1000), label=st.text("p95 12.3ms", min_size=1, max_size=14))
def test_the_label_of_a_mark_stays_in_the_narrowest_chart(part: int, label: str) -> None:
    at = part / 1000
    made = mark(at, label)
    size, x = len(label) * CHARACTER, at * WIDTHS[0]
    if made.side == "start":
        assert x + size <= WIDTHS[0] + MARGIN
    else:
        assert x - size >= -46  # the width of the labels of the axis


def test_steps_without_a_value_interrupt_a_level_line() -> None:
    axis = Axis(0, 10, ())
    assert step_path([10, None, None, 5], axis) == "M0,0 H250 M750,100 H1000"
    assert step_path([None, 0], axis) == "M500,200 H1000"

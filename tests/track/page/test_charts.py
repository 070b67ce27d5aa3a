from __future__ import annotations

from dataclasses import replace
from typing import Optional

import pytest

from fthg.report.charts import HEIGHT, line_path, lone_points
from fthg.track.figures import Bin, Bucket, Counts, Figures, Spread, Stages, Timeline
from fthg.track.page import histogram, over_time, stages
from fthg.track.tracked import SECOND
from tests.track.page import examples


def with_buckets(*buckets: Bucket, counts: Optional[Counts] = None) -> Figures:
    counts = counts or Counts(passed=1)
    return examples.figures([], counts=counts, timeline=Timeline(60 * SECOND, buckets))


def bucket(
    index: int, transit: Optional[Spread] = None, in_flight: int = 0, **counts: int
) -> Bucket:
    return Bucket(examples.START + index * 60 * SECOND, Counts(**counts), transit, in_flight)


def test_a_bar_is_as_high_as_its_count_and_stands_on_the_axis() -> None:
    counts = Counts(passed=150, failed=50)
    chart = over_time.volume(
        with_buckets(bucket(0, passed=100), bucket(1, passed=50, failed=50), counts=counts)
    )
    full, mixed = chart.bars
    assert [(part.kind, part.y, part.height) for part in full.parts] == [("passed", 0, HEIGHT)]
    assert [(part.kind, part.y, part.height) for part in mixed.parts] == [
        ("passed", HEIGHT / 2, HEIGHT / 2),
        ("failed", 0, HEIGHT / 2),
    ]
    assert mixed.title.endswith("50 passed, 50 failed")
    assert full.x + full.width < mixed.x


def test_a_single_failure_among_thousands_is_still_seen() -> None:
    chart = over_time.volume(
        with_buckets(bucket(0, passed=9999, failed=1), counts=Counts(passed=9999, failed=1))
    )
    assert chart.bars[0].parts[-1].kind == "failed"
    assert chart.bars[0].parts[-1].height >= 2


def test_the_legend_names_only_what_occurs() -> None:
    some = examples.transfers(50, trouble=False)
    assert over_time.volume(examples.figures(some)).legend == [("passed", "Passed")]


def test_the_table_of_a_chart_has_a_line_for_every_step() -> None:
    figures = examples.figures(examples.transfers(500))
    chart = over_time.volume(figures)
    assert len(chart.rows) == len(figures.timeline.buckets)
    assert sum(int(row[-1]) for row in chart.rows) == figures.counts.transfers
    assert all(len(row) == len(chart.head) for row in chart.rows)


def test_a_line_is_broken_where_nothing_ended() -> None:
    axis = over_time.volume(with_buckets(bucket(0, passed=10))).y
    values = [10, None, 5, 0]
    assert line_path(values, axis) == "M125,0 M625,100 L875,200"
    assert lone_points(values, axis) == "M125,0 h0"


def test_labels_at_the_ends_of_lines_do_not_lie_on_each_other() -> None:
    close = Spread(3, 3000, 1000, 1000, 1001, 1002, 1003, 1004)
    chart = over_time.percentiles(with_buckets(bucket(0, close, passed=3)))
    assert chart
    ys = sorted(line.label_y for line in chart.curves)
    assert all(b - a >= 15 - 1e-6 for a, b in zip(ys, ys[1:]))


def test_without_an_ended_transfer_there_is_no_chart_of_transit_times() -> None:
    figures = with_buckets(bucket(0, pending=1), counts=Counts(pending=1))
    assert over_time.percentiles(figures) is None
    assert histogram.histogram(figures) is None
    assert stages.stage_split(figures.stages) is None


def test_the_histogram_draws_every_bin_and_marks_median_and_p95() -> None:
    figures = examples.figures(examples.transfers(800))
    chart = histogram.histogram(figures)
    assert chart
    assert len(chart.bars) == len(figures.histogram)
    assert [mark.label.split()[0] for mark in chart.marks] == ["median", "p95"]
    assert 0 < chart.marks[0].x < chart.marks[1].x < 100


def test_a_histogram_of_one_value_has_one_bar() -> None:
    one = Spread(1, 5, 5, 5, 5, 5, 5, 5)
    chart = histogram.histogram(examples.figures([], transit=one, histogram=(Bin(5, 6, 1),)))
    assert chart
    assert [len(bar.parts) for bar in chart.bars] == [1]


def test_stages_follow_one_another_and_fill_the_width() -> None:
    split = stages.stage_split(examples.figures(examples.transfers(300)).stages)
    assert split
    first, second, third = split.stages
    assert first.x == 0
    assert second.x == pytest.approx(first.width, abs=0.01)
    assert third.x + third.width == pytest.approx(100, abs=0.01)


def test_a_hand_over_below_zero_goes_back() -> None:
    def all_took(micros: int) -> Spread:
        return Spread(1, micros, *[micros] * 6)

    split = stages.stage_split(Stages(all_took(100), all_took(-50), all_took(100)))
    assert split
    assert [(stage.x, round(stage.width)) for stage in split.stages] == [
        (0, 67), (pytest.approx(33.333), 33), (pytest.approx(33.333), 67),
    ]  # fmt: skip


def test_in_flight_is_drawn_at_the_end_of_each_step() -> None:
    chart = over_time.in_flight(with_buckets(bucket(0, in_flight=4), bucket(1, in_flight=2)))
    assert chart.curves[0].path == "M250,0 L750,100"
    assert [row[1] for row in chart.rows] == [4, 2]


def test_a_period_of_one_empty_step_can_be_drawn() -> None:
    figures = replace(with_buckets(bucket(0)), histogram=())
    assert over_time.volume(figures).bars[0].parts == []
    assert over_time.in_flight(figures).y.high == 1

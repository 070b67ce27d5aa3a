from __future__ import annotations

from dataclasses import replace
from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.report.charts import HEIGHT, Chart
from fthg.report.formats import Formats
from fthg.report.labels import WIDTHS, clear
from fthg.report.scale import Bin
from fthg.track.figures import Bucket, Counts, Figures, Spread, Stages, Timeline
from fthg.track.page import histogram, over_time, stages
from fthg.track.tracked import SECOND
from tests.track.page import examples
from tests.track.page.examples import HOUR, START

UTC = Formats()
MINUTE = 60 * SECOND


def with_buckets(*buckets: Bucket, counts: Optional[Counts] = None) -> Figures:
    counts = counts or Counts(passed=1)
    return examples.figures([], counts=counts, timeline=Timeline(MINUTE, buckets))


def bucket(
    index: int, transit: Optional[Spread] = None, in_flight: int = 0, **counts: int
) -> Bucket:
    return Bucket(START + index * MINUTE, Counts(**counts), transit, in_flight)


def lasting(*seconds: float) -> Spread:
    found = examples.spread(round(value * SECOND) for value in seconds)
    assert found
    return found


# --- volume


def test_a_bar_is_as_high_as_its_count_and_stands_on_the_axis() -> None:
    counts = Counts(passed=150, failed=50)
    figures = with_buckets(bucket(0, passed=100), bucket(1, passed=50, failed=50), counts=counts)
    full, mixed = over_time.volume(figures, UTC).bars
    assert [(part.kind, part.y, part.height) for part in full.parts] == [("passed", 0, HEIGHT)]
    assert [(part.kind, part.y, part.height) for part in mixed.parts] == [
        ("passed", HEIGHT / 2, HEIGHT / 2),
        ("failed", 0, HEIGHT / 2),
    ]
    assert mixed.title.endswith("50 passed, 50 failed")
    assert full.x + full.width < mixed.x


def test_a_single_failure_among_thousands_is_still_seen() -> None:
    counts = Counts(passed=9999, failed=1)
    figures = with_buckets(bucket(0, passed=9999, failed=1), counts=counts)
    parts = over_time.volume(figures, UTC).bars[0].parts
    assert parts[-1].kind == "failed"
    assert parts[-1].height >= 2
    assert parts[-1].y == 0


def test_a_bar_and_its_parts_lead_to_their_transfers() -> None:
    figures = with_buckets(bucket(3, passed=1, failed=1), counts=Counts(passed=1, failed=1))
    bar = over_time.volume(figures, UTC).bars[0]
    assert bar.filter == f"from={START + 3 * MINUTE}&to={START + 4 * MINUTE}"
    assert [part.filter for part in bar.parts] == [
        f"{bar.filter}&result=passed",
        f"{bar.filter}&result=failed",
    ]


def test_the_legend_names_only_what_occurs() -> None:
    some = examples.transfers(50, trouble=False)
    assert over_time.volume(examples.figures(some), UTC).legend == [("passed", "Passed")]


def test_the_table_of_a_chart_has_a_line_for_every_step() -> None:
    figures = examples.figures(examples.transfers(500))
    chart = over_time.volume(figures, UTC)
    assert len(chart.rows) == len(figures.timeline.buckets)
    assert sum(int(row[-1]) for row in chart.rows) == figures.counts.transfers
    assert all(len(row) == len(chart.head) for row in chart.rows)


# --- transit time


def percentiles(*transits: Optional[Spread]) -> Chart:
    buckets = [bucket(n, transit, passed=1) for n, transit in enumerate(transits)]
    chart = over_time.percentiles(with_buckets(*buckets), UTC)
    assert chart
    return chart


def test_labels_at_the_ends_of_lines_do_not_lie_on_each_other() -> None:
    close = Spread(3, 3000, 1000, 1000, 1001, 1002, 1003, 1004)
    ys = sorted(line.label_y for line in percentiles(close).curves)
    assert all(b - a >= 15 - 1e-6 for a, b in zip(ys, ys[1:]))


def test_one_slow_transfer_does_not_flatten_the_others() -> None:
    chart = percentiles(*[lasting(1, 2, 4)] * 20, lasting(1, 2, 3600), lasting(1, 2, 3))
    assert chart.y.high == 4 * SECOND
    assert [(round(cut.x), cut.y, cut.up) for cut in chart.cuts] == [(93, 0, True)]
    assert chart.note.endswith("▲ 1 step beyond the scale, up to 1h 00m")
    assert chart.rows[20][-2] == "1h 00m"


def test_one_transfer_that_ended_before_it_began_does_not_flatten_the_others() -> None:
    chart = percentiles(*[lasting(1, 2, 4)] * 20, lasting(-3600))
    assert (chart.y.low, chart.y.high) == (0, 4 * SECOND)
    assert [(cut.y, cut.up) for cut in chart.cuts] == [(HEIGHT, False)]
    assert chart.note.endswith("▼ 1 step below the scale, down to -1h 00m")


def test_a_spread_that_is_wide_throughout_is_shown_whole() -> None:
    chart = percentiles(*[lasting(1, 2, 400), lasting(1, 2, 3)] * 10)
    assert chart.y.high >= 400 * SECOND
    assert chart.cuts == []


def test_clocks_that_differ_throughout_are_no_outlier() -> None:
    chart = percentiles(*[lasting(-3600, -3599)] * 10)
    assert chart.y.low <= -3600 * SECOND
    assert chart.cuts == []


def test_without_an_ended_transfer_there_is_no_chart_of_transit_times() -> None:
    figures = with_buckets(bucket(0, pending=1), counts=Counts(pending=1))
    assert over_time.percentiles(figures, UTC) is None
    assert histogram.histogram(figures, UTC) is None
    assert stages.stage_split(figures.stages, UTC) is None


# --- histogram


def drawn(*bins: Bin, low: int = 0, high: int = 0) -> Chart:
    middle = bins[len(bins) // 2].low
    spread = Spread(sum(b.count for b in bins), 0, low, middle, middle, middle, middle, high)
    chart = histogram.histogram(examples.figures([], transit=spread, histogram=bins), UTC)
    assert chart
    return chart


def test_the_histogram_draws_every_bin_and_marks_median_and_p95() -> None:
    figures = examples.figures(examples.transfers(800))
    chart = histogram.histogram(figures, UTC)
    assert chart
    assert len(chart.bars) == len(figures.histogram)
    assert [mark.label.split()[0] for mark in chart.marks] == ["median", "p95"]
    assert 0 < chart.marks[0].x < chart.marks[1].x < 100


def test_a_histogram_of_one_value_has_one_narrow_bar_amid_a_readable_scale() -> None:
    value = 1_234_567
    chart = drawn(Bin(value, value + 1, 1))
    (bar,) = chart.bars
    assert len(bar.parts) == 1
    assert 30 < bar.x < 70
    assert bar.width < 2
    assert [tick.label for tick in chart.x.ticks if tick.label] == ["1.1s", "1.2s", "1.3s"]


def test_a_few_bins_are_no_wall() -> None:
    chart = drawn(*(Bin(n * SECOND, (n + 1) * SECOND, 1) for n in range(1, 4)))
    assert all(bar.width < 10 for bar in chart.bars)
    assert chart.x.low == 0


def test_tails_stand_apart_at_their_ends_and_say_what_they_hold() -> None:
    linear = [Bin(n * SECOND, (n + 1) * SECOND, 9) for n in range(20)]
    chart = drawn(
        Bin(-3600 * SECOND, 0, 2, "shorter"),
        *linear,
        Bin(20 * SECOND, 7200 * SECOND, 3, "longer"),
        low=-3600 * SECOND,
        high=7200 * SECOND - 1,
    )
    first, second, *_, last = chart.bars
    assert [part.kind for bar in (first, second, last) for part in bar.parts] == [
        "tail", "bin", "tail",
    ]  # fmt: skip
    assert first.x == 0
    assert second.x - first.x - first.width > 3
    assert last.x + last.width == 100
    assert [tick.label for tick in chart.x.ticks if tick.strong] == ["shorter", "longer"]
    assert chart.note.endswith("; 2 shorter (down to -1h 00m); 3 longer (up to 1h 59m)")
    assert first.filter == f"least={-3600 * SECOND}&most=-1"


@given(
    low=st.integers(-(10**9), 10**12),
    width=st.integers(1, 10**10),
    counts=st.lists(st.integers(0, 10**6), min_size=1, max_size=40),
    tails=st.sampled_from([(), ("shorter",), ("longer",), ("shorter", "longer")]),
)
def test_every_bin_is_one_bar_in_order_and_no_label_touches_another(
    low: int, width: int, counts: list[int], tails: tuple[str, ...]
) -> None:
    bins = [Bin(low + n * width, low + (n + 1) * width, c) for n, c in enumerate(counts)]
    if "shorter" in tails:
        bins.insert(0, Bin(low - 10**9, low, 1, "shorter"))
    if "longer" in tails:
        bins.append(Bin(bins[-1].high, bins[-1].high + 10**9, 1, "longer"))
    chart = drawn(*bins)
    assert len(chart.bars) == len(bins)
    assert [len(bar.parts) for bar in chart.bars] == [int(b.count > 0) for b in bins]
    assert sum(int(row[-1]) for row in chart.rows) == sum(b.count for b in bins)
    middles = [bar.x + bar.width / 2 for bar in chart.bars]
    assert middles == sorted(middles)
    assert all(-0.5 <= bar.x <= bar.x + bar.width <= 100.5 for bar in chart.bars)
    assert all(0 <= mark.x <= 100 for mark in chart.marks)
    for level, pixels in enumerate(WIDTHS):
        assert clear([t for t in chart.x.ticks if t.label and t.level <= level], pixels)


# --- stages


def test_stages_follow_one_another_and_fill_the_width() -> None:
    split = stages.stage_split(examples.figures(examples.transfers(300)).stages, UTC)
    assert split
    first, second, third = split.stages
    assert first.x == 0
    assert second.x == pytest.approx(first.width, abs=0.01)
    assert third.x + third.width == pytest.approx(100, abs=0.01)


def test_a_hand_over_below_zero_goes_back() -> None:
    def all_took(micros: int) -> Spread:
        return Spread(1, micros, *[micros] * 6)

    split = stages.stage_split(Stages(all_took(100), all_took(-50), all_took(100)), UTC)
    assert split
    assert [(stage.x, round(stage.width)) for stage in split.stages] == [
        (0, 67), (pytest.approx(33.333), 33), (pytest.approx(33.333), 67),
    ]  # fmt: skip


def test_one_slow_transfer_does_not_change_where_a_typical_one_spends_its_time() -> None:
    usual = lasting(1, 1, 1)
    split = stages.stage_split(Stages(usual, usual, lasting(1, 1, 3600)), UTC)
    assert split
    assert [stage.share for stage in split.stages] == ["33%", "33%", "33%"]


# --- in flight


def test_the_most_in_flight_are_drawn_over_the_whole_of_each_step() -> None:
    figures = with_buckets(bucket(0, in_flight=4), bucket(1, in_flight=2))
    chart = over_time.in_flight(figures, UTC)
    assert chart.curves[0].path == "M0,0 H500 V100 H1000"
    assert chart.curves[0].area == "M0,0 H500 V100 H1000 V200 H0 Z"
    assert chart.rows == [["2026-11-08 16:00:00", 4], ["2026-11-08 16:01:00", 2]]


def test_a_period_of_one_empty_step_can_be_drawn() -> None:
    figures = replace(with_buckets(bucket(0)), histogram=())
    assert over_time.volume(figures, UTC).bars[0].parts == []
    assert over_time.in_flight(figures, UTC).y.high == 1


def test_all_charts_show_the_times_of_the_zone() -> None:
    shown = Formats(examples.BERLIN, "Europe/Berlin", "CET")
    figures = examples.figures(examples.transfers(100))
    for chart in (over_time.volume(figures, shown), over_time.in_flight(figures, shown)):
        assert chart.head[0] == "From (CET)"
        assert chart.rows[0][0] == "2026-11-08 17:00:00"
        assert chart.x.ticks[0].label == "17:00"
    assert over_time.volume(figures, shown).x.high - START == 2 * HOUR

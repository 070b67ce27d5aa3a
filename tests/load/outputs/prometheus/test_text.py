from __future__ import annotations

import math
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.outputs.prometheus.text import (
    BOUNDS,
    Family,
    exposition,
    histogram,
    labels,
    sample,
)
from fthg.load.stats.histogram import Histogram

MS = SECOND // 1000


def buckets(times: Histogram) -> dict[str, int]:
    lines = histogram("t_seconds", "", times).splitlines()
    return {
        line.partition('le="')[2].partition('"')[0]: int(line.rpartition(" ")[2])
        for line in lines
        if "_bucket" in line
    }


def quantile(q: float, times: Histogram) -> float:
    """Return what histogram_quantile of Prometheus makes of the lines, in seconds."""
    ends = [(float(end), count) for end, count in buckets(times).items()]
    rank, lower, below = q * ends[-1][1], 0.0, 0
    for end, count in ends:
        if count >= rank:
            if math.isinf(end):
                return lower
            return lower + (end - lower) * (rank - below) / (count - below)
        lower, below = end, count
    raise AssertionError("the last bucket has all")


def test_the_bounds_are_seven_a_decade_from_a_millisecond_to_700_seconds() -> None:
    ends = list(buckets(Histogram()))
    assert len(BOUNDS) == 42
    assert ends[:8] == ["0.001", "0.0015", "0.002", "0.003", "0.004", "0.005", "0.007", "0.01"]
    assert ends[-4:] == ["400", "500", "700", "+Inf"]


def test_label_values_are_escaped_as_the_format_wants_it() -> None:
    assert labels(fthg_job='a "b"\\c\nd') == r'fthg_job="a \"b\"\\c\nd"'


def test_a_sample_without_labels_has_no_braces() -> None:
    assert sample("up", "", 1) == "up 1\n"
    assert sample("up", labels(a="b"), 0.5) == 'up{a="b"} 0.5\n'


def test_lines_of_a_family_are_together_after_its_help_and_type() -> None:
    families = [Family("a", "gauge", "First."), Family("b_total", "counter", "Second.")]
    assert exposition(families, {"b_total": ["b_total 1\n", "b_total 2\n"]}) == (
        "# HELP a First.\n# TYPE a gauge\n"
        "# HELP b_total Second.\n# TYPE b_total counter\nb_total 1\nb_total 2\n"
    )


def test_a_histogram_has_sum_and_count_in_seconds() -> None:
    times = Histogram()
    times.record(250 * MS, 1000 * SECOND)
    lines = histogram("t_seconds", labels(fthg_job="x"), times).splitlines()
    assert lines[-4:] == [
        't_seconds_bucket{fthg_job="x",le="700"} 1',
        't_seconds_bucket{fthg_job="x",le="+Inf"} 2',
        't_seconds_sum{fthg_job="x"} 1000.25',
        't_seconds_count{fthg_job="x"} 2',
    ]


@given(
    st.lists(st.integers(0, 1000 * SECOND), max_size=40),
    st.lists(st.integers(0, 1000 * SECOND), max_size=40),
)
def test_buckets_are_cumulative_and_never_go_backwards(first: list[int], then: list[int]) -> None:
    times = Histogram()
    times.record(*first)
    before = list(buckets(times).values())
    times.record(*then)
    after = list(buckets(times).values())
    assert after == sorted(after)
    assert all(one <= other for one, other in zip(before, after))
    assert (before[-1], after[-1]) == (len(first), len(first) + len(then))


@given(st.lists(st.integers(0, 1000 * SECOND), max_size=60))
def test_a_value_is_on_the_right_side_of_each_bound_to_a_percent(values: list[int]) -> None:
    times = Histogram()
    times.record(*values)
    for bound, count in zip(BOUNDS, times.up_to(BOUNDS)):
        assert sum(value <= bound * 0.99 for value in values) <= count
        assert count <= sum(value <= bound * 1.01 for value in values)


@pytest.mark.parametrize(("spread", "off"), [(1.0, 0.10), (0.2, 0.20)])
@pytest.mark.parametrize("q", [0.5, 0.9, 0.95, 0.99])
def test_percentiles_of_prometheus_are_as_right_as_the_documentation_says(
    spread: float, off: float, q: float
) -> None:
    # A log-normal distribution, as response times often have, with medians all over a decade.
    normal, count = NormalDist(0, spread), 2000
    shape = [math.exp(normal.inv_cdf((n + 0.5) / count)) for n in range(count)]
    for median in (round(20 * MS * 10 ** (tenth / 10)) for tenth in range(10)):
        values = [round(median * factor) for factor in shape]
        times = Histogram()
        times.record(*values)
        exact = values[math.ceil(q * count) - 1] / SECOND
        assert quantile(q, times) == pytest.approx(exact, rel=off)

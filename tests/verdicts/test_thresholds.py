from __future__ import annotations

import contextlib
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.load.stats.metrics import FAILED_TIMES, TIMES, VOCABULARY
from fthg.verdicts.thresholds import Threshold, judge, show
from fthg.verdicts.thresholds import parse as parse_with

TIME = {"min": 0.1, "mean": 0.2, "p50": 0.2, "p90": 0.5, "p95": 1.5, "p99": 2.0, "max": 3.0}
FIGURES: dict[str, Any] = {
    "scheduled": 1000,
    "sent": 998,
    "ok": 990,
    "failed": 8,
    "dropped": 2,
    "cancelled": 0,
    "bytes": 4096,
    "target_rate": 10.0,
    "achieved_rate": 9.98,
    "response_time": TIME,
    "service_time": TIME,
    "lateness": dict.fromkeys(TIME),
    "service_time_failed": TIME,
    "response_time_failed": dict.fromkeys(TIME),
}


def parse(text: str) -> Threshold:
    return parse_with(text, VOCABULARY)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("failed < 1%", ("failed", None, "<", 1.0, "count", "scheduled")),
        ("dropped == 0", ("dropped", None, "==", 0, "count")),
        ("response_time p95 < 2s", ("response_time", "p95", "<", 2.0, "time")),
        ("lateness p99<50ms", ("lateness", "p99", "<", 0.05, "time")),
        ("achieved_rate > 95%", ("achieved_rate", None, ">", 95.0, "rate", "target_rate")),
        ("achieved_rate >= 4/s", ("achieved_rate", None, ">=", 4.0, "rate")),
        ("service_time avg <= 1m30s", ("service_time", "mean", "<=", 90.0, "time")),
        ("service_time med < 1s", ("service_time", "p50", "<", 1.0, "time")),
        ("service_time p(90) < 1s", ("service_time", "p90", "<", 1.0, "time")),
        ("bytes > 1MiB", ("bytes", None, ">", 1 << 20, "size")),
        ("  ok   !=\t0 ", ("ok", None, "!=", 0, "count")),
    ],
)
def test_thresholds_are_read(text: str, read: tuple[Any, ...]) -> None:
    assert parse(text) == Threshold(text.strip(), *read)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("fialed < 1%", "unknown figure 'fialed'; did you mean 'failed'"),
        ("speed < 1", "unknown figure 'speed'; there are scheduled"),
        ("response_time < 2s", "say which response_time is meant, as in 'response_time p95 < 2s'"),
        ("p95 < 2s", "a figure is missing before p95; write it as 'response_time p95 < 2s'"),
        ("p(95) < 2s", "a figure is missing before p(95)"),
        ("lateness p95 < % of baseline", "is not a percentage"),
        (
            "http_req_duration p(95)<200",
            "unknown figure 'http_req_duration'; here it is 'response_",
        ),
        ("error_rate < 1%", "unknown figure 'error_rate'; here it is 'failed'"),
        ("response_time p42 < 2s", "unknown statistic of response_time 'p42'"),
        ("response_time p95 p99 < 2s", "say which"),
        ("failed p95 < 1", "failed is one number: take away 'p95'"),
        ("failed = 0", "unknown comparison '='"),
        ("failed => 0", "unknown comparison '=>'"),
        ("failed", "is not a threshold; write it as"),
        ("failed < 1 < 2", "is not a threshold"),
        ("failed <", "lacks a value"),
        ("< 1%", "lacks a figure"),
        ("failed < 1s", "neither a whole number nor a percentage"),
        ("failed < -1", "neither a whole number"),
        ("failed < 1.5", "neither a whole number"),
        ("failed < x%", "is not a percentage"),
        ("failed < 101%", "the most is 100%"),
        ("lateness p99 < 5%", "cannot be compared with a percentage"),
        ("lateness p99 < 5", "is not a duration"),
        ("achieved_rate > max", "cannot be 'max'"),
        ("achieved_rate > 5", "is not a rate"),
        ("", "is not a threshold"),
        ('{limits: {failed: "< 1%"}}', "is not a threshold; write it as"),
        ("[failed < 1%]", "is not a threshold; write it as"),
    ],
)
def test_what_is_wrong_is_reported_with_what_would_be_right(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=re.escape(complaint)):
        parse(text)


@given(st.text())
def test_any_other_text_is_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "found", "ok", "shown"),
    [
        ("failed < 1%", 0.8, True, "0.80%"),
        ("failed < 0.8%", 0.8, False, "0.80%"),
        ("failed <= 0.8%", 0.8, True, "0.80%"),
        ("dropped == 0", 2, False, "2"),
        ("dropped != 0", 2, True, "2"),
        ("cancelled < 1%", 0.0, True, "0.00%"),
        ("response_time p95 < 2s", 1.5, True, "1.5s"),
        ("response_time max < 2s", 3.0, False, "3s"),
        ("achieved_rate > 99%", 99.8, True, "99.80%"),
        ("achieved_rate > 9.99/s", 9.98, False, "9.98/s"),
        ("bytes >= 4KiB", 4096, True, "4.0 KiB"),
    ],
)
def test_figures_are_judged(text: str, found: float, ok: bool, shown: str) -> None:
    (verdict,) = judge([parse(text)], FIGURES)
    assert verdict.found == pytest.approx(found)
    assert verdict.ok is ok
    assert show(verdict) == shown


@pytest.mark.parametrize("text", ["lateness p99 < 50ms", "achieved_rate > 95%", "failed < 1%"])
def test_without_data_a_promise_is_not_kept(text: str) -> None:
    nothing = {**FIGURES, "scheduled": 0, "failed": 0, "target_rate": None}
    (verdict,) = judge([parse(text)], nothing)
    assert (verdict.found, verdict.ok, show(verdict)) == (None, False, "no data")


def test_times_of_failed_transfers_pass_where_none_failed() -> None:
    verdicts = judge(
        [parse("response_time_failed p95 < 1s"), parse("service_time_failed p95 < 1s")], FIGURES
    )
    assert [(verdict.found, verdict.ok) for verdict in verdicts] == [(None, True), (1.5, False)]
    assert show(verdicts[0]) == "no data"


def test_a_share_is_never_rounded_up_to_all_nor_down_to_none() -> None:
    nearly = {**FIGURES, "scheduled": 1_000_000, "ok": 999_999, "failed": 1}
    verdicts = judge([parse("ok < 100%"), parse("failed > 0%")], nearly)
    assert [show(verdict) for verdict in verdicts] == ["99.99%", "<0.01%"]


@given(
    st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.sampled_from(["1%", "0.1%", "50%", "99.9%"]),
)
def test_of_below_equal_and_above_exactly_one_holds(counts: tuple[int, int], limit: str) -> None:
    figures = {**FIGURES, "failed": counts[0], "scheduled": counts[1]}
    verdicts = judge([parse(f"failed {op} {limit}") for op in ("<", "==", ">")], figures)
    assert sum(verdict.ok for verdict in verdicts) == 1


@pytest.mark.parametrize("time", [*TIMES, *FAILED_TIMES])
@pytest.mark.parametrize("stat", TIME)
def test_every_time_has_every_statistic(time: str, stat: str) -> None:
    assert parse(f"{time} {stat} < 1s").stat == stat

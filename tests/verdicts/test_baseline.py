from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.verdicts import baseline
from fthg.verdicts.baseline import Change, changes_json, compare, known_figures, read_summary
from fthg.verdicts.thresholds import TIME_STATS, Vocabulary, judge, parse, show

WORDS = Vocabulary(
    units={"failed": "count", "pass_rate": "share", "transit": "time"},
    wholes={"failed": "transfers"},
    examples=("failed < 1%", "pass_rate >= 99%", "transit p95 < 60s"),
)
TIMES = {"min": 1.0, "mean": 2.0, "p50": 2.0, "p90": 4.0, "p95": 5.0, "p99": 6.0, "max": 7.0}
BEFORE: dict[str, Any] = {"transfers": 200, "failed": 4, "pass_rate": 0.98, "transit": TIMES}
NOW: dict[str, Any] = {
    "transfers": 125,
    "failed": 5,
    "pass_rate": 0.99,
    "transit": {**TIMES, "p95": 6.0},
}


@pytest.mark.parametrize(
    ("text", "ok", "shown"),
    [
        ("transit p95 < 120% of baseline", False, "6s, 5s before"),
        ("transit p95 <= 120% of baseline", True, "6s, 5s before"),
        ("transit p50<=100%of baseline", True, "2s, 2s before"),
        ("failed <= 199% of baseline", False, "4.00%, 2.00% before"),
        ("failed <= 200 % of  baseline", True, "4.00%, 2.00% before"),
        ("pass_rate >= 100% of baseline", True, "99.00%, 98.00% before"),
    ],
)
def test_a_threshold_may_refer_to_the_baseline(text: str, ok: bool, shown: str) -> None:
    (verdict,) = judge([parse(text, WORDS)], NOW, BEFORE)
    assert (verdict.ok, show(verdict)) == (ok, shown)


def test_without_a_value_before_the_threshold_fails() -> None:
    thresholds = [parse("failed <= 100% of baseline", WORDS)]
    (verdict,) = judge(thresholds, NOW, {**BEFORE, "failed": None})
    assert (verdict.ok, show(verdict)) == (False, "4.00%, no data before")
    (verdict,) = judge(thresholds, {**NOW, "failed": None}, BEFORE)
    assert (verdict.ok, show(verdict)) == (False, "no data")


@pytest.mark.parametrize("op", ["<", "<=", "=="])
def test_zero_against_zero_passes(op: str) -> None:
    none = {**NOW, "failed": 0}
    (verdict,) = judge([parse(f"failed {op} 50% of baseline", WORDS)], none, none)
    assert (verdict.ok, show(verdict)) == (True, "0.00%, 0.00% before")


@given(st.integers(0, 1000), st.integers(1, 1000))
def test_every_share_is_exactly_100_percent_of_itself_in_a_summary(part: int, more: int) -> None:
    whole = part + more
    now, before = {"pass_rate": Fraction(part, whole)}, {"pass_rate": part / whole}
    (verdict,) = judge([parse("pass_rate == 100% of baseline", WORDS)], now, before)
    assert verdict.ok


@given(st.integers(0, 10**15))
def test_every_value_is_exactly_100_percent_of_itself(micros: int) -> None:
    value = micros / 1_000_000
    figures = {"transit": dict.fromkeys(TIME_STATS, value)}
    assert judge([parse("transit p95 == 100% of baseline", WORDS)], figures, figures)[0].ok


def test_a_change_is_for_the_worse_by_the_direction_of_its_figure() -> None:
    directions = {"failed": 1, "pass_rate": -1, "transit p50": 1, "transit p95": 0}
    changes = list(compare(directions, WORDS, BEFORE, NOW))
    assert changes == [
        Change("failed", "count", 4, 5, True),
        Change("pass_rate", "share", 0.98, 0.99, False),
        Change("transit p50", "time", 2, 2, None),
        Change("transit p95", "time", 5, 6, None),
    ]
    found = changes_json(changes)
    assert found["failed"] == {"before": 4, "now": 5, "change": 0.25}


def test_what_has_no_value_on_either_side_is_left_out() -> None:
    nothing: dict[str, Any] = dict.fromkeys(BEFORE)
    assert not list(compare({"failed": 1, "transit p50": 1}, WORDS, nothing, nothing))
    (change,) = compare({"failed": 1}, WORDS, nothing, NOW)
    assert (change.before, change.now, change.change, change.worse) == (None, 5, None, None)


@pytest.mark.parametrize("before", [0, None])
def test_no_share_is_made_of_nothing(before: Any) -> None:
    assert Change("failed", "count", before, 3).change is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ('{"transfers": NaN}', "is not JSON"),
        ("\udcff", "is not JSON"),
        ("[]", "is no summary"),
        ("{}", "is no summary"),
        ('{"total": {}, "jobs": {}}', "is a summary of load mode"),
    ],
)
def test_what_is_no_summary_of_tracking_is_said_with_the_remedy(
    tmp_path: Path, content: str, words: str
) -> None:
    path = tmp_path / "s.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(ValueError, match=words) as caught:
        read_summary(str(path), "track")
    assert "name a file that fthg --track with --summary wrote" in str(caught.value)


def test_a_summary_of_tracking_is_no_baseline_of_a_load(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text('{"transfers": 3}')
    with pytest.raises(ValueError, match="summary of tracking mode"):
        read_summary(str(path), "load")


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(ValueError, match="cannot be read"):
            read_summary(str(path), "track")


def test_a_file_without_an_end_is_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline, "MOST", 1 << 16)
    with pytest.raises(ValueError, match="/dev/zero is larger than any summary"):
        read_summary("/dev/zero", "track")


@pytest.mark.parametrize(
    "changes",
    [
        {"failed": "3"},
        {"failed": True},
        {"failed": 1e300},
        {"transit": 3},
        {"transit": {"p95": ""}},
    ],
)
def test_a_figure_that_is_no_number_is_named(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"its figure {next(iter(changes))}"):
        known_figures({**BEFORE, **changes}, WORDS)


def test_figures_that_an_older_summary_lacks_have_no_value() -> None:
    assert known_figures({}, WORDS) == dict.fromkeys(("transfers", *WORDS.units))
    assert known_figures(json.loads(json.dumps(BEFORE)), WORDS) == BEFORE

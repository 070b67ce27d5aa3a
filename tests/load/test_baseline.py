from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from fthg.errors import StartError
from fthg.load.baseline import read_baseline
from fthg.load.dividing import for_slice
from fthg.load.outputs.summary_json import summary_json
from fthg.load.planning import with_baseline
from fthg.load.stats.snapshot import TOTAL, RunSnapshot
from fthg.slices import Slice
from fthg.verdicts.thresholds import show

from .results_of import MS, dropped, result
from .snapshots import job_snapshot, limits, run_snapshot

FAILED = result(outcome="failed", error="status", code=503)


def _run(ok: int, failed: int, *thresholds: str, ms: int = 20, name: str = "orders") -> RunSnapshot:
    good = result(due=0, start=0, end=ms * MS)
    job = job_snapshot([good] * ok + [FAILED] * failed, name=name, limits=limits(*thresholds))
    return run_snapshot(job)


@pytest.fixture
def before(tmp_path: Path) -> str:
    """The summary of a run of 100 transfers, of which two failed."""
    return _written(tmp_path / "before.json", _run(98, 2))


def _written(path: Path, run: RunSnapshot) -> str:
    path.write_text(json.dumps(summary_json(run)))
    return str(path)


def _compared(run: RunSnapshot, path: str) -> RunSnapshot:
    return replace(run, plan=with_baseline(replace(run.plan, baseline_file=path)))


def test_before_now_and_change_are_those_of_rate_failures_and_times(before: str) -> None:
    run = _compared(_run(970, 30, ms=25), before)
    changes = {one.figure: (one.before, one.now, one.worse) for one in run.changes[TOTAL]}
    assert changes["failed"] == (0.02, 0.03, True)
    assert changes["dropped"] == (0.0, 0.0, None)
    assert changes["response_time p95"] == (0.02, 0.025, True)
    assert run.changes["orders"] == run.changes[TOTAL]
    found = summary_json(run)
    assert found["baseline"]["failed"]["before"] == 0.02
    assert found["jobs"]["orders"]["baseline"] == found["baseline"]


def test_without_a_baseline_nothing_is_compared() -> None:
    found = summary_json(_run(1, 0))
    assert found["baseline"] is None
    assert "baseline" not in found["jobs"]["orders"]


@pytest.mark.parametrize(
    ("ok", "failed", "threshold", "passes", "found"),
    [
        (980, 20, "failed <= 100% of baseline", True, "2.00%, 2.00% before"),
        (979, 21, "failed <= 100% of baseline", False, "2.10%, 2.00% before"),
        (97, 3, "failed < 200% of baseline", True, "3.00%, 2.00% before"),
        (10, 0, "dropped < 50% of baseline", True, "0.00%, 0.00% before"),
        (10, 0, "response_time p95 < 120% of baseline", True, "20ms, 20ms before"),
        (10, 0, "response_time p95 < 90% of baseline", False, "20ms, 20ms before"),
        (40, 10, "scheduled >= 50% of baseline", True, "50, 100 before"),
    ],
)
def test_thresholds_compare_counts_as_shares_of_what_was_scheduled(
    before: str, ok: int, failed: int, threshold: str, passes: bool, found: str
) -> None:
    run = _compared(_run(ok, failed, threshold), before)
    (verdict,) = run.verdicts["orders"]
    assert (verdict.ok, show(verdict)) == (passes, found)


@pytest.mark.parametrize(
    ("name", "threshold", "error"),
    [
        ("other", "failed <= 100% of baseline", "jobs.other.thresholds: .* needs this job in the"),
        (
            "orders",
            "response_time_failed p95 < 100% of baseline",
            "has no value of response_time_failed p95",
        ),
    ],
)
def test_a_baseline_without_the_job_or_figure_is_no_start(
    tmp_path: Path, name: str, threshold: str, error: str
) -> None:
    path = _written(tmp_path / "s.json", _run(3, 0))
    with pytest.raises(StartError, match=error):
        _compared(_run(1, 0, threshold, name=name), path)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("", "is not JSON; name a file that fthg with --summary wrote"),
        ("[]", "is no summary"),
        ('{"transfers": 3}', "is a summary of tracking mode"),
        ('{"total": {}}', "it has no jobs"),
        ('{"total": {}, "jobs": {"a": []}}', "the figures of job a are no mapping"),
        ('{"total": {"ok": "3"}, "jobs": {}}', "the total: its figure ok is no number"),
        ('{"total": {"response_time": 3}, "jobs": {}}', "response_time is no mapping"),
    ],
)
def test_what_is_no_summary_of_load_mode_is_refused(
    tmp_path: Path, content: str, error: str
) -> None:
    path = tmp_path / "s.json"
    path.write_text(content)
    with pytest.raises(StartError, match=error):
        read_baseline(str(path), {})
    with pytest.raises(StartError, match="cannot be read: No such file"):
        read_baseline(str(tmp_path / "none"), {})


def test_a_slice_neither_reads_nor_judges_a_baseline(before: str) -> None:
    run = _run(10, 0, "failed <= 100% of baseline")
    part = for_slice(replace(run.plan, baseline_file=before), Slice(0, 2))
    assert with_baseline(part).baseline is None


def test_a_job_that_the_baseline_lacks_is_not_compared(before: str) -> None:
    both = run_snapshot(
        job_snapshot([result()]), job_snapshot([dropped()], name="new"), thresholds=["ok >= 1"]
    )
    run = _compared(both, before)
    assert run.changes["new"] == ()
    assert len(run.changes["orders"]) == len(run.changes[TOTAL]) == 7

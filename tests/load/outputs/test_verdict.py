from __future__ import annotations

from dataclasses import replace

import pytest

from fthg.load.outputs.verdict import judge_run
from fthg.load.stats.snapshot import IncompleteSlice, Reading, RunSnapshot
from fthg.slices import Slice
from fthg.standstill import Standstill

from ..page.runs import mixed
from ..results_of import dropped, result
from ..snapshots import job_snapshot, run_snapshot


def _ok(count: int = 2, thresholds: tuple[str, ...] = ()) -> RunSnapshot:
    return run_snapshot(job_snapshot([result(seq=n) for n in range(count)]), thresholds=thresholds)


@pytest.mark.parametrize(
    ("run", "tone", "sentence"),
    [
        (_ok(), "good", "All 2 transfers were ok."),
        (_ok(1), "good", "The only transfer was ok."),
        (_ok(2, ("failed == 0",)), "good", "All 2 transfers were ok, and the threshold passed."),
        (_ok(0), "empty", "No transfer was due in this run."),
        (_ok(2, ("ok > 5",)), "bad", "The threshold failed: ok > 5, found 2."),
        (
            _ok(2, ("ok > 5", "ok > 6", "ok > 1")),
            "bad",
            "2 of 3 thresholds failed: ok > 5, found 2; and 1 more.",
        ),
        (mixed(), "bad", "Of 7 arrivals, 1 failed (status) and 1 was dropped."),
        (
            mixed(thresholds=["failed < 2"]),
            "bad",
            "Of 7 arrivals, 1 failed (status) and 1 was dropped.",
        ),
        (
            mixed(thresholds=["failed < 2", "dropped < 2"]),
            "open",
            "Of 7 arrivals, 1 failed (status) and 1 was dropped, within the thresholds.",
        ),
        (
            mixed(thresholds=["ok > 1"]),
            "open",
            "Of 7 arrivals, 1 failed (status) and 1 was dropped, within the thresholds.",
        ),
    ],
)
def test_the_verdict_is_one_sentence_with_its_reason(
    run: RunSnapshot, tone: str, sentence: str
) -> None:
    assert judge_run(run) == (tone, sentence)


def test_missing_arrivals_are_red_and_name_their_slices() -> None:
    job = replace(job_snapshot([result()]), missing=3)
    reading = Reading(
        "r.jsonl", 1, 0, 2.0, [IncompleteSlice("r1", "orders", "1/2", 3, absent=True)]
    )
    verdict = judge_run(run_snapshot(job, reading=reading))
    assert verdict == ("bad", "Of 4 arrivals, 3 are missing from slice 1/2.")


def test_a_slice_leaves_the_thresholds_to_the_merge() -> None:
    run = _ok()
    run = replace(run, plan=replace(run.plan, slice=Slice(3, 10)))
    assert judge_run(run).sentence == (
        "All 2 transfers were ok in slice 3/10; thresholds are judged by the merge."
    )


def test_a_standstill_alone_is_amber() -> None:
    run = replace(_ok(), standstills=[Standstill(0, 2_000_000_000, 0, "unknown")])
    assert judge_run(run) == ("open", "Nothing failed, but fthg stood still 1 time.")


def test_the_commonest_kinds_of_failures_are_named() -> None:
    kinds = ["refused"] * 3 + ["reset"] * 2 + ["status"]
    run = run_snapshot(job_snapshot([result(outcome="failed", error=kind) for kind in kinds]))
    assert judge_run(run).sentence == "All 6 arrivals failed (refused 3, reset 2, …)."


def test_of_a_run_that_goes_on_it_is_the_verdict_so_far() -> None:
    assert judge_run(replace(_ok(), running=True)) == ("good", "So far: all 2 transfers were ok.")


@pytest.mark.parametrize(
    ("count", "sentence"),
    [(1, "The only arrival was dropped."), (3, "All 3 arrivals were dropped.")],
)
def test_if_all_went_wrong_the_verdict_says_all(count: int, sentence: str) -> None:
    assert judge_run(run_snapshot(job_snapshot([dropped()] * count))).sentence == sentence

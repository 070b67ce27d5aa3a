from __future__ import annotations

from typing import Any

from fthg.load.outputs.start_lines import start_lines
from fthg.load.plan import Plan

from ..snapshots import UTC, job


def lines(*, run: Any = None, **keys: Any) -> list[str]:
    return list(start_lines(Plan("r1", (job(**keys),), **(run or {})), UTC))


def test_they_name_the_run_its_jobs_its_end_and_its_files() -> None:
    run = {"duration": 90.0, "outputs": {"results": "r.jsonl", "report": "r.html"}}
    assert lines(run=run) == [
        "run r1: 1 job, ends by 16:01:30 UTC (in 1m 30s)",
        "writes: results r.jsonl, report r.html",
    ]


def test_without_a_duration_the_run_ends_with_its_last_job() -> None:
    (first, _) = lines(duration=60.0, start_after=30.0)
    assert first.endswith("ends by 16:01:30 UTC (in 1m 30s)")


def test_an_end_that_is_not_known_is_described() -> None:
    assert lines(count=5)[0].endswith("1 job, ends after the last file")
    assert lines()[0].endswith("1 job, runs until it is stopped")


def test_a_run_that_writes_no_file_says_so() -> None:
    assert lines()[1].startswith("writes no files")

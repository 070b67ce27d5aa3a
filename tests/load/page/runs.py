"""Snapshots of runs for the report: of any length and number of jobs, made quickly."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from fthg.clock import SECOND
from fthg.load.stats.job_snapshot import JobSnapshot
from fthg.load.stats.outages import Outage, OutageList
from fthg.load.stats.snapshot import RunSnapshot
from fthg.standstill import Standstill

from ..results_of import MS, dropped, result
from ..snapshots import UTC, job_snapshot, run_snapshot

HOSTILE = "<script>alert(1)</script>\u202e&\x00"


def synthetic_job(name: str, count: int, seconds: int, **changes: Any) -> JobSnapshot:
    """A job with so many transfers, evenly over a time; the last one in twenty-five failed."""
    job = job_snapshot([], float(seconds), name=name, rate=Fraction(count, seconds), **changes)
    metrics = job.metrics
    for number in range(count):
        due = number * seconds * SECOND // count
        took = (20 + number * 7919 % 60) * MS
        one = result(job=name, seq=number, due=due, start=due + MS, end=due + took)
        if number % 25 == 24:
            one = one._replace(outcome="failed", error="status", code=503, detail=HOSTILE)
        metrics.record(one)
    return job


def week(jobs: int, count: int = 2_000) -> RunSnapshot:
    """A week of some jobs, with an outage and a standstill."""
    seconds = 7 * 86_400
    found = [synthetic_job(f"partner-{n:04}", count, seconds) for n in range(jobs)]
    hour = 3600 * SECOND
    outage = Outage("partner-0000", hour, 5 * hour, 6 * hour, {"refused": 30})
    return run_snapshot(
        *found,
        ended=UTC + seconds * SECOND,
        outages=OutageList((outage,)),
        standstills=[Standstill(48 * hour, hour, 12, "the host was suspended")],
    )


def mixed(**changes: Any) -> RunSnapshot:
    """A short run of one job: five ok transfers, one failed and one dropped."""
    some = [
        result(seq=n, due=n * SECOND, start=n * SECOND, end=n * SECOND + (n + 1) * MS)
        for n in range(5)
    ]
    failed = result(seq=5, outcome="failed", error="status", code=503, detail=HOSTILE)
    gone = dropped(seq=6, detail="256 in flight")
    return run_snapshot(job_snapshot([*some, failed, gone], 7.0), **changes)

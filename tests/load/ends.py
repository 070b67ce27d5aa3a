"""A run at its end, for tests: two jobs, one disturbed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from fthg.clock import SECOND
from fthg.load.plan import Job, Limits, Plan, Source
from fthg.load.stats.metrics import VOCABULARY, Metrics
from fthg.load.stats.snapshot import JobEnd, RunEnd
from fthg.transfer import Result
from fthg.verdicts.thresholds import parse

UTC = 1_764_000_000 * SECOND


def job(**changes: Any) -> Job:
    """An open job at 10/s."""
    usual: dict[str, Any] = {
        "name": "orders",
        "url": "https://ingress.example.com/upload",
        "protocol": "https",
        "source": Source("/files"),
        "rate": Fraction(10),
        "rate_text": "10/s",
        "open": True,
        "limit": 256,
    }
    return Job(**{**usual, **changes})


def limits(*texts: str) -> Limits:
    """Thresholds that do not abort."""
    return Limits(tuple(parse(text, VOCABULARY) for text in texts))


def job_end(results: Sequence[Result], seconds: float = 1.0, **changes: Any) -> JobEnd:
    """A job with these results after so many seconds of dispatching."""
    metrics = Metrics(0)
    for result in results:
        metrics.record(result)
    return JobEnd(job(**changes), metrics, seconds)


def run_end(*jobs: JobEnd, thresholds: Sequence[str] = (), **changes: Any) -> RunEnd:
    """A run of two seconds."""
    plan = Plan("r1", tuple(end.job for end in jobs), limits=limits(*thresholds))
    usual: dict[str, Any] = {"started": UTC, "ended": UTC + 2 * SECOND, "reason": "as planned"}
    return RunEnd(plan, jobs=jobs, **{**usual, **changes})

"""Snapshots for tests: of jobs, and of a run at its end."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Optional

from fthg.clock import SECOND
from fthg.config.tree import Text
from fthg.load.files.source import Source
from fthg.load.pacing import Pacer, Stages
from fthg.load.pacing import senders as read_senders
from fthg.load.pacing.constant import Constant
from fthg.load.pacing.maximum import Maximum
from fthg.load.plan import Job, Limits, Plan
from fthg.load.stats.job_snapshot import JobSnapshot
from fthg.load.stats.metrics import VOCABULARY, Metrics
from fthg.load.stats.snapshot import RunSnapshot
from fthg.transfer import Result
from fthg.verdicts.thresholds import parse

UTC = 1_764_000_000 * SECOND


def pacer(rate: Optional[Fraction], text: str = "") -> Pacer:
    """The pacer of a rate; None: max."""
    return Maximum() if rate is None else Constant(rate, text)


def stages(text: str) -> Stages:
    """The stages of a rate."""
    read = Stages.read(Text(text))
    assert read is not None
    return read


def senders(text: str) -> Stages:
    """The stages of a number of senders."""
    read = read_senders(Text(text))
    assert isinstance(read, Stages)
    return read


def job(*, rate: Optional[Fraction] = Fraction(10), **changes: Any) -> Job:
    """An open job at 10/s."""
    usual: dict[str, Any] = {
        "name": "orders",
        "url": "https://ingress.example.com/upload",
        "protocol": "https",
        "source": Source("/files"),
        "pacer": pacer(rate, "10/s"),
        "open": True,
        "limit": 256,
    }
    return Job(**{**usual, **changes})


def limits(*texts: str) -> Limits:
    """Thresholds that do not abort."""
    return Limits(tuple(parse(text, VOCABULARY) for text in texts))


def job_snapshot(results: Sequence[Result], seconds: float = 1.0, **changes: Any) -> JobSnapshot:
    """A job with these results after so many seconds of dispatching."""
    return JobSnapshot(job(**changes), _metrics(results), seconds)


def running_job(
    results: Sequence[Result] = (),
    *,
    name: str = "orders",
    rate: Any = Fraction(10),
    **changes: Any,
) -> JobSnapshot:
    """A job at 10/s that runs for 30 s, 12 s after its start."""
    usual: dict[str, Any] = {
        "dispatching": 12.0,
        "in_flight": 3,
        "state": "running",
        "duration": 30.0,
    }
    return JobSnapshot(job(name=name, rate=rate), _metrics(results), **{**usual, **changes})


def run_snapshot(*jobs: JobSnapshot, thresholds: Sequence[str] = (), **changes: Any) -> RunSnapshot:
    """A run of two seconds."""
    plan = Plan("r1", tuple(one.job for one in jobs), limits=limits(*thresholds))
    usual: dict[str, Any] = {
        "plan": plan,
        "started": UTC,
        "ended": UTC + 2 * SECOND,
        "reason": "as planned",
    }
    return RunSnapshot(jobs=jobs, **{**usual, **changes})


def _metrics(results: Sequence[Result]) -> Metrics:
    made = Metrics(0)
    for one in results:
        made.record(one)
    return made

"""Ends a run early when a threshold set to abort it is crossed, and records the rate then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Optional

import gevent

from ..clock import SECOND
from ..verdicts.thresholds import Verdict
from .plan import Plan
from .run import Run
from .stats.job_snapshot import JobSnapshot
from .stats.snapshot import TOTAL, BreakingPoint, RunSnapshot


@contextmanager
def aborting(run: Run) -> Iterator[None]:
    """Judge once a second within the block, and stop the run at a crossed threshold that aborts."""
    watching = gevent.spawn(_watch, run)
    try:
        yield
    finally:
        watching.kill()


def _watch(run: Run) -> None:
    limits = _aborting_limits(run.plan)
    held: dict[str, float] = {}  # the highest target at a judgement that passed
    while limits:
        run.clock.sleep_until(run.clock.now() + SECOND)
        seconds = (run.clock.now() - run.began) / SECOND
        snapshot = run.snapshot()
        for name, after in limits.items():
            verdict, rate = _crossed(snapshot, name), _target(snapshot, name)
            if verdict is None:
                held[name] = max(held.get(name, 0.0), rate or 0.0)
            elif seconds >= after:
                highest = held.get(name) or None
                at = _moment(snapshot, name, seconds)
                run.breaking = BreakingPoint(name, verdict, at, rate, highest)
                run.stop(f"threshold crossed: {verdict.threshold.text}")
                return


def _aborting_limits(plan: Plan) -> dict[str, float]:
    """Return when the aborting thresholds of a job, or of the total, come into force."""
    limits = {**{job.name: job.limits for job in plan.jobs}, TOTAL: plan.limits}
    return {name: limit.abort_after for name, limit in limits.items() if limit.abort}


def _crossed(snapshot: RunSnapshot, name: str) -> Optional[Verdict]:
    """Return the first threshold of a job, or of the total, whose figure has crossed it."""
    crossed = (one for one in snapshot.verdicts[name] if not one.ok and one.found is not None)
    return next(crossed, None)


def _target(snapshot: RunSnapshot, name: str) -> Optional[float]:
    """Return the target at the time of the figures: of a job, or the sum of all.

    None if one of the jobs has no target, or none dispatches.
    """
    rates = [
        job.job.pacer.rate_at(round(job.dispatching * SECOND))
        for job in _dispatching(snapshot, name)
    ]
    known = [rate for rate in rates if rate is not None]
    return float(sum(known)) if known and len(known) == len(rates) else None


def _moment(snapshot: RunSnapshot, name: str, now: float) -> float:
    """Return that moment in seconds after the start: now, or when the workers last reported."""
    jobs = _dispatching(snapshot, name)
    return max((job.job.start_after + job.dispatching for job in jobs), default=now)


def _dispatching(snapshot: RunSnapshot, name: str) -> Sequence[JobSnapshot]:
    return [job for job in snapshot.jobs if job.state == "running" and name in (TOTAL, job.name)]

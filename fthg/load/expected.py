"""The expected duration, count and end of the jobs of a plan (pure)."""

from __future__ import annotations

from typing import Optional

from ..clock import SECOND
from .plan import Job, Plan


def dispatch_seconds(job: Job, plan: Plan) -> Optional[float]:
    """Return how long a job may dispatch at most; None: without end."""
    ends = [job.duration] if job.duration is not None else []
    if plan.duration is not None:
        ends.append(max(0.0, plan.duration - job.start_after))
    if job.pacer.end is not None:
        ends.append(job.pacer.end / SECOND)
    return min(ends) if ends else None


def expected_arrivals(job: Job, plan: Plan, listed: int) -> Optional[int]:
    """Return how many arrivals a job will have, given the number of its files; None: unknown."""
    bounds = [bound for bound in (job.count, None if job.source.repeat else listed) if bound]
    seconds = dispatch_seconds(job, plan)
    if seconds is not None:
        arrivals = job.pacer.arrivals(round(seconds * SECOND))
        bounds += [] if arrivals is None else [arrivals]
    return min(bounds) if bounds else None


def expected_seconds(job: Job, plan: Plan, arrivals: Optional[int]) -> Optional[float]:
    """Return when a job will end, in seconds after the start of the run; None: unknown."""
    seconds = dispatch_seconds(job, plan)
    bounds = [] if seconds is None else [seconds]
    last = job.pacer.due(arrivals - 1) if arrivals and job.pacer.has_target else None
    if last is not None:
        bounds.append(last / SECOND)
    return job.start_after + min(bounds) if bounds else None

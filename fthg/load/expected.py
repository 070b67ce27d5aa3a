"""The expected duration, count and end of the jobs of a plan (pure)."""

from __future__ import annotations

from typing import Optional

from ..clock import SECOND
from .plan import Job, Plan


def dispatch_time(job: Job, plan: Plan) -> Optional[int]:
    """Return how long a job may dispatch at most, in nanoseconds; None: without end."""
    seconds = [] if job.duration is None else [job.duration]
    if plan.duration is not None:
        seconds.append(max(0.0, plan.duration - job.start_after))
    ends = [round(one * SECOND) for one in seconds]
    if job.stages_end is not None:
        ends.append(job.stages_end)
    return min(ends) if ends else None


def dispatch_seconds(job: Job, plan: Plan) -> Optional[float]:
    """Return how long a job may dispatch at most; None: without end."""
    time = dispatch_time(job, plan)
    return None if time is None else time / SECOND


def never_sends(job: Job, plan: Plan) -> bool:
    """Return True if a job or the run is over before the first arrival of its slice is due."""
    return dispatch_time(job, plan) == 0 or _share(job, _scheduled(job, plan)) == 0


def counted_arrivals(job: Job, listed: int) -> Optional[int]:
    """Return after how many arrivals a job ends by itself, given the number of its files."""
    bounds = [bound for bound in (job.count, None if job.source.repeat else listed) if bound]
    return min(bounds) if bounds else None


def expected_arrivals(job: Job, plan: Plan, listed: int) -> Optional[int]:
    """Return how many arrivals a job, or a slice, will have, given its files; None: unknown.

    It is their mean where arrivals are random, and their maximum where they wait for senders.
    """
    bounds = (counted_arrivals(job, listed), _scheduled(job, plan))
    return _share(job, min((bound for bound in bounds if bound is not None), default=None))


def final_count(job: Job, plan: Plan, listed: int) -> Optional[int]:
    """Return the count of arrivals that measures a job's progress; None: only the time does.

    So it is where a job goes on after its last arrival, and where their number is random.
    """
    if job.stages_end is not None or job.pacer.even is not job.pacer:
        return _share(job, counted_arrivals(job, listed))
    return expected_arrivals(job, plan, listed)


def expected_seconds(job: Job, plan: Plan, arrivals: Optional[int]) -> Optional[float]:
    """Return when a job will end, in seconds after the start of the run; None: unknown."""
    seconds = dispatch_seconds(job, plan)
    bounds = [] if seconds is None else [seconds]
    if arrivals and job.pacer.has_target and not _stays(job, plan, arrivals):
        last = job.pacer.even.due(job.slice.part + job.slice.of * (arrivals - 1))
        bounds += [] if last is None else [last / SECOND]
    return job.start_after + min(bounds) if bounds else None


def _scheduled(job: Job, plan: Plan) -> Optional[int]:
    time = dispatch_time(job, plan)
    return None if time is None else job.pacer.even.arrivals(time)


def _share(job: Job, arrivals: Optional[int]) -> Optional[int]:
    return None if arrivals is None else job.slice.share(arrivals)


def _stays(job: Job, plan: Plan, arrivals: int) -> bool:
    """Return True if a job with this many arrivals goes on until its stages end."""
    return job.stages_end is not None and _share(job, _scheduled(job, plan)) == arrivals

"""Joins a run after its start moment: what fell due before is not made up (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ..clock import SECOND
from ..errors import StartError
from .expected import counted_arrivals, dispatch_time
from .plan import Job, Joined, Plan


def joined(plan: Plan, after: int, files: Callable[[Job], int]) -> Plan:
    """Return a plan of which nothing is sent that fell due before `after`.

    That is in nanoseconds after the start moment, at which the plan is anchored. `files` counts
    those of a job that sends each once. Raises StartError for jobs without a schedule to join.
    """
    errors = [error for job in plan.jobs for error in _obstacles(job, after)]
    if errors:
        raise StartError(*errors)
    return replace(plan, jobs=tuple(_joined(job, plan, after, files) for job in plan.jobs))


def _joined(job: Job, plan: Plan, after: int, files: Callable[[Job], int]) -> Job:
    time = after - round(job.start_after * SECOND)
    if time <= 0:
        return job
    longest = dispatch_time(job, plan)
    pacer = job.pacer.parts[0][1]
    first = pacer.arrivals(time) or 0
    due = first if longest is None or time <= longest else pacer.arrivals(longest) or 0
    bound = counted_arrivals(job, 0 if job.source.repeat else files(job))
    missed = due if bound is None else min(due, bound)
    return replace(job, joined=Joined(time / SECOND, first, job.slice.share(missed)))


def _obstacles(job: Job, after: int) -> Iterator[str]:
    time = after - round(job.start_after * SECOND)
    if any(begin < time and not pacer.has_target for begin, pacer in job.pacer.parts):
        yield f"--join: jobs.{job.name} is at the rate max, which has no schedule to join"

"""`--check`: what a run would do, told without touching a server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Optional

from .. import units
from .files import first_names, locate
from .plan import Job, Plan


def tell_plan(plan: Plan) -> Iterator[str]:
    """Lines that tell of each job: target, rate, files, bytes and expected end.

    Raises StartError where a directory holds nothing to send.
    """
    yield f"run {plan.run}: {_count(len(plan.jobs), 'job')}, ends {_run_ends(plan)}"
    for job in plan.jobs:
        yield ""
        yield from _tell_job(job, plan)
    yield ""
    yield "The configuration is right; nothing was sent."


def _tell_job(job: Job, plan: Plan) -> Iterator[str]:
    listed = first_names(job.source)
    sizes = [os.stat(locate(job.source, name)[0]).st_size for name in listed]
    model = f"open, at most {job.limit} in flight" if job.open else _count(job.limit, "sender")
    arrivals = expected_arrivals(job, plan, len(listed))
    yield job.name
    yield _row("to", job.url)
    yield _row("rate", f"{job.rate_text}, {model if job.open else f'closed, {model}'}")
    passes = "over and over" if job.source.repeat else "once each"
    yield _row(
        "files",
        f"{_count(len(listed), 'file')}, {units.show_size(sum(sizes))} "
        f"in {job.source.files}, {passes}",
    )
    if job.start_after:
        yield _row("starts", f"after {units.show_duration(job.start_after)}")
    yield _row("sends", _sends(arrivals, sizes))
    yield _row("ends", _ends(expected_seconds(job, plan, arrivals)))
    for threshold in job.limits.thresholds:
        yield _row("threshold", threshold.text)
    if _overwrites(job, arrivals, len(listed)):
        yield _row("! note", "files come again under the same remote name and overwrite")
        yield _row("", "each other; {uuid} or {seq} in remote_name keeps them apart")


def _row(label: str, text: str) -> str:
    return f"  {label + ' ' if label else '':.<12} {text}" if label else f"  {'':12} {text}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _ends(seconds: Optional[float]) -> str:
    return "when it is stopped" if seconds is None else f"after {units.show_duration(seconds)}"


def _run_ends(plan: Plan) -> str:
    return "when every job has" if plan.duration is None else _ends(plan.duration)


def _sends(arrivals: Optional[int], sizes: list[int]) -> str:
    if arrivals is None:
        return "until it is stopped"
    passes, rest = divmod(arrivals, len(sizes))
    return f"{_count(arrivals, 'file')}, {units.show_size(passes * sum(sizes) + sum(sizes[:rest]))}"


def dispatch_seconds(job: Job, plan: Plan) -> Optional[float]:
    """How long a job may dispatch at most; None: without end."""
    ends = [job.duration] if job.duration is not None else []
    if plan.duration is not None:
        ends.append(max(0.0, plan.duration - job.start_after))
    return min(ends) if ends else None


def expected_arrivals(job: Job, plan: Plan, listed: int) -> Optional[int]:
    """How many arrivals a job is to have; None where that is open."""
    bounds = [bound for bound in (job.count, None if job.source.repeat else listed) if bound]
    seconds = dispatch_seconds(job, plan)
    if seconds is not None and job.rate is not None:
        exact = job.rate * round(seconds * 1_000_000_000) / 1_000_000_000
        bounds.append(int(-(-exact // 1)))
    return min(bounds) if bounds else None


def expected_seconds(job: Job, plan: Plan, arrivals: Optional[int]) -> Optional[float]:
    """When a job is to end, in seconds after the start; None where that is open."""
    bounds = []
    seconds = dispatch_seconds(job, plan)
    if seconds is not None:
        bounds.append(seconds)
    if arrivals and job.rate is not None:
        bounds.append(float((arrivals - 1) / job.rate))
    return job.start_after + min(bounds) if bounds else None


def _overwrites(job: Job, arrivals: Optional[int], listed: int) -> bool:
    comes_again = arrivals is None or arrivals > listed
    return comes_again and job.options.overwrites()

"""The lines at the start of a run: its id, jobs and end, and the files that it writes (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Optional

from ... import units
from ...clock import SECOND
from ...text import escape, zoned
from ..expected import dispatch_seconds
from ..plan import Plan

_DAY = 86_400


def start_lines(plan: Plan, now: int) -> Iterator[str]:
    """Yield `run r1: 2 jobs, ends at 10:15:00 UTC (in 15m)` and `writes: results r.jsonl`.

    `now` is the present time, UTC, in nanoseconds since 1970.
    """
    part = f", slice {plan.slice}" if plan.slice else ""
    count = len(plan.jobs)
    yield f"run {escape(plan.run)}{part}: {count} job{'s'[: count != 1]}, {_end(plan, now)}"
    files = [f"{key} {escape(place)}" for key, place in plan.outputs.items()]
    yield f"writes: {', '.join(files)}" if files else "writes no files (see --results, -o)"


def _end(plan: Plan, now: int) -> str:
    ends = [_job_end(plan, number) for number in range(len(plan.jobs))]
    seconds = _latest(ends) if plan.duration is None else plan.duration
    if seconds is None:
        counted = any(job.count or not job.source.repeat for job in plan.jobs)
        return "ends after the last file" if counted else "runs until it is stopped"
    zone, name = plan.zone
    form = "%H:%M:%S" if seconds < _DAY else "%Y-%m-%d %H:%M:%S"
    moment = zoned(max(now, plan.start_at or 0) + round(seconds * SECOND), form, zone)
    return f"ends by {moment} {name} (in {units.show_duration(seconds)})"


def _job_end(plan: Plan, number: int) -> Optional[float]:
    job = plan.jobs[number]
    seconds = dispatch_seconds(job, plan)
    return None if seconds is None else job.start_after + seconds


def _latest(ends: Sequence[Optional[float]]) -> Optional[float]:
    """Return the latest end; None if one is not known, or there is none."""
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None

"""Warnings where fthg or its own limits, not the server, limited what was measured."""

from __future__ import annotations

from collections.abc import Iterator

from ... import units
from ...clock import SECOND
from ..stats.snapshot import JobSnapshot, RunSnapshot
from .host_limits import UNKNOWN, current_limits, host_limit_findings

_LATE = SECOND // 20
_BUSY = 0.9


def bottlenecks(run: RunSnapshot) -> Iterator[str]:
    """Yield a warning for each bottleneck, with its remedy."""
    if run.seconds > 0 and run.cpu / run.seconds > _BUSY:
        yield (
            f"fthg used {units.show_share(int(1000 * run.cpu), int(1000 * run.seconds))} of one "
            "CPU core: it was the bottleneck. Lower the rate or share the load among processes."
        )
    for job in run.jobs:
        yield from _of_job(job)
    limits = UNKNOWN if run.reading else current_limits()
    yield from host_limit_findings(run.figures.total["errors"], limits)
    if run.results_lost:
        yield (
            f"{run.results_lost} lines of the results file could not be written and are lost; "
            "the figures here are complete."
        )


def _of_job(job: JobSnapshot) -> Iterator[str]:
    late = job.metrics.lateness.percentile(99)
    if late > _LATE:
        shown = units.show_duration(late / SECOND)
        yield (
            f"{job.name}: fthg started transfers late (lateness p99 {shown}): this host was "
            "too busy for the rate."
        )
    dropped = job.metrics.outcomes["dropped"]
    if dropped:
        were = "arrivals were" if dropped > 1 else "arrival was"
        limit = job.job.limit or "too many"
        yield (
            f"{job.name}: {dropped} {were} dropped, as {limit} transfers were in "
            "flight (max_in_flight): the server is too slow for the rate, or the limit too low."
        )

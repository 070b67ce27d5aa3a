"""The lines below the live table: outages, drops, and what Ctrl-C will do (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.style import Style

from ... import units
from ...clock import SECOND
from ...text import escape
from ..stats.outages import Outage
from ..stats.snapshot import RunSnapshot
from .job_text import whole_seconds

_DIM = Style(dim=True)
_RED = Style(color="red")
_YELLOW = Style(color="yellow")


def notes(run: RunSnapshot, *, dropped: bool) -> Iterator[tuple[str, Style]]:
    """Yield each line and its style; `dropped`: with the drops of each job."""
    outages = open_outages(run)
    if outages:
        shown = (f"{show_outage_length(run, one)}: {escape(one.job)}" for one in outages)
        yield ", ".join(shown), _RED
    counts = {job.name: job.metrics.outcomes["dropped"] for job in run.jobs}
    if dropped and any(counts.values()):
        of_jobs = (f"{escape(name)} {count}" for name, count in counts.items() if count)
        yield f"dropped: {', '.join(of_jobs)}", _RED
    if run.running:
        yield _ctrl_c(run)


def open_outages(run: RunSnapshot) -> Sequence[Outage]:
    """Return the outages that last at this moment, the latest of each job, by start."""
    if not run.running:
        return ()
    working = {job.name for job in run.jobs if job.state in {"running", "stopping"}}
    latest = {one.job: one for one in run.outages.listed}
    return [one for one in latest.values() if one.end is None and one.job in working]


def show_outage_length(run: RunSnapshot, outage: Outage) -> str:
    """Format how long an outage has lasted, and why: `outage for 12s (refused)`."""
    lasts = (run.ended - run.utc(outage.start)) / SECOND
    return f"outage for {whole_seconds(lasts)} ({outage.kind})"


def _ctrl_c(run: RunSnapshot) -> tuple[str, Style]:
    """Return what Ctrl-C does now; the beginning says the most, as a narrow terminal cuts it."""
    grace = units.show_duration(run.plan.graceful_stop) if run.plan.graceful_stop else "0s"
    flying = f"{sum(job.in_flight for job in run.jobs)} in flight"
    if run.stopping:
        return f"stopping: {flying}; Ctrl-C cuts them, else up to {grace}", _YELLOW
    return f"Ctrl-C stops; {flying} may finish within {grace}", _DIM

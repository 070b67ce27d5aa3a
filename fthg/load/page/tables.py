"""The rows of the tables of the report (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Optional

from ...clock import SECOND
from ...report.charts import WIDTH
from ...transfer import PHASES
from ...verdicts.baseline import Change
from ...verdicts.thresholds import Figures
from ..outputs.verdict import bad_arrivals
from ..stats.job_snapshot import JobSnapshot
from ..stats.metrics import times
from ..stats.snapshot import RunSnapshot
from .timeline import Timeline, ended

MOST_JOBS = 1_000
"""The most jobs that the table has: those with failures and failed thresholds first."""

_DRAWN = 100  # jobs with a small chart each
_POINTS = 40
_SPARK = 20  # height of such a chart


class JobRow(NamedTuple):
    """One job of the table."""

    job: JobSnapshot
    figures: Figures
    crossed: int  # thresholds
    bad: int  # failed, dropped and missing
    spark: str  # a path of WIDTH × 20: what ended over time; empty: not drawn


def job_rows(run: RunSnapshot, line: Timeline) -> Sequence[JobRow]:
    """Return the jobs, those with failed thresholds and most failures first, at most MOST_JOBS."""
    found = []
    for job in run.jobs:
        figures = run.figures.jobs[job.name]
        crossed = sum(not verdict.ok for verdict in run.verdicts[job.name])
        found.append(JobRow(job, figures, crossed, bad_arrivals(figures), ""))
    ordered = sorted(found, key=lambda row: (-bool(row.crossed), -row.bad))[:MOST_JOBS]
    return [
        row._replace(spark=_spark(row.job, line)) if index < _DRAWN else row
        for index, row in enumerate(ordered)
    ]


class JobChanges(NamedTuple):
    """A job of the table of changes since the baseline."""

    job: str
    changes: Sequence[Change]  # of COMPARED_BY_JOB


COMPARED_BY_JOB = ("achieved_rate", "failed", "response_time p95")
"""The figures of the table of changes, of which the last one's change is shown."""


def change_rows(run: RunSnapshot) -> Sequence[JobChanges]:
    """Return the changes of jobs that the baseline has, the worst change first; none of one job."""
    if len(run.jobs) < 2:
        return []
    found = []
    for job in run.jobs:
        changes = {one.figure: one for one in run.changes.get(job.name, ())}
        if changes:
            nothing = Change("", "count", None, None)
            shown = [changes.get(figure, nothing) for figure in COMPARED_BY_JOB]
            found.append(JobChanges(job.name, shown))
    return sorted(found, key=lambda row: -(row.changes[-1].change or 0))[:MOST_JOBS]


def _spark(job: JobSnapshot, line: Timeline) -> str:
    points = min(_POINTS, len(line.steps))
    counts = ended(job.metrics.series, -(-1000 * (line.end - line.start) // points), points)
    top = max([*counts, 1])
    steps = [
        f"V{round(_SPARK - count * (_SPARK - 2) / top, 1):g}H{(index + 1) * WIDTH // points}"
        for index, count in enumerate(counts)
    ]
    return f"M0,{_SPARK}{''.join(steps)}V{_SPARK}Z"


class ErrorRow(NamedTuple):
    """One kind of failure, or the dropped arrivals."""

    kind: str
    transfers: int
    jobs: Sequence[str]  # that had it, the most affected first
    details: Sequence[str]  # the commonest


def error_rows(run: RunSnapshot) -> Iterator[ErrorRow]:
    """Yield the kinds of failure, the commonest first, then the dropped arrivals."""
    merged = run.merged
    for kind, count in merged.errors.most_common():
        jobs = sorted(run.jobs, key=lambda job: -job.metrics.errors[kind])
        names = [job.name for job in jobs if job.metrics.errors[kind]]
        yield ErrorRow(kind, count, names, merged.commonest_details(kind))
    if dropped := merged.outcomes["dropped"]:
        jobs = sorted(run.jobs, key=lambda job: -job.metrics.outcomes["dropped"])
        names = [job.name for job in jobs if job.metrics.outcomes["dropped"]]
        yield ErrorRow("dropped", dropped, names, merged.commonest_details("dropped"))


class PhaseRow(NamedTuple):
    """The times of one phase of ok transfers, in microseconds."""

    name: str
    transfers: int
    mean: int
    p50: int
    p95: int
    max: int


def phase_rows(run: RunSnapshot) -> Sequence[PhaseRow]:
    """Return the phases of ok transfers in their order."""
    found = []
    for name in PHASES:
        if name in run.merged.phases:
            of = run.merged.phases[name]
            p50, p95 = of.percentiles((50, 95))
            micros = (int(of.mean) // 1000, p50 // 1000, p95 // 1000, of.max // 1000)
            found.append(PhaseRow(name, of.count, *micros))
    return found


class StageRow(NamedTuple):
    """One stage of a job."""

    job: str
    figures: Figures


def stage_rows(run: RunSnapshot) -> Sequence[StageRow]:
    """Return the stages of all jobs that have some."""
    return [StageRow(job.name, figures) for job in run.jobs for figures in job.stage_figures()]


def time_rows(run: RunSnapshot) -> Sequence[tuple[str, Figures]]:
    """Return the times of the whole run by name, without those that were never measured."""
    merged = run.merged
    named = {
        "Response time": merged.response_time,
        "Service time": merged.service_time,
        "Lateness": merged.lateness,
        "Response time, failed": merged.response_time_failed,
        "Service time, failed": merged.service_time_failed,
    }
    return [(name, times(of)) for name, of in named.items() if of.count]


def micros(seconds: Optional[float]) -> Optional[int]:
    """Convert seconds to whole microseconds."""
    return None if seconds is None else int(seconds * SECOND // 1000)

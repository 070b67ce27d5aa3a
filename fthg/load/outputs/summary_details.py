"""The details in the summary on the terminal: of all jobs, or of those where something is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from ...text import escape
from ...verdicts.thresholds import show
from ...writing.rows import cut_names, heading, paragraph
from ..stats.job_snapshot import JobSnapshot
from ..stats.snapshot import RunSnapshot
from .summary_job import job_block, total_block
from .verdict import bad_arrivals

_COUNT, _NAME, _DETAIL = 9, 34, 22
"""Widths of columns of failures: exactly, at most, and at least if there is room."""


def every_detail(run: RunSnapshot, width: int) -> Iterator[Text]:
    """Yield all figures of all jobs."""
    for job in run.jobs:
        yield from job_block(job, run, width)
    if len(run.jobs) > 1:
        yield from total_block(run, width, phases=True)


def details_in(run: RunSnapshot, width: int, room: int) -> Iterator[Text]:
    """Yield details that fit so many lines: of the total, and of jobs where something is wrong.

    All figures of these if there is room, else their failures.
    """
    bad = sorted((job for job in run.jobs if _trouble(job, run)), key=lambda job: _rank(job, run))
    # Of hundreds of jobs the blocks are not made that cannot be shown.
    lines = (line for job in bad for line in job_block(job, run, width))
    blocks = list(islice(lines, max(0, room) + 1))
    failures = list(_failures(bad, run))
    total = list(total_block(run, width, phases=False))
    if len(total) + min(len(blocks), len(failures)) > room:
        total = []
    yield from total
    room -= len(total)
    if len(blocks) <= room:
        yield from blocks
    elif failures:
        yield from _failure_rows(failures, width, room)


def _trouble(job: JobSnapshot, run: RunSnapshot) -> bool:
    failed = any(not verdict.ok for verdict in run.verdicts[job.name])
    return failed or bad_arrivals(run.figures.jobs[job.name]) > 0


def _rank(job: JobSnapshot, run: RunSnapshot) -> tuple[bool, int]:
    """Return what sorts the worst jobs first: those with failed thresholds, then by failures."""
    passed = all(verdict.ok for verdict in run.verdicts[job.name])
    return passed, -bad_arrivals(run.figures.jobs[job.name])


class _Failure(NamedTuple):
    """A failed threshold of a job, or its arrivals that failed or were dropped for one reason."""

    job: str
    number: int  # of arrivals, or of thresholds
    kind: str
    detail: str


def _failures(jobs: Sequence[JobSnapshot], run: RunSnapshot) -> Iterator[_Failure]:
    for job in jobs:
        figures = run.figures.jobs[job.name]
        for outcome in ("missing", "dropped"):
            if figures[outcome]:
                detail = next(iter(job.metrics.commonest_details(outcome)), "")
                yield _Failure(job.name, figures[outcome], outcome, detail)
        for kind, count in figures["errors"].items():
            detail = next(iter(job.metrics.commonest_details(kind)), "")
            yield _Failure(job.name, count, kind, detail)
        for verdict in run.verdicts[job.name]:
            if not verdict.ok:
                found = f"{verdict.threshold.text}, found {show(verdict)}"
                yield _Failure(job.name, 1, "threshold", found)


def _failure_rows(failures: Sequence[_Failure], width: int, room: int) -> Iterator[Text]:
    """Yield a line for each, as many as there is room for beside heading and last line."""
    shown = failures[: max(1, room - 6)]
    yield from heading("failures", "the worst jobs first")
    kind = max(len(one.kind) for one in shown) + 2
    jobs = list(dict.fromkeys(escape(one.job) for one in shown))
    room = width - 4 - _COUNT - 2 - kind - _DETAIL
    name = min(max(map(cell_len, jobs)), _NAME, max(8, room))
    cut = dict(zip(jobs, cut_names(jobs, name)))
    yield Text(f"    {'job':{name}}{'count':>{_COUNT}}  {'kind':{kind}}detail", "dim")
    for one in shown:
        line = Text(f"    {set_cell_size(cut[escape(one.job)], name)}")
        line.append(f"{one.number:>{_COUNT},}  {one.kind:{kind}}", "red")
        yield line.append(escape(one.detail), "dim")
    left = len(failures) - len(shown)
    if left:
        more = f"And {left:,} more; -v shows all figures of every job."
        yield from paragraph(more, width=width)
    else:
        yield from paragraph("-v shows all figures of every job.", style="dim", width=width)

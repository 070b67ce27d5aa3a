"""`--check`: what a run would do, described without contact to a server."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial
from textwrap import wrap
from typing import Optional

from .. import units
from ..errors import StartError
from ..protocols.sources import Sources
from ..slices import Slice
from ..text import iso_millis
from .cautions import NEVER_SENDS
from .dividing import part_of_job
from .expected import expected_arrivals, expected_seconds, never_sends
from .files.first import check_templates, first_names
from .files.locate import locate
from .files.source import Source
from .outputs.slice_findings import NOTHING_TO_SEND
from .plan import Job, Plan
from .stage_table import rate_rows, stage_rows, vagueness

_WIDTH = 64
"""Columns of a long value: a terminal has 80."""


def describe_plan(plan: Plan) -> Iterator[str]:
    """Yield lines that describe each job: target, rate, files, bytes and expected end.

    Raises StartError where a directory holds nothing to send, or this host has no such `source`.
    """
    yield f"{_run(plan)}: {_count(len(plan.jobs), 'job')}, ends {_run_ends(plan)}"
    if plan.start_at is not None:
        yield f"starts at {iso_millis(plan.start_at)}"
    if not plan.jobs:
        yield NOTHING_TO_SEND
    errors: list[str] = []
    for job in plan.jobs:
        yield ""
        try:
            yield from _describe_job(job, plan)
        except StartError as error:
            errors += (_of_job(job, line) for line in error.errors)
    if errors:
        raise StartError(*errors)
    yield ""
    yield "The configuration is right; nothing was sent."


def _of_job(job: Job, error: str) -> str:
    prefix = f"jobs.{job.name}: "
    return error if error.startswith(prefix) else prefix + error


def _run(plan: Plan) -> str:
    return f"run {plan.run}" if plan.slice is None else f"run {plan.run}, slice {plan.slice}"


def _describe_job(job: Job, plan: Plan) -> Iterator[str]:
    sizes = _sizes(job.source)
    arrivals = expected_arrivals(job, plan, len(sizes))
    yield job.name
    yield _row("to", job.url)
    yield from _way(job)
    for label, text in (*rate_rows(job), *stage_rows(job, plan)):
        yield _row(label, text)
    if plan.slice is not None:
        yield _row("slice", f"part {job.slice.part} of {job.slice.of}: {_share(job, job)}")
    if plan.workers > 1:
        yield _row("workers", _division(job, plan.workers))
    yield _row("files", _files(job.source, sizes))
    if job.start_after or job.spread_over:
        yield _row("starts", _starts(job))
    yield _row("sends", f"{vagueness(job, plan, arrivals)}{_sends(arrivals, sizes)}")
    yield _row("ends", _job_ends(job, expected_seconds(job, plan, arrivals), arrivals))
    if never_sends(job, plan):
        yield _row("! note", NEVER_SENDS)
    for threshold in job.limits.thresholds:
        yield _row("threshold", threshold.text)
    if _overwrites(job, arrivals, len(sizes)):
        yield _row("! note", "files are repeated under the same remote name and overwrite")
        yield _row("", "each other; {uuid} or {seq} in remote_name keeps them apart")


def _way(job: Job) -> Iterator[str]:
    """Yield where connections lead and come from, if not straight to the URL and from anywhere."""
    if job.options.way:
        yield from _rows("", job.options.way)
    if job.options.connect_to is not None:
        yield _row("connect to", str(job.options.connect_to))
    try:
        sources = Sources(job.options.source)
    except StartError as error:
        raise StartError(f"jobs.{job.name}: {error}") from None
    if job.options.source:
        yield from _rows("from", str(sources))


def _sizes(source: Source) -> Sequence[int]:
    """Return the size of each file in a pass; of generated ones the mean."""
    if source.generate is not None:
        return [source.generate.mean]
    listed = first_names(source)
    check_templates(source, listed)
    return source.access.in_thread(partial(_read_sizes, source, listed))


def _read_sizes(source: Source, names: Sequence[str]) -> Sequence[int]:
    return [os.stat(locate(source, name)[0]).st_size for name in names]


def _files(source: Source, sizes: Sequence[int]) -> str:
    if source.generate is not None:
        return str(source.generate)
    passes = "repeated" if source.repeat else "once each"
    filled = ", placeholders inside replaced" if source.templates is not None else ""
    total = units.show_size(sum(sizes))
    return f"{_count(len(sizes), 'file')}, {total} in {source.files}, {passes}{filled}"


def _rows(label: str, text: str) -> Iterator[str]:
    lines = wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
    for number, line in enumerate(lines):
        yield _row("" if number else label, line)


def _row(label: str, text: str) -> str:
    return f"  {label + ' ' if label else '':.<12} {text}" if label else f"  {'':12} {text}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _division(job: Job, workers: int) -> str:
    """Return how a job is divided; the first of its parts are the largest."""
    parts = job.parts(workers)
    first, last = (part_of_job(job, Slice(part, parts)) for part in (0, parts - 1))
    share = f"{_share(last, first)}{' each' if parts > 1 else ''}"
    return f"{parts if parts == workers else f'{parts} of {workers}'}: {share}"


def _share(least: Job, most: Job) -> str:
    """Return the limits of the parts of a job, given that with the least and that with most."""
    transfers = _range(least.limit, most.limit, "in flight" if most.open else "sender")
    connections = _range(least.options.connections, most.options.connections, "connection")
    return f"{transfers}, {connections}"


def _range(least: int, most: int, noun: str) -> str:
    plural = "" if most == 1 or " " in noun else "s"
    return f"{least:,} or {most:,} {noun}{plural}" if least < most else f"{most:,} {noun}{plural}"


def _starts(job: Job) -> str:
    text = f"after {units.show_duration(job.start_after)}" if job.start_after else "at once"
    over = f" (spread over {units.show_duration(job.spread_over)})" if job.spread_over else ""
    return text + over


def _ends(seconds: Optional[float]) -> str:
    return "when it is stopped" if seconds is None else f"after {units.show_duration(seconds)}"


def _job_ends(job: Job, seconds: Optional[float], arrivals: Optional[int]) -> str:
    if job.pacer.has_target or not arrivals:
        return _ends(seconds)
    latest = "" if seconds is None else f", at the latest {_ends(seconds)}"
    return f"by itself after its last file{latest}"


def _run_ends(plan: Plan) -> str:
    return "when every job has" if plan.duration is None else _ends(plan.duration)


def _sends(arrivals: Optional[int], sizes: Sequence[int]) -> str:
    if arrivals is None:
        return "until it ends"
    passes, rest = divmod(arrivals, len(sizes))
    return f"{_count(arrivals, 'file')}, {units.show_size(passes * sum(sizes) + sum(sizes[:rest]))}"


def _overwrites(job: Job, arrivals: Optional[int], listed: int) -> bool:
    generate = job.source.generate
    repeats = arrivals is None or arrivals > listed
    return repeats and job.options.overwrites(generate is not None and generate.names_differ)

"""The rate of a job and its stages, as `--check` shows them (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Optional

from .. import units
from ..clock import SECOND
from ..text import cut
from .expected import dispatch_time
from .pacing import Pacer, Span
from .plan import Job, Plan

_WIDTH = 65  # characters of a line of 80, without the label
_FILES = 14  # of which the numbers of files have, or more where they are long
_ENTRY = 27  # and without the other columns
_ROWS = 20
_DAY = 24 * 3600 * SECOND

Row = tuple[str, str]
"""A label, which may be empty, and the text of a line."""


def rate_rows(job: Job) -> Iterator[Row]:
    """Yield the rate and the model; a long list of stages stands in the table."""
    rate, model = show_rate(job.pacer), _model(job)
    if len(rate) + len(model) + 2 <= _WIDTH:
        yield "rate", f"{rate}, {model}"
    else:
        yield "rate", f"{rate},"
        yield "", model


def show_rate(pacer: Pacer) -> str:
    """Format a rate; of a long list of stages only their number, as a table shows them."""
    if not pacer.stages or pacer.end is None or len(pacer.text) <= _WIDTH // 2:
        return pacer.text
    random = "" if pacer.even is pacer else ", poisson arrivals"
    return f"{len(pacer.stages)} stage{'s' if len(pacer.stages) > 1 else ''}{random}"


def _model(job: Job) -> str:
    if job.open:
        return f"open, at most {job.limit} in flight"
    return f"closed, {show_senders(job)}"


def show_senders(job: Job) -> str:
    """Format the number of senders of a closed job, or the most of them if it changes."""
    senders = f"{job.limit:,} sender{'' if job.limit == 1 else 's'}"
    return senders if job.senders is None else f"up to {senders}"


def vagueness(job: Job, plan: Plan, arrivals: Optional[int]) -> str:
    """Return the word before a number of arrivals that may become another one."""
    if arrivals is None:
        return ""
    if job.pacer.even is not job.pacer:
        return "about "
    in_time = dispatch_time(job, plan) is not None  # answers decide how many that are
    loses = job.pacer.has_target and (job.senders or not job.pacer.moves)
    return "at most " if not job.open and (in_time or loses) else ""


def stage_rows(job: Job, plan: Plan) -> Iterator[Row]:
    """Yield a line for each stage of the rate, and of the number of senders."""
    end = dispatch_time(job, plan)
    if job.pacer.stages:
        yield from _rates(job.pacer, end)
    if job.senders is not None:
        spans = job.senders.spans(_until(job.senders, end))
        rows = [(span, _change(job.senders, span, _number)) for span in spans]
        if rows:
            yield from _table("senders", rows)


def _rates(pacer: Pacer, end: Optional[int]) -> Iterator[Row]:
    until = _until(pacer, end)
    spans = [span._replace(end=min(span.end, until)) for span in pacer.spans(until)]
    about = "about " if pacer.even is not pacer else ""
    numbers = [_arrivals(pacer, span) for span in spans]
    files = ["" if number is None else f"{about}{number:,}" for number in numbers]
    width = max([_FILES, *map(len, files)])
    rows = [
        (span, f"{text:>{width}}  {_rate(pacer, span, _ENTRY - width + _FILES)}")
        for span, text in zip(spans, files)
    ]
    if rows:
        yield from _table("phases", rows, f"{'files':>{width}}  rate")
    if pacer.end is None and (end is None or end > _DAY):
        week = pacer.even.arrivals(7 * _DAY) or 0
        yield "", f"in 7 days {about}{week:,} files"


def _until(pacer: Pacer, end: Optional[int]) -> int:
    """Return the end of the table: that of the stages or of the job; a day if they recur."""
    return min(one for one in (end, _DAY if pacer.end is None else pacer.end) if one is not None)


def _table(label: str, rows: Sequence[tuple[Span, str]], heads: str = "number") -> Iterator[Row]:
    yield label, f"{'begins':>9}  {'lasts':>9}  {heads}"
    for span, text in rows[: _ROWS - 1] if len(rows) > _ROWS else rows:
        yield "", f"{_seconds(span.start):>9}  {_seconds(span.end - span.start):>9}  {text}"
    if len(rows) > _ROWS:
        yield "", f"and {len(rows) - _ROWS + 1} more"


def _rate(pacer: Pacer, span: Span, width: int) -> str:
    """Return the rate of a stage; where they recur, the entry as it was given."""
    if pacer.end is None:
        return cut(pacer.stages[span.stage], width)
    return _change(pacer, span, lambda rate: units.show_rate(float(rate)))


def _number(level: Fraction) -> str:
    return f"{int(level):,}"


def _change(pacer: Pacer, span: Span, show: Callable[[Fraction], str]) -> str:
    """Return the level of a stage, or those at its beginning and its end: a ramp is linear."""
    first, last = pacer.rate_at(span.start), pacer.rate_at(span.end - 1)
    if first is None or last is None:
        return "max"
    length = span.end - span.start
    end = first + (last - first) * length / max(1, length - 1)
    return show(first) if first == end else f"{show(first)} to {show(end)}"


def _arrivals(pacer: Pacer, span: Span) -> Optional[int]:
    """Return how many arrivals are due in a stage; None where the answers decide."""
    begin, part = max(
        (part for part in pacer.even.parts if part[0] <= span.start), key=lambda part: part[0]
    )
    before, until = (part.arrivals(time - begin) for time in (span.start, span.end))
    return None if before is None or until is None else until - before


def _seconds(time: int) -> str:
    return units.show_duration(time / SECOND)

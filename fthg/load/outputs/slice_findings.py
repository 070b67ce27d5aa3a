"""What the results of a run on many machines lack, in sentences (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, islice

from ..stats.snapshot import IncompleteSlice, RunSnapshot

_SENTENCES = 10
_SLICES = 5

NOTHING_TO_SEND = "There is nothing to send in this slice: no job has a part for it."


def slice_findings(run: RunSnapshot) -> Iterator[str]:
    """Yield a sentence for each incomplete slice, the first ones, and for lines that are twice."""
    if not run.jobs:
        yield NOTHING_TO_SEND
    if run.reading is None:
        return
    found = list(_incomplete(run.reading.incomplete, several=run.reading.runs > 1))
    yield from found[:_SENTENCES]
    if len(found) > _SENTENCES:
        yield f"And {len(found) - _SENTENCES} more slices are incomplete: the JSON names them."
    if found:
        yield "Rates and times are those of the arrivals that have results."
    if run.reading.twice:
        are = "line is" if run.reading.twice == 1 else "lines are"
        yield (
            f"{run.reading.twice:,} {are} of arrivals that have one already: the first of each "
            "counts. A slice ran twice, or a run has the id of another one."
        )


def _incomplete(found: Sequence[IncompleteSlice], *, several: bool) -> Iterator[str]:
    """Yield a sentence for the slices that a job has no line of, and one for each other slice."""
    for (job, run), some in groupby(found, lambda one: (one.job, one.run)):
        where = f"{job}, run {run}" if several else job
        slices = list(some)
        absent = [one for one in slices if one.absent]
        if absent:
            lost = _missing(sum(one.missing for one in absent))
            yield f"{where}: no results of {_named(absent)}; {lost}."
        for one in slices:
            if not one.absent:
                whose = f", slice {one.slice}" if one.slice else ""
                yield f"{where}{whose}: {_missing(one.missing)}."


def _named(slices: Sequence[IncompleteSlice]) -> str:
    more = len(slices) - _SLICES
    names = ", ".join(one.slice for one in islice(slices, _SLICES))
    return f"slice{'s'[: len(slices) > 1]} {names}{f' and {more} more' if more > 0 else ''}"


def _missing(count: int) -> str:
    return f"{count:,} {'arrival is' if count == 1 else 'arrivals are'} missing"

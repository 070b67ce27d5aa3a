"""Findings about slices, in sentences: missing arrivals, absent slices, lines twice (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from typing import NamedTuple

from ..stats.snapshot import IncompleteSlice, RunSnapshot

_SENTENCES = 10
_SLICES = 5

NOTHING_TO_SEND = "There is nothing to send in this slice: no job has a part for it."
OF_THOSE_WITH_RESULTS = "Rates and times are those of the arrivals that have results."


def slice_findings(run: RunSnapshot) -> Iterator[str]:
    """Yield a sentence for each incomplete slice, the first ones, and for lines that are twice."""
    if not run.jobs:
        yield NOTHING_TO_SEND
    if run.reading is None:
        return
    found = list(_incomplete(run.reading.incomplete, several=run.reading.runs > 1))
    yield from (one.sentence for one in found[:_SENTENCES])
    more = sum(one.slices for one in found[_SENTENCES:])
    if more:
        are, them = ("slice is", "it") if more == 1 else ("slices are", "them")
        yield f"And {more:,} more {are} incomplete: the JSON names {them}."
    if found:
        yield OF_THOSE_WITH_RESULTS
    if run.reading.twice:
        yield twice_sentences(run.reading.twice)


def twice_sentences(lines: int) -> str:
    """Return what it means that so many lines are of arrivals that have one already."""
    are = "line is" if lines == 1 else "lines are"
    return (
        f"{lines:,} {are} of arrivals that have one already: the first of each counts. "
        "A slice ran twice, or a run has the id of another one."
    )


def state_of(one: IncompleteSlice) -> str:
    """Return what the results have of a slice, in two words."""
    return "no results" if one.absent else "some missing"


class _Finding(NamedTuple):
    """A sentence, and how many slices of a job it is about."""

    sentence: str
    slices: int


def _incomplete(found: Sequence[IncompleteSlice], *, several: bool) -> Iterator[_Finding]:
    """Yield a sentence for the slices that a job has no line of, and one for each other slice."""
    for (job, run), some in groupby(found, lambda one: (one.job, one.run)):
        where = f"{job}, run {run}" if several else job
        slices = list(some)
        absent = [one for one in slices if one.absent]
        if absent:
            known = [one.missing for one in absent if one.missing is not None]
            lost = f"; {_missing(sum(known))}" if known else ""
            yield _Finding(f"{where}: no results of {_named(absent)}{lost}.", len(absent))
        for one in slices:
            if not one.absent:
                whose = f", slice {one.slice}" if one.slice else ""
                yield _Finding(f"{where}{whose}: {_missing(one.missing or 0)}.", 1)


def _named(slices: Sequence[IncompleteSlice]) -> str:
    more = len(slices) - _SLICES
    names = ", ".join(one.slice for one in islice(slices, _SLICES))
    return f"slice{'s'[: len(slices) > 1]} {names}{f' and {more} more' if more > 0 else ''}"


def _missing(count: int) -> str:
    return f"{count:,} {'arrival is' if count == 1 else 'arrivals are'} missing"

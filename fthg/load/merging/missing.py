"""The arrivals that have no line, and the slices that they are of (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from math import gcd
from typing import NamedTuple, Optional

from ...slices import Slice
from ..dividing import part_of_slice, slice_of_part
from ..plan import Job
from ..stats.snapshot import IncompleteSlice
from .arrivals import MOST_SLICES, Arrivals, Steps


def count_missing(job: Job, arrivals: Arrivals) -> Optional[int]:
    """Return the arrivals below the greatest number of a job in one run that have no line.

    None: unknown, because its turns are taken when a sender is free.
    """
    if not (job.open if job.known else arrivals.due_times.rise):
        return None
    return arrivals.numbers.greatest + 1 - arrivals.numbers.count


def incomplete(run: str, job: Job, arrivals: Arrivals) -> Iterator[IncompleteSlice]:
    """Yield the slices of a run that lack arrivals of a job, in order; one without a name if the
    lines do not show which. Where the arrivals are unknown, those slices that have none at all."""
    missing = count_missing(job, arrivals)
    slices = _slices(arrivals)
    division = _division(job, slices) if slices and missing != 0 else None
    if division is not None:
        for slice_, lost in sorted(_lacking(division, arrivals)):
            absent = slice_ not in slices
            if missing is not None or absent:
                count = None if missing is None else lost
                yield IncompleteSlice(run, job.name, str(slice_), count, absent)
    elif missing:
        yield IncompleteSlice(run, job.name, "", missing, absent=False)


def _lacking(division: _Division, arrivals: Arrivals) -> Iterator[tuple[Slice, int]]:
    """Yield the slices that lack arrivals below the greatest number, and how many."""
    of, parts, numbers = division.of, division.parts, arrivals.numbers
    for part, there in enumerate(numbers.by_part(parts)):
        lost = Slice(part, parts).share(numbers.greatest + 1) - there
        if lost:
            yield slice_of_part(part, of, parts, division.job), lost


def divided_differently(arrivals: Arrivals) -> bool:
    """Return True if a run's slices are of different divisions, so that none can be named."""
    return len({slice_.partition("/")[2] for slice_ in arrivals.slices}) > 1


class _Division(NamedTuple):
    """The division of a job among slices."""

    job: str
    of: int  # slices
    parts: int  # at most as many


def _slices(arrivals: Arrivals) -> Mapping[Slice, Steps]:
    """Return the numbers of each slice; of none if they are of different divisions, or unnamed."""
    if divided_differently(arrivals):
        return {}
    try:
        return {Slice.parse(text): steps for text, steps in arrivals.slices.items()}
    except ValueError:
        return {}


def _division(job: Job, slices: Mapping[Slice, Steps]) -> Optional[_Division]:
    """Return the division by the configuration, or else by the lines; None if neither fits."""
    of = next(iter(slices)).of
    known = [job.parts(of)] if job.known else []
    divisions = [_Division(job.name, of, parts) for parts in (*known, of, _common_step(slices))]
    most = min(of, MOST_SLICES)
    return next((one for one in divisions if 0 < one.parts <= most and _fits(one, slices)), None)


def _common_step(slices: Mapping[Slice, Steps]) -> int:
    """Return the number of parts that the lines show, where they are enough."""
    return reduce(gcd, (steps.step for steps in slices.values()), 0)


def _fits(division: _Division, slices: Mapping[Slice, Steps]) -> bool:
    return all(
        part_of_slice(whose, division.parts, division.job) == steps.first % division.parts
        and steps.step % division.parts == 0
        for whose, steps in slices.items()
    )

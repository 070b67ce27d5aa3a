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
from .arrivals import Arrivals, Steps
from .numbers import expected


def count_missing(job: Job, arrivals: Arrivals) -> Optional[int]:
    """Return the arrivals below the greatest number of a job in one run that have no line.

    None: nobody can tell, as its turns are taken when a sender is free.
    """
    if not (job.open if job.known else arrivals.due_times.rise):
        return None
    return arrivals.numbers.greatest + 1 - arrivals.numbers.count


def incomplete(run: str, job: Job, arrivals: Arrivals) -> Iterator[IncompleteSlice]:
    """Yield the slices of a run that lack arrivals of a job, in order; one without a name if the
    lines do not tell which."""
    missing = count_missing(job, arrivals)
    if not missing:
        return
    slices = _slices(arrivals)
    division = _division(job, slices) if slices else None
    if division is None:
        yield IncompleteSlice(run, job.name, "", missing, absent=False)
        return
    numbers = arrivals.numbers
    lacking = []
    for part in range(division.parts):
        wanted = expected(numbers.greatest, part, division.parts)
        lost = wanted - numbers.of_part(part, division.parts)
        whose = slice_of_part(part, division.of, division.parts, job.name)
        if lost:
            lacking.append((whose, lost, whose not in slices))
    for slice_, lost, absent in sorted(lacking):
        yield IncompleteSlice(run, job.name, str(slice_), lost, absent)


def divided_differently(arrivals: Arrivals) -> bool:
    """Return True if a run's slices are of different divisions, so that none can be named."""
    return len({slice_.partition("/")[2] for slice_ in arrivals.slices}) > 1


class _Division(NamedTuple):
    """How a job is divided among slices."""

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
    return next((one for one in divisions if 0 < one.parts <= of and _fits(one, slices)), None)


def _common_step(slices: Mapping[Slice, Steps]) -> int:
    """Return the number of parts that the lines tell, where they are enough."""
    return reduce(gcd, (steps.step for steps in slices.values()), 0)


def _fits(division: _Division, slices: Mapping[Slice, Steps]) -> bool:
    return all(
        part_of_slice(whose, division.parts, division.job) == steps.first % division.parts
        and steps.step % division.parts == 0
        for whose, steps in slices.items()
    )

"""What the results of a run on many machines lack, in sentences (pure)."""

from __future__ import annotations

from collections.abc import Iterator

from ..stats.snapshot import IncompleteSlice, RunSnapshot

_NAMED = 5


def slice_findings(run: RunSnapshot) -> Iterator[str]:
    """Yield a sentence for each incomplete slice, the first ones, and for lines that are twice."""
    if not run.jobs:
        yield "There is nothing to send in this slice: no job has a part for it."
    if run.reading is None:
        return
    several = run.reading.runs > 1
    for one in run.reading.incomplete[:_NAMED]:
        yield _sentence(one, several)
    more = run.reading.incomplete[_NAMED:]
    if more:
        yield f"{_arrivals(sum(one.missing for one in more))} missing in {len(more)} more places."
    if run.reading.twice:
        yield (
            f"{run.reading.twice:,} {_lines(run.reading.twice)} of arrivals that have one already: "
            "the first of each counts. A slice ran twice, or a run has the id of another one."
        )


def _sentence(one: IncompleteSlice, several: bool) -> str:
    run = f"run {one.run}, " if several else ""
    whose = f"{run}slice {one.slice}" if one.slice else f"{run}slice not known"
    absent = "; it has no result of this job at all" if one.absent else ""
    return f"{one.job}, {whose}: {_arrivals(one.missing)} missing{absent}."


def _arrivals(count: int) -> str:
    return f"{count:,} {'arrival is' if count == 1 else 'arrivals are'}"


def _lines(count: int) -> str:
    return "line is" if count == 1 else "lines are"

"""The breaking point of a run, for people: at which rate a threshold ended it (pure)."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from ... import units
from ...clock import SECOND
from ...text import escape, zoned
from ...verdicts.thresholds import show_found
from ...writing.rows import row
from ..stats.snapshot import BreakingPoint, RunSnapshot
from .job_text import show_rate

_DAY = 86_400


def breaking_rows(run: RunSnapshot) -> Iterator[Text]:
    """Yield the answer to "how much does it take?", or nothing if no threshold ended the run."""
    point = run.breaking
    if point is None:
        return
    form = "%H:%M:%S" if run.seconds < _DAY else "%m-%d %H:%M:%S"
    moment = zoned(run.started + round(point.at * SECOND), form, run.plan.zone[0])
    after = units.show_duration(point.at)
    if point.rate is None:
        yield row("broke after", after, f"at {moment}; there was no target rate", "bold red")
    else:
        yield row("broke at", show_rate(point.rate), f"after {after}, at {moment}", "bold red")
    yield row("crossed", escape(f"{_whose(point)}{_crossing(point)}"), style="bold red")
    if point.held is not None:
        yield row("held", show_rate(point.held), "the highest target that passed", "green")
    broke = run.started + round(point.at * SECOND)
    paused = sum(one.length for one in run.standstills if run.utc(one.start) < broke)
    if paused:
        length = units.show_duration(paused / SECOND)
        yield row("but", f"fthg stood still for {length} before: see below", style="yellow")


def breaking_sentence(point: BreakingPoint) -> str:
    """Return the same in one line, to follow the text of the threshold or its final figure."""
    rate = "" if point.rate is None else f" at a target of {show_rate(point.rate)}"
    held = "" if point.held is None else f"; held until then: {show_rate(point.held)}"
    after = units.show_duration(point.at)
    return f"ended the run{rate} after {after}, found {show_found(point.verdict)} then{held}"


def _whose(point: BreakingPoint) -> str:
    return f"{point.job}: " if point.job else "total: "


def _crossing(point: BreakingPoint) -> str:
    return f"{point.verdict.threshold.text}, found {show_found(point.verdict)} then"

"""The chart of the service level by hour or day (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Optional

from ...report import axes
from ...report.axes import DAY, HOUR, Axis
from ...report.charts import HEIGHT, LEAST, Bar, Chart, Part, Target
from ...report.formats import Formats
from ...report.geometry import target
from ...report.time_axis import time_axis
from ...units import show_share
from ..figures import Figures, Sla, SlaStep

_MOST = 120  # columns; more steps are put together
_WIDEST = 6  # percent of the width
_USUAL = 0.92  # where no target is set: a share that the axis has even if no step is so low


def service_level(figures: Figures, shown: Formats) -> Optional[Chart]:
    """Return the share within the promised time by hour or day; None for less than two of them."""
    sla = figures.sla
    due = [step for step in sla.steps if step.due] if sla else []
    if not sla or len(due) < 2:
        return None
    steps, count = _columns(due, DAY if sla.by_day else HOUR)
    lowest = min(steps, key=_share)
    limit = shown.duration(sla.limit)
    x = _period(figures, steps, shown)
    y = axes.share_axis(min(_share(lowest), _USUAL if sla.target is None else float(sla.target)))
    return Chart(
        name="service-level",
        title=f"Service level {_by(sla, count)}",
        description=f"The share of transfers that passed within {limit}, by their start; the "
        f"lowest, {_percent(lowest)}, from {shown.moment(lowest.start)}.",
        x=x,
        y=y,
        head=[f"From ({shown.zone_label})", "Within", "Of", "Share"],
        rows=[[shown.moment(step.start), step.within, step.due, _percent(step)] for step in steps],
        bars=[
            Bar(
                *_place(step, x),
                _in_words(step, sla, shown),
                list(_parts(step, y)),
                _filter(step),
            )
            for step in steps
        ],
        legend=[("within", f"Passed within {limit}"), ("late", "Late, failed or unpaired")],
        note=_note(sla, y),
        target=_target(sla, y),
    )


def _columns(steps: Sequence[SlaStep], unit: int) -> tuple[Sequence[SlaStep], int]:
    """Join hours or days, so that there are at most _MOST; return how many are joined, too."""
    start = steps[0].start
    count = max(-(-round((steps[-1].end - start) / unit) // _MOST), 1)
    groups = groupby(steps, lambda step: round((step.start - start) / unit) // count)
    return [_join(list(group)) for _, group in groups], count


def _join(steps: Sequence[SlaStep]) -> SlaStep:
    within, due = sum(step.within for step in steps), sum(step.due for step in steps)
    return SlaStep(steps[0].start, steps[-1].end, within, due)


def _by(sla: Sla, count: int) -> str:
    unit = "day" if sla.by_day else "hour"
    return f"by {unit}" if count == 1 else f"in steps of {count} {unit}s"


def _parts(step: SlaStep, axis: Axis) -> Iterator[Part]:
    """Yield the share within the time and, above it up to 100 %, the rest."""
    late = step.within < step.due
    height = round(max(HEIGHT * (1 - axis.place(_share(step))), LEAST * late), 2)
    query = _filter(step)
    yield Part("within", height, round(HEIGHT - height, 2), f"{query}&in-time=yes")
    if late:
        yield Part("late", 0, height, f"{query}&in-time=no")


def _filter(step: SlaStep) -> str:
    return f"from={step.start}&to={step.end}"


def _place(step: SlaStep, x: Axis, fill: float = 0.84) -> tuple[float, float]:
    left, right = x.place(step.start) * 100, x.place(step.end) * 100
    width = min((right - left) * fill, _WIDEST)
    return round((left + right - width) / 2, 3), round(width, 3)


def _period(figures: Figures, steps: Sequence[SlaStep], shown: Formats) -> Axis:
    """Return the axis of the other charts, longer where the first or last step is."""
    timeline = figures.timeline
    start = timeline.buckets[0].start
    end = start + timeline.step * len(timeline.buckets)
    return time_axis(min(start, steps[0].start), max(end, steps[-1].end), 9, shown.zone)


def _note(sla: Sla, y: Axis) -> str:
    parts = ["Of the transfers that started in each step"]
    if sla.target is not None:
        parts.append(f"target {float(sla.target * 100):g}%")
    if y.low:
        parts.append(f"the axis begins at {y.ticks[0].label}")
    return "; ".join(parts)


def _target(sla: Sla, y: Axis) -> Optional[Target]:
    return None if sla.target is None else target(float(sla.target), y)


def _in_words(step: SlaStep, sla: Sla, shown: Formats) -> str:
    below = sla.target is not None and step.within < step.due * sla.target
    return (
        f"{shown.moment(step.start)} – {shown.period_end(step.start, step.end)}: "
        f"{_percent(step)} within {shown.duration(sla.limit)}, "
        f"{shown.number(step.within)} of {shown.number(step.due)}"
        + (", below the target" if below else "")
    )


def _share(step: SlaStep) -> float:
    return step.within / step.due


def _percent(step: SlaStep) -> str:
    return show_share(step.within, step.due)

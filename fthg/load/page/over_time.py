"""The charts over the time of a run: rate by outcome, and response times (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Optional

from ...report import axes
from ...report.axes import Axis
from ...report.charts import Band, Bar, Chart, Curve, Part
from ...report.formats import Formats
from ...report.geometry import slots, stack, step_path
from ...report.percentiles import Percentiles, Words, percentiles_axis, percentiles_chart
from ...report.percentiles import Step as PercentilesStep
from ...report.time_axis import time_axis
from ...units import show_rate
from ..stats.snapshot import RunSnapshot
from .timeline import Step, Timeline

OUTCOMES = {"ok": "passed", "failed": "failed", "dropped": "timeout", "cancelled": "pending"}
"""Outcome → its colour, in the order of the stack."""

_UNITS = (("s", 1), ("min", 60), ("h", 3600), ("d", 86_400))
_NARROWEST = 0.4  # percent of the width of a chart that a band has at least


class _Unit(NamedTuple):
    """The unit of a rate axis."""

    name: str
    per_step: float  # transfers a step → transfers a unit
    seconds: int


def _unit(line: Timeline) -> _Unit:
    """Return the shortest unit of time with a rate of at least 2 at its highest."""
    seconds = line.width / 1_000_000
    top = max(max(step.arrivals / seconds, step.target or 0) for step in line.steps)
    name, unit = next((one for one in _UNITS if top * one[1] >= 2), _UNITS[-1])
    return _Unit(name, unit / seconds, unit)


def charts(run: RunSnapshot, line: Timeline, shown: Formats) -> Sequence[Chart]:
    """Return the charts, which mark the same outages and standstills; percentiles if any."""
    bands = _bands(run, line, shown)
    found = (_rates(line, shown, bands), _percentiles(line, shown, bands))
    return [chart for chart in found if chart]


def _rates(line: Timeline, shown: Formats, bands: Sequence[Band]) -> Chart:
    """Return the rate at which transfers ended, by outcome, and the target rate."""
    unit = _unit(line)
    targets = [None if one.target is None else one.target * unit.seconds for one in line.steps]
    heights = [step.arrivals * unit.per_step for step in line.steps]
    known = [target for target in targets if target is not None]
    axis = axes.count_axis(max(1, -int(-max([*heights, *known]) // 1)))
    kinds = [outcome for outcome in OUTCOMES if any(step.counts[outcome] for step in line.steps)]
    return Chart(
        name="volume",
        title="Rate over time",
        description=f"Transfers a {_WORDS[unit.name]} by their end and outcome, and the target; "
        f"at most {show_rate(max(heights) / unit.seconds)}.",
        x=_time(line, shown),
        y=axis,
        head=[f"From ({shown.zone_label})", "Target", *(name.capitalize() for name in kinds)],
        rows=[
            [shown.moment(step.start), _rate(step.target), *(step.counts[kind] for kind in kinds)]
            for step in line.steps
        ],
        bars=[
            Bar(x, width, _in_words(line, step, kinds, shown), _parts(step, kinds, axis, unit))
            for step, (x, width) in zip(line.steps, slots(len(line.steps)))
        ],
        curves=[Curve("target", "", step_path(targets, axis), 0)] if any(known) else [],
        legend=[
            *((OUTCOMES[kind], kind.capitalize()) for kind in kinds),
            *([("target-rate", "Target rate")] if any(known) else []),
            *((kind, kind.capitalize()) for kind in dict.fromkeys(band.kind for band in bands)),
        ],
        note=f"Transfers a {_WORDS[unit.name]} by their end, in each step of "
        f"{shown.duration(line.width)}{'' if any(known) else '; there is no target rate'}",
        bands=bands,
    )


_WORDS = {"s": "second", "min": "minute", "h": "hour", "d": "day"}


def _rate(rate: Optional[float]) -> str:
    return "–" if rate is None else show_rate(rate)


def _parts(step: Step, kinds: Sequence[str], axis: Axis, unit: _Unit) -> Sequence[Part]:
    found = {OUTCOMES[kind]: step.counts[kind] * unit.per_step for kind in kinds}
    return [part._replace(filter="") for part in stack(found, axis)]


def _in_words(line: Timeline, step: Step, kinds: Sequence[str], shown: Formats) -> str:
    entries = [f"{shown.number(step.counts[kind])} {kind}" for kind in kinds if step.counts[kind]]
    target = "" if step.target is None else f"; target {show_rate(step.target)}"
    return f"{_period(line, step, shown)}: {', '.join(entries) or 'none'}{target}"


def _period(line: Timeline, step: Step, shown: Formats) -> str:
    end = step.start + line.width
    return f"{shown.moment(step.start)} – {shown.period_end(step.start, end)}"


def _time(line: Timeline, shown: Formats) -> Axis:
    return time_axis(line.start, line.end, 9, shown.zone)


class _Span(NamedTuple):
    """A time in which something was the matter, in readings of the run's clock."""

    start: int
    end: int
    what: str


def _bands(run: RunSnapshot, line: Timeline, shown: Formats) -> Sequence[Band]:
    """Return the outages and standstills; those of several jobs at the same time are one band."""
    outages = [
        _Span(one.start, one.start + one.length, f"outage of {shown.text(one.job)}")
        for one in run.outages.listed
    ]
    standstills = [_Span(one.start, one.end, "fthg stood still") for one in run.standstills]
    return [
        _band(kind, run.utc(start) // 1000, (end - start) // 1000, what, line, shown)
        for kind, spans in (("outage", outages), ("standstill", standstills))
        for start, end, what in _joined(spans)
    ]


def _joined(spans: Sequence[_Span]) -> Sequence[_Span]:
    found: list[_Span] = []
    for span in sorted(spans):
        last = found[-1] if found else None
        if last and span.start <= last.end:
            what = last.what if "and others" in last.what else f"{last.what} and others"
            found[-1] = _Span(last.start, max(last.end, span.end), what)
        else:
            found.append(span)
    return found


def _band(kind: str, start: int, length: int, what: str, line: Timeline, shown: Formats) -> Band:
    whole = line.end - line.start
    x = min(max(100 * (start - line.start) / whole, 0), 100 - _NARROWEST)
    width = min(max(100 * length / whole, _NARROWEST), 100 - x)
    return Band(
        kind,
        round(x, 2),
        round(width, 2),
        f"{shown.moment(start)}: {what} for {shown.duration(length)}",
    )


_RESPONSE_TIMES = Words(
    title="Response time over time",
    what="the response times of ok transfers, by their end",
    counted="Ok",
    median="Median",
    none="none ended ok",
    note="Of the ok transfers that ended in each step, from the moment they were due",
)


def _percentiles(line: Timeline, shown: Formats, bands: Sequence[Band]) -> Optional[Chart]:
    """Return the percentiles of response times over time; None if no transfer was ok."""
    steps = [
        PercentilesStep(step.start, _period(line, step, shown), _times(step)) for step in line.steps
    ]
    known = [step.times for step in steps if step.times]
    if not known:
        return None
    axis = percentiles_axis(known, from_zero=True)
    return percentiles_chart(steps, _RESPONSE_TIMES, _time(line, shown), axis, shown, bands)


def _times(step: Step) -> Optional[Percentiles]:
    times = step.response_time
    if not times.count:
        return None
    p50, p95, p99 = times.percentiles((50, 95, 99))
    return Percentiles(times.count, p50 // 1000, p95 // 1000, p99 // 1000)

"""The charts over the time of a run: rate by outcome, and response times (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Optional

from ...report import axes
from ...report.axes import Axis
from ...report.charts import HEIGHT, LINE, WIDTH, Band, Bar, Chart, Curve, Cut, Part
from ...report.formats import Formats
from ...report.geometry import line_path, lone_points, middle, slots, stack, step_path
from ...report.time_axis import time_axis
from ...units import show_rate
from ..stats.snapshot import RunSnapshot
from .timeline import Step, Timeline

OUTCOMES = {"ok": "passed", "failed": "failed", "dropped": "timeout", "cancelled": "pending"}
"""Outcome → its colour, in the order of the stack."""

_UNITS = (("s", 1), ("min", 60), ("h", 3600), ("d", 86_400))
_PERCENTS = {"p99": 99, "p95": 95, "p50": 50}
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


def rates(run: RunSnapshot, line: Timeline, shown: Formats) -> Chart:
    """Return the rate at which transfers ended, by outcome, and the target rate."""
    unit = _unit(line)
    targets = [None if one.target is None else one.target * unit.seconds for one in line.steps]
    heights = [step.arrivals * unit.per_step for step in line.steps]
    known = [target for target in targets if target is not None]
    axis = axes.count_axis(max(1, -int(-max([*heights, *known]) // 1)))
    kinds = [outcome for outcome in OUTCOMES if any(step.counts[outcome] for step in line.steps)]
    bands = _bands(run, line, shown)
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


class _Times(NamedTuple):
    """The response times of a step, in microseconds."""

    ended: int
    p50: int
    p95: int
    p99: int


def percentiles(run: RunSnapshot, line: Timeline, shown: Formats) -> Optional[Chart]:
    """Return the percentiles of response times over time; None if no transfer was ok."""
    times = [_times(step) for step in line.steps]
    known = [one for one in times if one]
    if not known:
        return None
    typical = max(sorted(one.p50 for one in known)[len(known) // 2], 1)
    high = axes.without_outliers([one.p99 for one in known], typical)
    axis = axes.duration_axis(0, high)
    columns = {
        name: [None if one is None else int(getattr(one, name)) for one in times]
        for name in _PERCENTS
    }
    last = [HEIGHT * (1 - axis.place(getattr(known[-1], name))) for name in _PERCENTS]
    places = axes.apart(last, LINE, 0, HEIGHT)
    cuts = [
        Cut(middle(index, len(times)) / (WIDTH / 100), 0, up=True)
        for index, one in enumerate(times)
        if one and one.p99 > axis.high
    ]
    return Chart(
        name="percentiles",
        title="Response time over time",
        description="Median, 95th and 99th percentile of the response times of ok transfers, by "
        f"their end; the median was between {shown.duration(min(one.p50 for one in known))} and "
        f"{shown.duration(max(one.p50 for one in known))}.",
        x=_time(line, shown),
        y=axis,
        head=[f"From ({shown.zone_label})", "Ok", "p99", "p95", "Median"],
        rows=[
            [
                shown.moment(step.start),
                one.ended if one else 0,
                *(shown.duration(getattr(one, name) if one else None) for name in _PERCENTS),
            ]
            for step, one in zip(line.steps, times)
        ],
        bars=[
            Bar(x, width, f"{_period(line, step, shown)}: {_times_in_words(one, shown)}")
            for step, one, (x, width) in zip(line.steps, times, slots(len(times), fill=1))
        ],
        curves=[
            Curve(
                name,
                "median" if name == "p50" else name,
                line_path(columns[name], axis),
                y,
                lone=lone_points(columns[name], axis),
            )
            for name, y in zip(_PERCENTS, places)
        ],
        note="Of the ok transfers that ended in each step, from the moment they were due"
        + _cuts_in_words(cuts, known, shown),
        cuts=cuts,
        bands=_bands(run, line, shown),
    )


def _times(step: Step) -> Optional[_Times]:
    times = step.response_time
    if not times.count:
        return None
    p50, p95, p99 = times.percentiles((50, 95, 99))
    return _Times(times.count, p50 // 1000, p95 // 1000, p99 // 1000)


def _times_in_words(times: Optional[_Times], shown: Formats) -> str:
    if times is None:
        return "none ended ok"
    p50, p95, p99 = map(shown.duration, times[1:])
    return f"median {p50}, p95 {p95}, p99 {p99}"


def _cuts_in_words(cuts: Sequence[Cut], known: Sequence[_Times], shown: Formats) -> str:
    if not cuts:
        return ""
    most = shown.duration(max(one.p99 for one in known))
    return f"; ▲ {shown.plural(len(cuts), 'step')} beyond the scale, up to {most}"

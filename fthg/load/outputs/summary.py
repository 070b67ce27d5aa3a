"""The summary on the terminal: the run, its jobs and their total, in the manner of k6."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Optional

from rich.console import Console
from rich.text import Text

from ... import units
from ...clock import SECOND
from ...text import escape, zoned
from ...transfer import PHASES
from ...verdicts.thresholds import Figures, Verdict, show
from ..stats.histogram import Histogram
from ..stats.metrics import TIMES, Metrics
from ..stats.outages import Outage
from ..stats.snapshot import TOTAL, JobEnd, RunEnd, RunFigures
from .bottlenecks import bottlenecks

_LABEL = 18
_VALUE = 11
_COLUMN = 8
_WIDTH = 80
_DAY = 86_400
_OUTAGES = 20
_STATS = ("avg", "min", "med", "max", "p90", "p95", "p99")
_ASCII = str.maketrans({"█": "#", "✓": "+", "✗": "x", "–": "-", "×": "x", "µ": "u", "…": "."})


def print_summary(run: RunEnd, figures: RunFigures, console: Console) -> None:
    """Print all blocks; nothing is wrapped, and nothing from outside can drive the terminal."""
    width = max(_WIDTH, console.width)
    unicode = console.encoding.lower().startswith("utf")
    for line in _lines(run, figures):
        line.truncate(width, overflow="ellipsis")
        if not unicode:
            line.plain = line.plain.translate(_ASCII)
        console.print(line, soft_wrap=True)


def _lines(run: RunEnd, figures: RunFigures) -> Iterator[Text]:
    verdicts = run.verdicts(figures)
    yield from _run(run, [verdict for judged in verdicts.values() for verdict in judged])
    for end in run.jobs:
        name = end.job.name
        yield from _heading(name, _description(end))
        yield from _block(
            figures.jobs[name], end.metrics, run.seconds, verdicts[name], _no_target(end)
        )
    if len(run.jobs) > 1:
        yield from _heading("total", f"{len(run.jobs)} jobs")
        no_target = min(map(_no_target, run.jobs))
        yield from _block(figures.total, run.merged, run.seconds, verdicts[TOTAL], no_target)
    elif verdicts[TOTAL]:
        yield from _verdicts(verdicts[TOTAL])
    yield from _outages(run)
    for warning in bottlenecks(run, figures):
        yield Text()
        for index, row in enumerate(textwrap.wrap(escape(warning), _WIDTH - 4)):
            yield Text(f"  {' ' if index else '!'} {row}", "yellow")
    yield Text()


def _heading(name: str, description: str) -> Iterator[Text]:
    yield Text()
    yield Text.assemble("  ", ("█ ", "bold"), (escape(name), "bold"), "  ", (description, "dim"))
    yield Text()


def _description(end: JobEnd) -> str:
    job = end.job
    if not job.known:
        return ""
    senders = f"{job.limit} sender{'' if job.limit == 1 else 's'}"
    model = "open" if job.open else f"closed, {senders}"
    return escape(f"{model}, {job.rate_text} to {job.url}")


def _no_target(end: JobEnd) -> str:
    return "no target (max)" if end.job.known else ""


def _row(label: str, value: str, note: str = "", style: str = "cyan", indent: int = 0) -> Text:
    name = " " * indent + escape(label)
    line = Text.assemble("    ", name, ("." * (_LABEL - 1 - len(name)) + ": ", "dim"))
    line.append(f"{value:<{_VALUE}} " if note else value, style)
    return line.append(escape(note), "dim")


def _run(run: RunEnd, verdicts: Sequence[Verdict]) -> Iterator[Text]:
    yield from _heading("run", escape(run.plan.run))
    yield _row("started", zoned(run.started))
    yield _row("ended", zoned(run.ended), run.reason)
    yield _row("duration", units.show_duration(run.seconds))
    if run.reading and run.reading.runs > 1:
        yield _row("runs", str(run.reading.runs), "summed up; --run takes one")
    if run.plan.results:
        yield _row("results", escape(run.plan.results), _of_results(run))
    if run.plan.summary:
        yield _row("summary", escape(run.plan.summary))
    if verdicts:
        crossed = sum(not verdict.ok for verdict in verdicts)
        told = f"{crossed} of {len(verdicts)} crossed" if crossed else f"all {len(verdicts)} kept"
        yield _row("thresholds", told, style="bold red" if crossed else "green")


def _of_results(run: RunEnd) -> str:
    if run.reading and run.reading.left_out:
        return f"{run.reading.left_out} line{'s'[: run.reading.left_out > 1]} left out"
    return f"{run.results_lost} lines lost" if run.results_lost else ""


def _outages(run: RunEnd) -> Iterator[Text]:
    listed, unlisted = run.outages.longest(_OUTAGES)
    if not listed:
        return
    count = len(listed) + unlisted
    still = sum(outage.end is None for outage in run.outages.listed)
    yield from _heading("outages", f"{count}, {still} not recovered (✗)" if still else str(count))
    form = "%H:%M:%S" if run.seconds < _DAY else "%m-%d %H:%M"
    wide = 4 + _LABEL + len(zoned(run.started, form)) + 1
    yield Text(f"{'from':>{wide}}{'lasted':>{_COLUMN}}{'failed':>{_COLUMN}}", "dim")
    for outage in listed:
        yield _outage(outage, zoned(run.utc(outage.start), form))
    if unlisted:
        yield _row("and", str(unlisted), "that were shorter")


def _outage(outage: Outage, start: str) -> Text:
    lasted = units.show_duration(outage.length / SECOND)
    kinds = ", ".join(f"{kind} {count}" for kind, count in outage.kinds.items())
    if len(outage.kinds) == 1:
        kinds = next(iter(outage.kinds))
    line = _leader(outage.job).append(f" {start}{lasted:>{_COLUMN}}", "cyan")
    line.append(f"{outage.failed:>{_COLUMN}}  ", "red")
    if outage.end is None:
        line.append("✗ ", "bold red")
    return line.append(kinds, "dim")


def _block(
    figures: Figures,
    metrics: Metrics,
    seconds: float,
    verdicts: Sequence[Verdict],
    no_target: str,
) -> Iterator[Text]:
    yield from _counts(figures, metrics)
    yield from _traffic(figures, seconds, no_target)
    yield from _times(metrics)
    yield from _verdicts(verdicts)


def _counts(figures: Figures, metrics: Metrics) -> Iterator[Text]:
    scheduled = figures["scheduled"]
    yield _row("scheduled", str(scheduled))
    for outcome, bad in (("sent", ""), ("ok", ""), ("failed", "red")):
        yield _count(outcome, figures[outcome], scheduled, bad)
    for kind, count in figures["errors"].items():
        detail = next(iter(metrics.commonest_details(kind)), "")
        yield _row(kind, str(count), detail, style="red", indent=2)
    yield _count("dropped", figures["dropped"], scheduled, "red")
    yield _count("cancelled", figures["cancelled"], scheduled, "yellow")
    if figures["codes"]:
        yield _row("codes", ", ".join(f"{code} × {n}" for code, n in figures["codes"].items()))


def _count(label: str, count: int, whole: int, bad: str) -> Text:
    style = bad if bad and count else "cyan"
    return _row(label, str(count), f"{units.show_share(count, whole):>7}", style=style)


def _traffic(figures: Figures, seconds: float, no_target: str) -> Iterator[Text]:
    achieved, target = figures["achieved_rate"], figures["target_rate"]
    per_second = f"{units.show_size(figures['bytes'] / seconds)}/s" if seconds else ""
    yield _row("data", units.show_size(figures["bytes"]), per_second)
    share = no_target
    if target:
        share = f"{_truncated(100 * achieved / target):>7} of {units.show_rate(target)}"
    yield _row("rate", units.show_rate(achieved), share)


def _truncated(percent: float) -> str:
    return f"{int(100 * percent) / 100:.2f}%"


def _times(metrics: Metrics) -> Iterator[Text]:
    if not metrics.lateness.count:
        return
    yield Text()
    yield Text(" " * (4 + _LABEL) + "".join(f"{stat:>{_COLUMN}}" for stat in _STATS), "dim")
    for name in TIMES:
        yield _time(name, getattr(metrics, name))
    for phase in PHASES:
        if phase in metrics.phases:
            yield _time(phase, metrics.phases[phase], indent=2)


def _time(name: str, histogram: Histogram, indent: int = 0) -> Text:
    line = _leader(" " * indent + name)
    for value in _columns(histogram):
        shown = "–" if value is None else units.show_duration(value / SECOND)
        line.append(f"{shown:>{_COLUMN}}", "cyan")
    return line


def _leader(label: str) -> Text:
    shown = escape(label)
    if len(shown) > _LABEL - 2:
        shown = f"{shown[: _LABEL - 3]}…"
    return Text.assemble("    ", shown, ("." * (_LABEL - 1 - len(shown)) + ":", "dim"))


def _columns(histogram: Histogram) -> Sequence[Optional[float]]:
    if not histogram.count:
        return [None] * len(_STATS)
    median, *high = histogram.percentiles((50, 90, 95, 99))
    return (histogram.mean, histogram.min, median, histogram.max, *high)


def _verdicts(verdicts: Sequence[Verdict]) -> Iterator[Text]:
    if not verdicts:
        return
    yield Text()
    widest = max(len(verdict.threshold.text) for verdict in verdicts)
    for verdict in verdicts:
        sign, style = ("✓", "green") if verdict.ok else ("✗", "bold red")
        text = f"{escape(verdict.threshold.text):<{widest}}"
        yield Text.assemble("    ", (sign, style), f" {text}  ", (show(verdict), style))

"""The summary on the terminal: the run, its jobs and their total, in the manner of k6."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Optional

from rich.console import Console
from rich.text import Text

from ... import units
from ...clock import SECOND
from ...slices import WHOLE
from ...text import escape, zoned
from ...transfer import PHASES
from ...verdicts.rows import verdict_rows
from ...verdicts.thresholds import Figures
from ...writing.rows import LABEL, heading, leader, list_rows, paragraph, print_rows, row
from ...writing.terminal import Terminal
from ..plan import Job, Plan
from ..stage_table import show_rate, show_senders
from ..stats.histogram import Histogram
from ..stats.job_snapshot import JobSnapshot
from ..stats.metrics import TIMES, Metrics
from ..stats.snapshot import TOTAL, RunFigures, RunSnapshot
from .bottlenecks import bottlenecks
from .breaking import breaking_rows
from .job_text import narrow_duration, show_count
from .output import Output, Surroundings
from .slice_findings import slice_findings
from .summary_outages import outage_block
from .summary_stages import stage_rows

_STATS = ("avg", "min", "med", "max", "p90", "p95", "p99")
_COUNT, _STAT = 9, 7
"""Widths of the columns in the table of times."""


class SummaryOutput(Output):
    """Prints the final summary."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    @classmethod
    def make(cls, plan: Plan, around: Surroundings) -> Optional[SummaryOutput]:  # noqa: ARG003
        """Return one if there is a terminal for it."""
        return cls(around.summary) if around.summary else None

    def start(self, plan: Plan) -> None:  # noqa: ARG002 - see Output
        """Start the terminal's thread; StartError if that fails."""
        self._terminal.stream.start()

    def end(self, snapshot: RunSnapshot) -> None:
        """Print it, without waiting for its reader."""
        print_summary(snapshot, self._terminal)
        self._terminal.stream.begin_end()


def print_summary(run: RunSnapshot, console: Console) -> None:
    """Print all blocks in one piece."""
    print_rows(_lines(run), console)


def _lines(run: RunSnapshot) -> Iterator[Text]:
    figures, verdicts = run.figures, run.verdicts
    yield from _run(run)
    for number, finding in enumerate(slice_findings(run)):
        yield from () if number else (Text(),)
        yield from paragraph(finding, "!", "yellow")
    for job in run.jobs:
        yield from heading(job.name, _description(job))
        yield from _joined(job.job)
        yield from _block(figures.jobs[job.name], job.metrics, run.seconds, _no_target(job))
        yield from stage_rows(job.stage_figures())
        yield from verdict_rows(verdicts[job.name])
    if len(run.jobs) > 1:
        yield from heading("total", f"{len(run.jobs)} jobs")
        no_target = min(map(_no_target, run.jobs))
        yield from _block(_total(figures), run.merged, run.seconds, no_target)
    yield from verdict_rows(verdicts[TOTAL])
    yield from outage_block(run)
    for warning in bottlenecks(run):
        yield Text()
        yield from paragraph(warning, "!", "yellow")
    yield Text()


def _total(figures: RunFigures) -> Figures:
    """Return the figures of the total, without addresses if no job used more than one."""
    spread = any(len(job["addresses"]) > 1 for job in figures.jobs.values())
    return figures.total if spread else {**figures.total, "addresses": {}}


def _description(snapshot: JobSnapshot) -> str:
    job = snapshot.job
    if not job.known:
        return ""
    model = "open" if job.open else f"closed, {show_senders(job)}"
    share = f"1/{job.slice.of} of " if job.slice != WHOLE else ""
    return escape(f"{model}, {share}{show_rate(job.pacer)} to {job.url}")


def _joined(job: Job) -> Iterator[Text]:
    if job.joined:
        late = units.show_duration(job.joined.seconds)
        yield row("joined", f"{late} late", f"{job.joined.missed} missed: due before, never sent")


def _no_target(job: JobSnapshot) -> str:
    return "no target (max)" if job.job.known else ""


def _run(run: RunSnapshot) -> Iterator[Text]:
    zone = run.plan.zone[0]
    yield from heading("run", escape(run.plan.run))
    if run.slice:
        yield row("slice", run.slice, "thresholds are judged by --from-results")
    yield from breaking_rows(run)
    yield row("started", zoned(run.started, zone=zone))
    if run.running:
        yield row("until now", zoned(run.ended, zone=zone), "still running: figures so far")
    else:
        yield row("ended", zoned(run.ended, zone=zone), run.reason)
    yield row("duration", units.show_duration(run.seconds))
    if run.reading and run.reading.runs > 1:
        yield row("runs", str(run.reading.runs), "added up; --run selects one")
    results = {"results": run.reading.paths} if run.reading else {}
    for key, path in {**results, **run.plan.outputs}.items():
        yield row(key, escape(path), _of_results(run) if key == "results" else "")
    yield from _thresholds(run)


def _thresholds(run: RunSnapshot) -> Iterator[Text]:
    count, crossed = sum(map(len, run.verdicts.values())), len(run.crossed)
    if count:
        text = f"{crossed} of {count} failed" if crossed else f"all {count} passed"
        yield row("thresholds", text, style="bold red" if crossed else "green")


def _of_results(run: RunSnapshot) -> str:
    if run.reading and run.reading.left_out:
        return f"{run.reading.left_out} line{'s'[: run.reading.left_out > 1]} left out"
    return f"{run.results_lost} lines lost" if run.results_lost else ""


def _block(figures: Figures, metrics: Metrics, seconds: float, no_target: str) -> Iterator[Text]:
    yield from _counts(figures, metrics)
    yield from _traffic(figures, seconds, no_target)
    yield from _times(metrics)


def _counts(figures: Figures, metrics: Metrics) -> Iterator[Text]:
    scheduled = figures["scheduled"]
    yield row("scheduled", str(scheduled))
    for outcome, bad in (("sent", ""), ("ok", ""), ("failed", "red")):
        yield _count(outcome, figures[outcome], scheduled, bad)
    for kind, count in figures["errors"].items():
        detail = next(iter(metrics.commonest_details(kind)), "")
        yield row(kind, str(count), detail, style="red", indent=2)
    yield _count("dropped", figures["dropped"], scheduled, "red")
    yield _count("cancelled", figures["cancelled"], scheduled, "yellow")
    if figures["missing"]:
        yield _count("missing", figures["missing"], scheduled, "red")
    if figures["codes"]:
        yield from list_rows("codes", _numbers(figures["codes"]))
    if len(figures["addresses"]) > 1:
        yield from list_rows("addresses", _numbers(figures["addresses"]))


def _numbers(counts: Mapping[str, int]) -> Sequence[str]:
    return [f"{escape(item)} × {count}" for item, count in counts.items()]


def _count(label: str, count: int, whole: int, bad: str) -> Text:
    style = bad if bad and count else "cyan"
    return row(label, str(count), f"{units.show_share(count, whole):>7}", style=style)


def _traffic(figures: Figures, seconds: float, no_target: str) -> Iterator[Text]:
    achieved, target = figures["achieved_rate"], figures["target_rate"]
    per_second = f"{units.show_size(figures['bytes'] / seconds)}/s" if seconds else ""
    yield row("data", units.show_size(figures["bytes"]), per_second)
    share = no_target
    if target:
        share = f"{_truncated(100 * achieved / target):>7} of {units.show_rate(target)}"
    yield row("rate", units.show_rate(achieved), share)


def _truncated(percent: float) -> str:
    return f"{int(100 * percent) / 100:.2f}%"


def _times(metrics: Metrics) -> Iterator[Text]:
    if not metrics.lateness.count:
        return
    yield Text()
    heads = f"{'n':>{_COUNT}}" + "".join(f"{stat:>{_STAT}}" for stat in _STATS)
    yield Text(" " * (4 + LABEL) + heads, "dim")
    for name in TIMES:
        yield _time(name, getattr(metrics, name))
    yield from _phases(metrics.phases)
    if metrics.service_time_failed.count:
        yield Text("    of failed transfers", "dim")
        yield _time("service_time", metrics.service_time_failed)
        yield _time("response_time", metrics.response_time_failed)
        yield from _phases(metrics.phases_failed)


def _phases(phases: Mapping[str, Histogram]) -> Iterator[Text]:
    for phase in PHASES:
        if phase in phases:
            yield _time(phase, phases[phase], indent=2)


def _time(name: str, histogram: Histogram, indent: int = 0) -> Text:
    line = leader(" " * indent + name).append(f"{show_count(histogram.count):>{_COUNT}}", "cyan")
    for value in _columns(histogram):
        shown = "–" if value is None else narrow_duration(value / SECOND)
        line.append(f"{shown:>{_STAT}}", "cyan")
    return line


def _columns(histogram: Histogram) -> Sequence[Optional[float]]:
    if not histogram.count:
        return [None] * len(_STATS)
    median, *high = histogram.percentiles((50, 90, 95, 99))
    return (histogram.mean, histogram.min, median, histogram.max, *high)

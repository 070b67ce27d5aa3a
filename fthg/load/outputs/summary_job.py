"""The block of a job, or of the total, in the summary on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.text import Text

from ... import units
from ...slices import WHOLE
from ...text import escape
from ...verdicts.rows import change_rows
from ...verdicts.thresholds import Figures
from ...writing.rows import heading, list_rows, row
from ..stage_table import show_rate, show_senders
from ..stats.job_snapshot import JobSnapshot
from ..stats.metrics import Metrics
from ..stats.snapshot import RunFigures, RunSnapshot
from .code_text import show_codes
from .summary_stages import stage_rows
from .summary_times import time_rows


def job_block(job: JobSnapshot, run: RunSnapshot, width: int) -> Iterator[Text]:
    """Yield all figures of a job."""
    yield from heading(job.name, _description(job))
    figures = run.figures.jobs[job.name]
    yield from _count_rows(figures, job.metrics)
    yield from _further_rows(figures, width)
    yield from _traffic_rows(figures, run.seconds, _no_target(job))
    yield from time_rows(job.metrics, width, phases=True)
    yield from stage_rows(job.stage_figures(), width)
    if len(run.jobs) > 1:
        yield from change_rows(run.changes.get(job.name, ()))


def total_block(run: RunSnapshot, width: int, *, phases: bool) -> Iterator[Text]:
    """Yield the figures of all jobs together that the overview does not have."""
    yield from heading("total", f"{len(run.jobs)} jobs")
    yield from _further_rows(_total(run.figures), width)
    yield from _traffic_rows(run.figures.total, run.seconds, min(map(_no_target, run.jobs)))
    yield from time_rows(run.merged, width, phases=phases)


def _description(snapshot: JobSnapshot) -> str:
    job = snapshot.job
    if not job.known:
        return ""
    model = "open" if job.open else f"closed, {show_senders(job)}"
    share = f"1/{job.slice.of} of " if job.slice != WHOLE else ""
    return escape(f"{model}, {share}{show_rate(job.pacer)} to {job.url}")


def _no_target(job: JobSnapshot) -> str:
    return "no target (max)" if job.job.known else ""


def _total(figures: RunFigures) -> Figures:
    """Return the figures of the total, without addresses if no job used more than one."""
    spread = any(len(job["addresses"]) > 1 for job in figures.jobs.values())
    return figures.total if spread else {**figures.total, "addresses": {}}


def _count_rows(figures: Figures, metrics: Metrics) -> Iterator[Text]:
    scheduled = figures["scheduled"]
    yield row("scheduled", f"{scheduled:,}")
    yield _count("started", figures["sent"], scheduled, "")
    yield _count("ok", figures["ok"], scheduled, "")
    yield _count("failed", figures["failed"], scheduled, "red")
    for kind, count in figures["errors"].items():
        detail = next(iter(metrics.commonest_details(kind)), "")
        yield row(kind, f"{count:,}", detail, style="red", indent=2)
    yield _count("dropped", figures["dropped"], scheduled, "red")
    yield _count("cancelled", figures["cancelled"], scheduled, "yellow")
    if figures["missing"]:
        yield _count("missing", figures["missing"], scheduled, "red")


def _count(label: str, count: int, whole: int, bad: str) -> Text:
    style = bad if bad and count else "cyan"
    return row(label, f"{count:,}", f"{units.show_share(count, whole):>7}", style=style)


def _further_rows(figures: Figures, width: int) -> Iterator[Text]:
    yield from list_rows("codes", show_codes(figures["codes"]), width)
    if len(figures["addresses"]) > 1:
        yield from list_rows("addresses", _numbers(figures["addresses"]), width)


def _numbers(counts: Mapping[str, int]) -> Sequence[str]:
    return [f"{escape(item)}: {count:,}" for item, count in counts.items()]


def _traffic_rows(figures: Figures, seconds: float, no_target: str) -> Iterator[Text]:
    achieved, target = figures["achieved_rate"], figures["target_rate"]
    per_second = f"{units.show_size(figures['bytes'] / seconds)}/s" if seconds else ""
    yield row("data", units.show_size(figures["bytes"]), per_second)
    share = no_target
    if target:
        share = f"{_truncated(100 * achieved / target):>7} of {units.show_rate(target)}"
    yield row("rate", units.show_rate(achieved), share)


def _truncated(percent: float) -> str:
    return f"{int(100 * percent) / 100:.2f}%"

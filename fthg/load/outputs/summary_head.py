"""The head of the summary on the terminal: the verdict, thresholds, times, files and findings."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, chain

from rich.text import Text

from ... import units
from ...clock import SECOND
from ...text import escape, zoned
from ...verdicts.rows import verdict_rows
from ...writing.rows import heading, paragraph, row
from ..stats.snapshot import RunSnapshot
from .bottlenecks import bottlenecks
from .breaking import breaking_rows
from .slice_findings import slice_findings
from .sparkline import sparkline
from .verdict import judge_run, judged

_CELLS = 20  # of failures over time
_STYLES = {"good": "bold green", "open": "bold yellow", "bad": "bold red", "empty": "bold"}


def verdict_lines(run: RunSnapshot, width: int, most: int) -> Iterator[Text]:
    """Yield the verdict in one sentence, and at most so many thresholds, failed ones first."""
    yield from heading("run", escape(run.plan.run))
    verdict = judge_run(run)
    yield from paragraph(verdict.sentence, style=_STYLES[verdict.tone], width=width)
    found = judged(run)
    shown = found[:most]
    yield from verdict_rows([one.verdict for one in shown], [one.job for one in shown], width)
    left = found[most:]
    if left:
        failed = sum(not one.verdict.ok for one in left)
        note = f"{failed:,} of them failed" if failed else "which passed"
        yield row("and", f"{len(left):,} more", note)
    yield Text()


def time_and_file_rows(run: RunSnapshot) -> Iterator[Text]:
    """Yield when the run was, how it ended, and where its results are."""
    zone = run.plan.zone[0]
    if run.slice:
        yield row("slice", run.slice, "thresholds are judged by --from-results")
    yield from breaking_rows(run)
    yield row("started", zoned(run.started, zone=zone))
    yield from _joined(run)
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
    yield from _failures(run)


def _joined(run: RunSnapshot) -> Iterator[Text]:
    joined = [job.job.joined for job in run.jobs if job.job.joined]
    if joined:
        late = units.show_duration(max(one.seconds for one in joined))
        missed = sum(one.missed for one in joined)
        yield row("joined", f"{late} late", f"{missed:,} missed: due before, never sent")


def _of_results(run: RunSnapshot) -> str:
    if run.reading and run.reading.left_out:
        return f"{run.reading.left_out} line{'s'[: run.reading.left_out > 1]} left out"
    return f"{run.results_lost} lines lost" if run.results_lost else ""


def _failures(run: RunSnapshot) -> Iterator[Text]:
    """Yield failed and dropped arrivals over time, if there are any."""
    series = run.merged.series
    counts = [one.counts["failed"] + one.counts["dropped"] for one in series.intervals]
    length = max(len(counts), (run.ended - run.started) // series.width)
    if any(counts) and length > 1:
        text = sparkline([*counts, *[0] * (length - len(counts))], _CELLS)
        step = units.show_duration(series.width / SECOND)
        yield row("failures", f"{text}|", f"over time, at most {max(counts):,} in {step}", "red")


def finding_lines(run: RunSnapshot, width: int, most: int) -> Iterator[Text]:
    """Yield the findings, each in a sentence with its remedy, in at most so many lines or one."""
    found = [
        list(paragraph(finding, "!", "yellow", width))
        for finding in chain(slice_findings(run), bottlenecks(run))
    ]
    if not found:
        return
    ends = list(accumulate(map(len, found)))
    shown = max(1, bisect_right(ends, most))
    yield Text()
    yield from chain.from_iterable(found[:shown])
    left = len(found) - shown
    if left:
        text = f"And {left:,} more finding{'s'[: left > 1]}: -v shows all."
        yield from paragraph(text, "!", "yellow", width)

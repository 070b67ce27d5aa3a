"""The summary of a tracking run on the terminal: the verdict first, then the figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

from rich.text import Text

from ..text import escape, zoned
from ..units import show_duration, show_share
from ..verdicts.rows import change_rows, verdict_rows
from ..writing.rows import LABEL, heading, leader, paragraph, row
from .figures import Figures, Group, Sla, Spread
from .plan import TrackPlan
from .tracked import SECOND
from .verdict import judge_period

_STYLES = {"good": "bold green", "open": "bold yellow", "bad": "bold red", "empty": "bold"}
_SHOWN = (("p50", "median"), ("p95", "p95"), ("p99", "p99"), ("max", "max"))
_COLUMN = 11


def summary_rows(figures: Figures, plan: TrackPlan) -> Iterator[Text]:
    """Yield the lines, of at most 80 columns."""
    verdict = judge_period(figures)
    yield from heading("tracking", escape(figures.title))
    yield from paragraph(verdict.sentence, style=_STYLES[verdict.tone])
    yield from verdict_rows(figures.thresholds)
    for hint in figures.hints[1:]:  # the verdict has the first one
        yield Text()
        yield from paragraph(hint.sentence, "!", "yellow")
    yield Text()
    yield row("period", f"{_time(figures, figures.start)} to {_time(figures, figures.end)}")
    yield from _counts(figures)
    if figures.sla:
        yield _sla(figures.sla)
    yield from _transit(figures.transit)
    yield from _groups(figures)
    yield from change_rows(figures.baseline)
    yield from _files(plan)
    yield Text()


def _time(figures: Figures, micros: int) -> str:
    return zoned(micros * 1000, zone=figures.zone)


def _counts(figures: Figures) -> Iterator[Text]:
    counts = figures.counts
    yield row("transfers", f"{counts.transfers:,}")
    yield _count("passed", counts.passed, counts.decided, "")
    yield _count("failed", counts.failed, counts.decided, "red")
    yield _count("timeout", counts.timeout, counts.decided, "red")
    yield _count("in progress", counts.in_progress, 0, "yellow")
    yield _count("pending", counts.pending, 0, "yellow")
    sides = ""
    if counts.unpaired:
        ingress, egress = figures.unpaired_ingress.total, figures.unpaired_egress.total
        sides = f"{ingress:,} at ingress, {egress:,} at egress"
    yield row("unpaired", f"{counts.unpaired:,}", sides, "red" if counts.unpaired else "cyan")
    if figures.sent:
        missing, unexpected = figures.sent.missing.total, figures.sent.unexpected.total
        yield row("sent, accepted", f"{figures.sent.accepted:,}")
        yield _count("missing", missing, 0, "red")
        yield _count("unexpected", unexpected, 0, "yellow")


def _count(label: str, count: int, whole: int, alarm: str) -> Text:
    share = f"{show_share(count, whole):>7}" if whole else ""
    return row(label, f"{count:,}", share, alarm if alarm and count else "cyan")


def _sla(sla: Sla) -> Text:
    late = sla.due - sla.within
    value = f"{sla.within:,} of {sla.due:,} within {show_duration(sla.limit / SECOND)}"
    share = show_share(sla.within, sla.due) if sla.due else ""
    return row("sla", value, share, "yellow" if late else "cyan")


def _transit(spread: Optional[Spread]) -> Iterator[Text]:
    if spread is None:
        return
    yield Text()
    yield _heads("")
    yield _spread("transit", spread)


def _heads(first: str) -> Text:
    heads = "".join(f"{head:>{_COLUMN}}" for _, head in _SHOWN)
    return Text.assemble(f"    {first:<{LABEL}}", (heads, "dim"))


def _spread(label: str, spread: Optional[Spread]) -> Text:
    line = leader(label)
    for name, _ in _SHOWN:
        value = show_duration(getattr(spread, name) / SECOND) if spread else "–"
        line.append(f"{value:>{_COLUMN}}", "cyan")
    return line


def _groups(figures: Figures) -> Iterator[Text]:
    if not figures.groups:
        return
    yield Text()
    heads = ("transfers", "passed", "unpaired", "p95", "max")
    columns = "".join(f"{head:>{_COLUMN}}" for head in heads)
    yield Text.assemble(f"    {'group':<{LABEL}}", (columns, "dim"))
    yield from map(_group, figures.groups)


def _group(group: Group) -> Text:
    counts, spread = group.counts, group.transit
    times = [show_duration(time / SECOND) for time in (spread.p95, spread.max)] if spread else "––"
    share = show_share(counts.passed, counts.decided) if counts.decided else "–"
    line = leader(group.name)
    for value in (f"{counts.transfers:,}", share, f"{counts.unpaired:,}", *times):
        line.append(f"{value:>{_COLUMN}}", "cyan")
    return line


def _files(plan: TrackPlan) -> Iterator[Text]:
    named = {"report": plan.output, "csv": plan.csv, "summary": plan.summary, "junit": plan.junit}
    given = {label: path for label, path in named.items() if path}
    if given:
        yield Text()
    for label, path in given.items():
        yield row(label, escape(path))

"""The final snapshot of a run → one self-contained HTML page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from ... import __version__
from ...log import Masks
from ...report import frame
from ...report.formats import Formats, formats_for
from ...units import show_duration, show_rate, show_share
from ...verdicts.thresholds import Verdict
from ...verdicts.thresholds import show as show_found
from ..outputs.bottlenecks import lasting_bottlenecks
from ..outputs.slice_findings import OF_THOSE_WITH_RESULTS, state_of, twice_sentences
from ..outputs.verdict import JobVerdict, judge_run, judged
from ..stage_table import show_rate as show_pacer
from ..stage_table import show_senders
from ..stats.snapshot import TOTAL, RunSnapshot
from . import tables
from .histogram import histogram
from .over_time import charts
from .timeline import Timeline, timeline

_PAGE = Path(__file__).parent
_ON_TOP = 6  # thresholds beside the verdict; all are in a section of their own
_LINES = 2_000  # of the configuration


def render(run: RunSnapshot, configuration: str = "") -> str:
    """Return the page; `configuration` is the effective one, without secrets."""
    zone, zone_name = run.plan.zone
    line = timeline(run)
    shown = formats_for(zone, zone_name, run.started // 1000, max(run.ended // 1000, line.end))
    environment = frame.environment(
        _PAGE,
        shown=shown,
        zone=zone_name,
        zone_label=shown.zone_label,
        share=show_share,
        rate=lambda value: "–" if value is None else show_rate(value),
        seconds=lambda value: "–" if value is None else show_duration(value),
        micros=tables.micros,
        pacer=show_pacer,
        senders=show_senders,
        mask=Masks(run.plan.secrets),
        of_those_with_results=OF_THOSE_WITH_RESULTS,
        state_of=state_of,
        twice_sentences=twice_sentences,
    )
    verdicts = judged(run)
    return environment.get_template("report.html.j2").render(
        run=run,
        reading=run.reading,
        f=run.figures.total,
        title=f"Load run {run.plan.run}",
        version=__version__,
        logo=None,
        slice=run.slice,
        verdict=judge_run(run),
        verdicts=verdicts,
        on_top=[_named(one) for one in verdicts[:_ON_TOP]],
        show_found=show_found,
        configuration=_first_lines(configuration),
        **_tables(run, line),
        **_charts(run, line, shown),
        **_page(run, shown),
    )


def _named(one: JobVerdict) -> Verdict:
    """Return a verdict whose text begins with the job."""
    text = f"{one.job}: {one.verdict.threshold.text}" if one.job else one.verdict.threshold.text
    return one.verdict._replace(threshold=replace(one.verdict.threshold, text=text))


def _tables(run: RunSnapshot, line: Timeline) -> dict[str, Any]:
    return {
        "rows": tables.job_rows(run, line),
        "errors": list(tables.error_rows(run)),
        "codes": run.figures.total["codes"],
        "times": tables.time_rows(run),
        "stages": tables.stage_rows(run),
        "phases": tables.phase_rows(run),
        "changes": run.changes.get(TOTAL, ()),
        "job_changes": tables.change_rows(run),
        "limits": list(lasting_bottlenecks(run)),
    }


def _charts(run: RunSnapshot, line: Timeline, shown: Formats) -> dict[str, Any]:
    if not run.merged.scheduled:
        return {"over_time": [], "spread": None}
    return {
        "over_time": charts(run, line, shown),
        "spread": histogram(run.merged.response_time, shown),
    }


def _page(run: RunSnapshot, shown: Formats) -> dict[str, Any]:
    start, end = (utc // 1_000_000_000 * 1_000_000 for utc in (run.started, run.ended))
    period = f"{shown.moment(start)} – {shown.period_end(start, end)}"
    footer = f"{period} {shown.zone_name} · {shown.text(run.plan.run)}"  # its end is cut
    style = frame.style(*frame.STYLES, _PAGE / "load.css", frame.PRINT_STYLE, footer=footer)
    script = frame.script(_PAGE / "sort.js")
    policy = frame.policy(style, script)
    return {
        "start": start,
        "end": end,
        "style": style,
        "script": script,
        "policy": policy,
    }


def _first_lines(text: str) -> str:
    lines = text.splitlines()
    more = len(lines) - _LINES
    rest = [f"# and {more:,} lines more: see fthg --show-config"] if more > 0 else []
    return "\n".join([*lines[:_LINES], *rest])

"""Figures and transfers → one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, Optional

from .. import __version__
from ..report import frame, logo
from ..report.formats import Formats, formats_for
from ..report.time_axis import time_axis
from ..units import show_share
from ..verdicts.thresholds import show as show_found
from ..writing import replacing
from ..zones import transitions
from .figures import Figures
from .outcomes import RESULTS, Status
from .page import histogram, matrix, over_time, packing, service, stages, words
from .quality import KINDS
from .tracked import SECOND, Tracked
from .verdict import judge_period

PLAIN_ROWS = 1_000
"""The number of transfers that the page has as plain HTML."""

_FIRST, _LAST = 0, 4_102_444_800 * SECOND
"""From 1970 to 2100 the script knows the zone's changes; times beyond have the nearest offset."""

_PAGE = Path(__file__).parent / "page"
_SCRIPTS = [_PAGE / f"{name}.js" for name in ("rows", "filter", "export", "table")]


def write_report(figures: Figures, transfers: Iterable[Tracked], path: Path) -> None:
    """Write the page to `path`, readable by owner and group; an earlier one stays until it is done.

    `transfers` come in the order of the table: what did not pass first. Raises StartError where
    the logo or the path will not do.
    """
    image = logo.data_uri(figures.logo) if figures.logo else None
    with replacing(str(path)) as file:
        file.writelines(_render(figures, transfers, image))


def _render(figures: Figures, transfers: Iterable[Tracked], image: Optional[str]) -> Iterable[str]:
    source = iter(transfers)
    plain = list(islice(source, PLAIN_ROWS))
    packed = packing.pack(chain(plain, source), figures.start)
    shown = formats_for(
        figures.zone, figures.zone_name, figures.start, max(figures.end, figures.snapshot)
    )
    environment = frame.environment(
        _PAGE,
        shown=shown,
        zone=figures.zone_name,
        zone_label=shown.zone_label,
        share=show_share,
        found=show_found,
        labels=words.LABELS,
        whole=words.whole_second,
        step_height=service.HEIGHT,
    )
    return environment.get_template("report.html.j2").generate(
        f=figures,
        title=figures.title,
        version=__version__,
        verdict=judge_period(figures),
        note=partial(words.note_on, figures.hints),
        early=words.ended_early(figures),
        matrix=matrix.matrix(figures),
        spans=words.spans(figures.failure_spans),
        quality=KINDS,
        logo=image,
        **_page(figures, shown),
        **_charts(figures, shown),
        **_table(figures, plain, packed),
    )


def _page(figures: Figures, shown: Formats) -> dict[str, Any]:
    period = f"{shown.moment(figures.start)} – {shown.period_end(figures.start, figures.end)}"
    footer = f"{period} {figures.zone_name} · {shown.text(figures.title)}"  # its end is cut
    style = frame.style(*frame.STYLES, _PAGE / "track.css", frame.PRINT_STYLE, footer=footer)
    script = frame.script(frame.FORMATS_SCRIPT, *_SCRIPTS)
    policy = frame.policy(style, script)
    return {"period": period, "style": style, "script": script, "policy": policy}


def _charts(figures: Figures, shown: Formats) -> dict[str, Any]:
    sla = figures.sla
    known: dict[str, Any] = {
        "charts": [],
        "split": None,
        "service": sla and service.service_level(sla),
        "service_axis": None,
    }
    if sla and sla.steps:
        known["service_axis"] = time_axis(sla.steps[0].start, sla.steps[-1].end, 9, figures.zone, 0)
    if figures.counts.transfers and figures.timeline.buckets:
        plots = (
            over_time.volume(figures, shown),
            over_time.percentiles(figures, shown),
            histogram.histogram(figures, shown),
            over_time.in_flight(figures, shown),
        )
        known["charts"] = [plot for plot in plots if plot]
        known["split"] = stages.stage_split(figures.stages, shown)
    return known


def _table(figures: Figures, plain: list[Tracked], packed: packing.Packed) -> dict[str, Any]:
    return {
        "plain": plain,
        "packed": packed,
        "results": RESULTS,
        "labelled": [(result, words.LABELS[result]) for result in RESULTS],
        "statuses": [(status.name, matrix.status_label(status)) for status in Status],
        "names": [(group.name, group.name) for group in figures.groups],
        "patterns": {group.name: group.patterns for group in figures.groups},
        "offsets": transitions(figures.zone, max(packed.first, _FIRST), min(packed.last, _LAST)),
    }

"""Figures and transfers → one self-contained HTML page."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from itertools import chain, islice
from pathlib import Path
from typing import Any, Optional

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .. import __version__
from ..report import charts, logo
from ..report.formats import Formats, formats_for
from ..units import show_share
from ..writing import replacing
from .figures import Figures
from .outcomes import RESULTS
from .page import histogram, matrix, over_time, packing, service_level, stages, words
from .quality import KINDS
from .tracked import Tracked
from .verdict import judge_period

PLAIN_ROWS = 1_000
"""The number of transfers that the page has as plain HTML."""

_PAGE = Path(__file__).parent / "page"
_FRAME = Path(charts.__file__).parent


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
    style, script = _asset(_FRAME / "page.css"), _asset(_PAGE / "page.js")
    return (
        _environment(shown)
        .get_template("report.html.j2")
        .generate(
            f=figures,
            version=__version__,
            verdict=judge_period(figures),
            matrix=matrix.matrix(figures),
            plain=plain,
            packed=packed,
            logo=image,
            style=style,
            script=script,
            policy=_policy(style, script),
            **_charts(figures, shown),
        )
    )


def _charts(figures: Figures, shown: Formats) -> dict[str, Any]:
    if not figures.counts.transfers or not figures.timeline.buckets:
        return {"overview": None, "plots": [], "split": None, "by_step": None}
    plots = (
        over_time.percentiles(figures, shown),
        histogram.histogram(figures, shown),
        over_time.in_flight(figures, shown),
    )
    return {
        "overview": over_time.volume(figures, shown),
        "plots": [plot for plot in plots if plot],
        "split": stages.stage_split(figures.stages, shown),
        "by_step": service_level.service_level(figures, shown),
    }


def _environment(shown: Formats) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([str(_PAGE), str(_FRAME)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        shown=shown,
        share=show_share,
        labels=words.LABELS,
        results=RESULTS,
        quality=KINDS,
        height=charts.HEIGHT,
    )
    return environment


def _asset(path: Path) -> Markup:
    """Return our style or script, which must not be escaped."""
    return Markup(path.read_text("utf-8"))  # noqa: S704


def _policy(style: str, script: str) -> str:
    """Return a policy (CSP level 2) that loads nothing and allows only this style and script."""
    return (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"

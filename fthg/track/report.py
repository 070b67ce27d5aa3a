"""Figures and transfers → one self-contained HTML page, written beside its place, then renamed."""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from typing import Any, Optional

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from fthg import __version__
from fthg.errors import StartError
from fthg.track import figures as nouns
from fthg.track.figures import Figures, Tracked
from fthg.track.page import charts, columns, logo, matrix, shown, words
from fthg.units import show_share

PLAIN_ROWS = 1_000
"""How many transfers stand in the page as plain HTML."""

_PAGE = Path(__file__).parent / "page"


def write_report(figures: Figures, transfers: Iterable[Tracked], path: Path) -> None:
    """Write the page to `path`, readable by owner and group; an earlier one stays until it is done.

    `transfers` come in the order of the table: what did not pass first. Raises StartError where
    the logo or the path will not do.
    """
    image = logo.data_uri(figures.logo) if figures.logo else None
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:200]}.")
        try:
            with open(descriptor, "w", encoding="utf-8") as file:
                file.writelines(_render(figures, transfers, image))
                os.fchmod(file.fileno(), 0o640)
            os.replace(name, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise
    except OSError as error:
        raise StartError(f"report {path} cannot be written: {error.strerror or error}") from error


def _render(figures: Figures, transfers: Iterable[Tracked], image: Optional[str]) -> Iterable[str]:
    source = iter(transfers)
    plain = list(islice(source, PLAIN_ROWS))
    packed = columns.pack(chain(plain, source), figures.start)
    style, script = _asset("page.css"), _asset("page.js")
    return (
        _environment()
        .get_template("report.html.j2")
        .generate(
            f=figures,
            version=__version__,
            verdict=words.verdict(figures),
            matrix=matrix.matrix(figures),
            plain=plain,
            packed=packed,
            logo=image,
            style=style,
            script=script,
            policy=_policy(style, script),
            **_charts(figures),
        )
    )


def _charts(figures: Figures) -> dict[str, Any]:
    split = charts.stage_split(figures.stages)
    if not figures.counts.transfers or not figures.timeline.buckets:
        return {"overview": None, "plots": [], "split": split}
    plots = (charts.percentiles(figures), charts.histogram(figures), charts.in_flight(figures))
    return {
        "overview": charts.volume(figures),
        "plots": [plot for plot in plots if plot],
        "split": split,
    }


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(str(_PAGE)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        shown=shown,
        share=show_share,
        labels=words.LABELS,
        results=nouns.RESULTS,
        statuses=nouns.STATUSES,
        quality=nouns.QUALITY,
        height=charts.HEIGHT,
    )
    return environment


def _asset(name: str) -> Markup:
    """The style or the script, which are ours and must not be escaped."""
    return Markup((_PAGE / name).read_text("utf-8"))  # noqa: S704


def _policy(style: str, script: str) -> str:
    """Nothing may be loaded, and nothing may run or style but these two texts (CSP level 2)."""
    return (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"

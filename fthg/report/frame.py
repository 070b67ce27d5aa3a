"""The frame of the HTML reports: one file that works offline and runs no script but its own."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from . import charts, comparison

FOLDER = Path(__file__).parent
STYLES = tuple(FOLDER / name for name in ("page.css", "parts.css", "charts.css"))
PRINT_STYLE = FOLDER / "print.css"
FORMATS_SCRIPT = FOLDER / "formats.js"

LISTED = 20
"""The number of rows that a list shows before "show all"; on paper it shows no more."""

_LONGEST_FOOTER = 90


class _Compiled(BytecodeCache):
    """The templates that this process has compiled, which takes longer than a small report."""

    def __init__(self) -> None:
        self._codes: dict[str, Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template its code, if it has been compiled."""
        bucket.code = self._codes.get(bucket.key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template."""
        self._codes[bucket.key] = bucket.code


_compiled = _Compiled()


def environment(folder: Path, **names: Any) -> Environment:
    """Return the environment of the templates in a folder and of those that all reports share."""
    made = Environment(
        loader=FileSystemLoader([str(folder), str(FOLDER)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_compiled,
    )
    made.globals.update(
        height=charts.HEIGHT,
        listed=LISTED,
        value=comparison.show_value,
        change=comparison.show_change,
        **names,
    )
    return made


def style(*paths: Path, footer: str) -> Markup:
    """Return style sheets as one, which must not be escaped; paper has `footer` on each page."""
    cut = footer if len(footer) <= _LONGEST_FOOTER else footer[: _LONGEST_FOOTER - 1] + "…"
    return _ours([*paths], f"@page {{ @bottom-left {{ content: {css_text(cut)}; }} }}\n")


def script(*paths: Path) -> Markup:
    """Return scripts as the body of one function, which must not be escaped."""
    return Markup('"use strict";\n(async () => {{\n{}}})();\n').format(_ours([*paths]))


def _ours(paths: list[Path], end: str = "") -> Markup:
    return Markup("".join(path.read_text("utf-8") for path in paths) + end)  # noqa: S704


def css_text(text: str) -> str:
    """Return a CSS string in which all but ASCII letters and digits is escaped."""
    return (
        '"' + "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):06x}" for c in text) + '"'
    )


def policy(style: str, script: str) -> str:
    """Return a policy (CSP level 2) that loads nothing and allows only this style and script."""
    return (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"

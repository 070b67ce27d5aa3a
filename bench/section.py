"""Tables with a section of their own, and the options of the benchmarks that print one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from . import report

_RESULTS = Path(__file__).with_name("RESULTS.md")


class Section(NamedTuple):
    """A section of RESULTS.md: its title, how it was measured, and a table."""

    title: str
    how: str
    heads: Sequence[str]
    rows: Sequence[report.Row]

    def text(self, busy: float = 0.0) -> str:
        """Return it as Markdown, with the load of the machine by others if that is high."""
        head = [self.title, "", self.how, *report.busy_line(busy), ""]
        return "\n".join([*head, *report.table(self.heads, self.rows), ""])


def add_sets(parser: argparse.ArgumentParser) -> None:
    """Add the option that names dependency sets; see `sets_of`."""
    parser.add_argument(
        "--fthg",
        action="append",
        type=lambda text: tuple(text.split("=", 1)),
        help="NAME=PYTHON of a dependency set; repeatable",
    )


def sets_of(options: argparse.Namespace) -> dict[str, str]:
    """Return the Python of each dependency set by its name; the running one if none is named."""
    return dict(options.fthg or [("fthg", sys.executable)])


def parser_of(name: str, description: str, size: str) -> argparse.ArgumentParser:
    """Return the parser of a benchmark of several sizes, of which a million is the default."""
    parser = argparse.ArgumentParser(prog=f"bench.{name}", description=description)
    parser.add_argument(size, nargs="*", type=int, default=[1_000_000])
    parser.add_argument("--write", action="store_true", help="write the table to RESULTS.md")
    add_sets(parser)
    return parser


def publish(section: Section, busy: float, *, write: bool) -> None:
    """Print a section; write it if that is wanted."""
    text = section.text(busy)
    sys.stdout.write(text)
    if write:
        _RESULTS.write_text(report.with_section(_RESULTS.read_text(), text))

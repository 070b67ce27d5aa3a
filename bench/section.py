"""Options and output of the benchmarks with a section of their own in RESULTS.md."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from . import report

_RESULTS = Path(__file__).with_name("RESULTS.md")


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


def publish(
    title: str,
    how: str,
    busy: float,
    heads: Iterable[str],
    rows: Iterable[report.Row],
    *,
    write: bool,
) -> None:
    """Print a section: its title, how it was measured, and a table; write it if that is wanted."""
    head = [title, "", how, *report.busy_line(busy), ""]
    section = "\n".join([*head, *report.table(tuple(heads), list(rows)), ""])
    sys.stdout.write(section)
    if write:
        _RESULTS.write_text(report.with_section(_RESULTS.read_text(), section))

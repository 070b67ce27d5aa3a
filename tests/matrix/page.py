"""Writes the tables of docs/servers.md from the cells: python -m tests.matrix.page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from .algorithms import ALGORITHMS
from .cell import THROUGH, Cell
from .logins import ACCEPTED, CREDENTIALS, LOGINS
from .ways import DIRECT, JUMP, PROXIES, TARGETS, WAYS
from .web import REQUESTS, TAKEN, WEB

PAGE = Path(__file__).parents[2] / "docs/servers.md"

_TABLE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_YES = "✓"


def filled(page: str) -> str:
    """Return the page with each table between its marks as the cells have it now."""
    return _TABLE.sub(lambda match: f"{match[1]}{TABLES[match[2]]}\n{match[3]}", page)


def grid(title: str, cells: Iterable[Cell], servers: Sequence[str], traits: Sequence[str]) -> str:
    """Return a table with a row for each trait and a column for each server."""
    by_place = {(cell.server, cell.trait): summary(cell) for cell in cells}
    rows = [[trait, *(by_place.get((server, trait), "") for server in servers)] for trait in traits]
    return _table([title, *servers], rows)


def listing(title: str, cells: Iterable[Cell], tool: str) -> str:
    """Return a table with a row for each cell, and what each program does."""
    heads = [title, "the only one", f"`{tool}`", "fthg, newest", "fthg, RHEL 9", "the job needs"]
    rows, before = [], ""
    for cell in cells:
        outcomes = map(_outcome, (cell.tool, cell.newest, cell.el9))
        server, before = cell.server if cell.server != before else "", cell.server
        rows.append([server, f"`{cell.trait}`", *outcomes, _keys(cell.needs)])
    return _table(heads, rows)


def summary(cell: Cell) -> str:
    """Return what all programs do in one cell."""
    programs = {"newest": cell.newest, "RHEL 9": cell.el9, "tool": cell.tool}
    failing = [f"{name}: {_outcome(reason)}" for name, reason in programs.items() if reason]
    return "; ".join(failing) or _YES


def _outcome(reason: str) -> str:
    return _YES if reason == THROUGH else f"no: {reason}"


def _keys(needs: Mapping[str, object]) -> str:
    return ", ".join(f"`{key}: {_yaml(value)}`" for key, value in needs.items())


def _yaml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_yaml(held)}" for key, held in value.items()) + "}"
    return "[" + ", ".join(value) + "]" if isinstance(value, list) else str(value)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


TABLES = {
    "logins": grid("login", LOGINS, list(ACCEPTED), CREDENTIALS),
    "algorithms": listing("use", ALGORITHMS, "sftp"),
    "requests": grid("request", WEB, list(TAKEN), REQUESTS),
    "ways": grid("way", WAYS, TARGETS, [DIRECT, JUMP, *PROXIES]),
}
"""Name of a table in the page → its text."""


def main() -> None:
    """Write the page again."""
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()

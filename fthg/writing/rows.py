"""The rows of a summary on the terminal: headings, lines and the labels of tables."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Optional

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from ..text import escape

WIDTH = 80
"""The width of what is no terminal."""

_WIDEST = 100  # a line of running text

_ASCII = str.maketrans("█✓✗–×µ…▁▂▃▄▅▆▇", "#+x-xu..:-=+*#")

LABEL = 18
VALUE = 11
COLUMN = 8
"""Widths in characters."""


def width_of(console: Console) -> int:
    """Return the width of a terminal in cells; what is no terminal has at least WIDTH."""
    return console.width if console.is_terminal else max(WIDTH, console.width)


def cut_middle(text: str, room: int, tail: Optional[int] = None) -> str:
    """Return a text of at most so many cells: a longer one lacks its middle.

    `tail` cells of it are its end; half of them if that is not given.
    """
    if cell_len(text) <= room:
        return text
    most = (room - 1) // 2 if tail is None else tail
    end = text[len(text) - most :] if most else ""
    while cell_len(end) > most:
        end = end[1:]
    return f"{set_cell_size(text, room - 1 - cell_len(end))}…{end}"


def cut_names(names: Sequence[str], room: int) -> Sequence[str]:
    """Return different names as texts of at most so many cells that differ, too, if they can.

    All are cut at the same place: in the middle, or as near to it as makes them differ.
    """
    middle = (room - 1) // 2
    for tail in sorted(range(room), key=lambda tail: abs(tail - middle)):
        cut = [cut_middle(name, room, tail) for name in names]
        if len(set(cut)) == len(set(names)):
            return cut
    return [cut_middle(name, room) for name in names]


def heading(name: str, description: str) -> Iterator[Text]:
    """Yield the heading of a block."""
    yield Text()
    yield Text.assemble("  ", ("█ ", "bold"), (escape(name), "bold"), "  ", (description, "dim"))
    yield Text()


def row(label: str, value: str, note: str = "", style: str = "cyan", indent: int = 0) -> Text:
    """Return a line: label, value, and a dim note."""
    name = " " * indent + escape(label)
    line = Text.assemble("    ", name, ("." * (LABEL - 1 - len(name)) + ": ", "dim"))
    line.append(f"{value:<{VALUE}} " if note else value, style)
    return line.append(escape(note), "dim")


def list_rows(label: str, items: Iterable[str], width: int = WIDTH) -> Iterator[Text]:
    """Yield a line with items between commas, and lines below it that fit the width."""
    line = ""
    for item in items:
        if line and len(line) + len(item) + 3 > width - LABEL - 5:
            yield row(label, f"{line},") if label else _below(f"{line},")
            line, label = "", ""
        line = f"{line}, {item}" if line else item
    if line:
        yield row(label, line) if label else _below(line)


def _below(text: str, style: str = "cyan") -> Text:
    return Text.assemble(" " * (4 + LABEL + 1), (text, style))


def leader(label: str, width: int = LABEL) -> Text:
    """Return a label with dots up to the first column of a table."""
    name = Text(cut_middle(escape(label), width - 2))
    return Text.assemble("    ", name, ("." * (width - 1 - name.cell_len) + ":", "dim"))


def paragraph(text: str, sign: str = "", style: str = "", width: int = WIDTH) -> Iterator[Text]:
    """Yield a text from outside as lines that fit the width, the first one after a sign."""
    start = f"  {sign} " if sign else "    "
    for line in textwrap.wrap(escape(text), max(1, min(width, _WIDEST) - len(start))):
        yield Text(f"{start}{line}", style)
        start = " " * len(start)


def print_rows(lines: Iterable[Text], console: Console) -> None:
    """Print all lines in one piece.

    Nothing is wrapped, and nothing from outside can drive the terminal.
    """
    width = width_of(console)
    unicode = console.encoding.lower().startswith("utf")
    with console:
        for line in lines:
            line.truncate(width, overflow="ellipsis")
            if not unicode:
                line.plain = line.plain.translate(_ASCII)
            console.print(line, soft_wrap=True)

"""The rows of the summary on the terminal: headings, lines and the labels of tables."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from ...text import escape

LABEL = 18
VALUE = 11
COLUMN = 8
"""Widths in characters."""


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


def leader(label: str) -> Text:
    """Return a label with dots up to the first column of a table."""
    shown = escape(label)
    if len(shown) > LABEL - 2:
        shown = f"{shown[: LABEL - 3]}…"
    return Text.assemble("    ", shown, ("." * (LABEL - 1 - len(shown)) + ":", "dim"))

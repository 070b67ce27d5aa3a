"""The table of an `each`: the rows of a CSV file, or of a list of mappings in the configuration."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import voluptuous as vol

from . import values
from .problem import Problem
from .tree import Cell, Items, Origin, Section, Text

MAX_ROWS = 10_000
_MAX_SIZE = 10 * 1024 * 1024  # characters

Row = Sequence[Cell]


class Table(NamedTuple):
    """The rows that are right; `path` is empty for a list in the configuration."""

    path: str
    rows: Sequence[Row]


class TableError(Exception):
    """A table, or a row of it, that cannot be used."""

    def __init__(self, origin: Origin, reason: str) -> None:
        super().__init__(reason)
        self.origin = origin
        self.reason = reason


def read_table(each: Any, problems: list[Problem], place: Problem) -> Table:
    """Return the table that the value of `each` names or holds, and add what is wrong with it.

    `place` is where the configuration has it.
    """
    path, rows = "", list[Row]()
    try:
        if isinstance(each, Items):
            found = _listed(each)
        elif isinstance(each, Text) and each.strip():
            path = values.input_path(each)
            found = _csv(path)
        else:
            reason = "must be the path of a CSV file, or a list of mappings"
            raise TableError(place.origin, reason)
        for row in found:
            if isinstance(row, TableError):
                problems.append(_problem(row, place))
            else:
                rows.append(row)
        if not rows and not problems:
            raise TableError(Origin(path, 1) if path else place.origin, "the table has no rows")
    except TableError as error:
        problems.append(_problem(error, place))
    return Table(path, rows)


def _problem(error: TableError, place: Problem) -> Problem:
    if error.origin.source == place.origin.source:
        return place._replace(origin=error.origin, reason=error.reason)
    return Problem(error.origin, (), f"{error.reason} ({'.'.join(place.path)} in {place.origin})")


def _listed(items: Items) -> Iterator[Any]:
    if len(items) > MAX_ROWS:
        raise TableError(items.origin, f"more than {MAX_ROWS:,} rows")
    for item in items:
        if isinstance(item, Section):
            yield _mapped(item)
        else:
            origin = getattr(item, "origin", items.origin)
            yield TableError(origin, "a row must be a mapping of columns and texts")


def _mapped(item: Section) -> Any:
    cells = []
    for column, value in item.items():
        try:
            text = "" if value is None else values.text(value)
        except vol.Invalid as error:
            return TableError(value.origin, f"column {column}: {error}")
        origin = column.origin if value is None else value.origin
        cells.append(Cell(origin.source, origin.line or 0, str(column), text))
    return cells


def _csv(path: str) -> Iterator[Any]:
    lines = csv.reader(io.StringIO(_content(path), newline=""), strict=True)
    columns: Sequence[str] = ()
    line, count = 1, 0
    try:
        for texts in lines:
            origin, line = Origin(path, line), lines.line_num + 1
            if not any(text.strip() for text in texts[:1]) and len(texts) < 2:
                continue  # a blank line
            if not columns:
                columns = _header([text.strip() for text in texts], origin)
                continue
            count += 1
            if count > MAX_ROWS:
                raise TableError(origin, f"more than {MAX_ROWS:,} rows")
            yield _row(columns, texts, origin)
    except csv.Error as error:
        raise TableError(Origin(path, lines.line_num), f"not CSV: {error}") from None
    if not columns:
        raise TableError(Origin(path, 1), "no header; its first line must name the columns")


def _header(columns: Sequence[str], origin: Origin) -> Sequence[str]:
    for number, column in enumerate(columns):
        if not column:
            raise TableError(origin, f"column {number + 1} has no name")
        if column in columns[:number]:
            raise TableError(origin, f"column {column}: given twice")
    return columns


def _row(columns: Sequence[str], texts: Sequence[str], origin: Origin) -> Any:
    if len(texts) != len(columns):
        reason = f"the row has {len(texts)} cells, and the header {len(columns)} columns"
        return TableError(origin, reason)
    line = origin.line or 0
    return [Cell(origin.source, line, column, text) for column, text in zip(columns, texts)]


def _content(path: str) -> str:
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            text = file.read(_MAX_SIZE + 1)
    except OSError as error:
        raise TableError(Origin(path), f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise TableError(Origin(path), f"not UTF-8 text (byte {error.start})") from None
    except ValueError as error:  # a path with a null character
        raise TableError(Origin(path), f"cannot be read: {error}") from None
    if len(text) > _MAX_SIZE:
        raise TableError(Origin(path), "larger than 10 MiB; is this a table?")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise TableError(Origin(path, line), "has a null character")
    return text

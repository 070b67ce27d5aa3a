"""The moments that a file names: a column of a CSV, or of the results of a run."""

from __future__ import annotations

import csv
import heapq
import operator
import os
from array import array
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import BinaryIO, Optional

import voluptuous as vol

from ...results import fields
from ...results.read import is_no_result, read_lines
from ...results.strict import LONGEST, parse_moment
from ...text import did_you_mean
from .instants import instant

_OF_RESULTS = (fields.DUE, fields.START, fields.END)
_SEPARATORS = ",;\t"
_NAMED = 30
"""Columns that are named where the one is missing: the first ones."""

_SORTED_AT_ONCE = 65_536
"""A list of numbers takes five times the space of an array of them."""


def read_moments(path: str, column: Optional[str]) -> array[int]:
    """Return the moments of a file in order, in nanoseconds since 1970; there is one at least.

    Raises Invalid with the key that is wrong.
    """
    try:
        state = os.stat(path)
        version = state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns
        return _read(path, column, version)
    except OSError as error:
        raise vol.Invalid(f"{path} cannot be read: {error.strerror}", ["replay"]) from None


@lru_cache(maxsize=16)
def _read(
    path: str,
    column: Optional[str],
    version: tuple[int, ...],  # noqa: ARG001 - one of the arguments that the result is kept for
) -> array[int]:
    """Read a file, but once while it stays as it is: many jobs may replay it."""
    with open(path, "rb") as file:
        lines = _Lines(file)
        try:
            found = in_order(array("q", _moments(lines, column)))
        except (ValueError, OverflowError, csv.Error) as error:
            reason = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error
            raise vol.Invalid(f"{path}:{lines.number}: {reason}", ["replay"]) from None
        except vol.Invalid as error:
            raise vol.Invalid(f"{path}:{lines.number}: {error.error_message}", error.path) from None
    if not found:
        reason = "there is no moment in it" if lines.number else "it is empty"
        raise vol.Invalid(f"{path}: {reason}", ["replay"])
    return found


class _Lines:
    """The lines of a file, and the number of the last one that was read."""

    def __init__(self, file: BinaryIO) -> None:
        self.number = 0
        self._lines = read_lines(file)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        line, size = next(self._lines)
        self.number += 1
        if size > LONGEST:
            raise ValueError(f"it is longer than {LONGEST:,} bytes")
        return line


def _moments(lines: _Lines, column: Optional[str]) -> Iterator[int]:
    first = next((line for line in lines if line.strip()), b"")
    if first.lstrip().startswith(b"{"):
        return _of_results(lines, first, column or fields.DUE)
    return _of_csv(lines, first.decode("utf-8-sig"), column) if first else iter(())


def _of_results(lines: _Lines, first: bytes, column: str) -> Iterator[int]:
    if column not in _OF_RESULTS:
        raise _no_column(column, _OF_RESULTS)
    for line in chain([first], lines):
        try:
            moment = parse_moment(line, column)
        except ValueError:
            if not is_no_result(line):
                raise
        else:
            if moment is not None:
                yield moment


def _of_csv(lines: _Lines, first: str, column: Optional[str]) -> Iterator[int]:
    separator = max(_SEPARATORS, key=first.count)
    rows = csv.reader(chain([first], map(bytes.decode, lines)), delimiter=separator, strict=True)
    names = [name.strip() for name in next(rows)]
    if (column or fields.DUE) not in names:
        raise _no_column(column, names)
    at = names.index(column or fields.DUE)
    for row in rows:
        if len(row) > at:
            if text := row[at].strip():
                yield instant(text)
        elif any(row):
            raise ValueError(f"it ends before the column {names[at]}")


def _no_column(column: Optional[str], names: Sequence[str]) -> vol.Invalid:
    there = names[:_NAMED]
    if column is None:
        reason = f"name the column of the moments; there are {', '.join(there)}"
    else:
        reason = f"there is no column {column!r}{did_you_mean(column, there)}"
    return vol.Invalid(reason, ["column"])


def in_order(moments: array[int]) -> array[int]:
    """Return the moments sorted, in little more space than they take."""
    if all(map(operator.le, moments, islice(moments, 1, None))):
        return moments
    parts = [
        array("q", sorted(moments[start : start + _SORTED_AT_ONCE]))
        for start in range(0, len(moments), _SORTED_AT_ONCE)
    ]
    return array("q", heapq.merge(*parts))

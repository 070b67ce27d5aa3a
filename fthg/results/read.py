"""Results files: bytes → lines → results, whatever the bytes are (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Optional

from .quick import quick
from .recorded import Recorded
from .strict import LONGEST, parse_standstill, parse_strictly, read_object

NAMED = 10
"""Lines that are not results are named one by one, up to this number."""


@dataclass
class Skipped:
    """The lines of a results file that are not results."""

    lines: int = 0
    reasons: list[tuple[int, str]] = field(default_factory=list)  # of the first: number, reason
    tail: Optional[tuple[int, int]] = None  # a last line that was cut off: its number, its bytes

    def add(self, number: int, reason: str) -> None:
        """Count a line, and name it if it is one of the first."""
        self.lines += 1
        if len(self.reasons) < NAMED:
            self.reasons.append((number, reason))


def read_results(file: BinaryIO, skipped: Skipped) -> Iterator[Recorded]:
    """Yield every whole line that is a result, in bounded memory; `skipped` counts the others.

    A last line without a line end was cut off as by a kill, unless only its line end is missing.
    """
    return results_in(read_lines(file), skipped)


def results_in(
    lines: Iterable[tuple[bytes, int]], skipped: Skipped, first: int = 1
) -> Iterator[Recorded]:
    """Yield the results of lines with their sizes, numbered from `first`; see `read_results`."""
    for number, (line, size) in enumerate(lines, first):
        try:
            found = parse_line(line)
        except ValueError as error:
            if is_no_result(line):
                continue
            if not line.endswith(b"\n") and size <= LONGEST and not is_whole(line):
                skipped.tail = number, size
            else:
                skipped.add(number, str(error))
        else:
            yield found


def is_no_result(line: bytes) -> bool:
    """Return True for a line that rightly is no result: it is blank, or of a standstill."""
    return not line.strip() or parse_standstill(line) is not None


def read_lines(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Yield each line and its size; only the first bytes of one that is longer than LONGEST."""
    while line := file.readline(LONGEST + 1):
        size, more = len(line), line
        while len(more) > LONGEST and not more.endswith(b"\n"):
            more = file.readline(LONGEST + 1)
            size += len(more)
        yield line, size


def is_whole(line: bytes) -> bool:
    """Return True if a line is a JSON object to its end, whether a line end follows or not."""
    try:
        read_object(line)
    except ValueError:
        return False
    return True


def parse_line(line: bytes) -> Recorded:
    """Return the result of a line; ValueError names what is wrong with the line."""
    return (quick(line) if len(line) <= LONGEST else None) or parse_strictly(line)

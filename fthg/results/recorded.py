"""Records in the lines of a results file: results and standstills."""

from __future__ import annotations

from typing import NamedTuple

from ..standstill import Slices, Standstill
from ..transfer import Result


class Recorded(NamedTuple):
    """A result as it was written down: its moments are UTC, nanoseconds since 1970."""

    run: str
    result: Result
    slice: str = ""  # of the machine that sent it, as in 3/10; empty: of a whole run


class RecordedStandstill(NamedTuple):
    """A standstill as it was written down: its start is UTC, nanoseconds since 1970."""

    run: str
    standstill: Standstill
    slices: Slices  # of the worker that stood still; empty: there was one process
    slice: str = ""  # of the machine; empty: there was one

    def explains(self, result: Result, slice_: str = "") -> bool:
        """Return True if a transfer of the run, sent by a slice of it, fell into it."""
        if result.start is None or result.end is None or slice_ != self.slice:
            return False
        part, of = self.slices.get(result.job, (0, 0) if self.slices else (0, 1))
        mine = of > 0 and result.seq % of == part
        return mine and self.standstill.overlaps(result.start, result.end)

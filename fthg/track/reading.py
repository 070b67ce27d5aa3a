"""A side's database, read in a process of its own: the two sides use a core each."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import Any

from ..clock import run_loop_once
from ..errors import DatabaseError
from ..processes.companion import Companion, CompanionLostError
from .rows import Database, Outside, RawRow
from .side import Side
from .uuids import Key

_ASKED = 3000
"""UUIDs that are asked for in one call."""


class Reader:
    """The table of one side: a `Database` in a process of its own, with the same methods.

    Every method raises DatabaseError, also if that process is lost.
    """

    def __init__(self, side: Side, others: Sequence[Companion] = ()) -> None:
        self.side = side
        self.unindexed: tuple[str, ...] = ()
        """The UUID and start columns that no index begins with, once it has connected."""
        self.companion = Companion(lambda: _PlainRows(side), others)

    def begin(self) -> None:
        """Start one consistent view: all that is read until `end` is of one moment."""
        self.unindexed = tuple(self._call("start"))

    def end(self) -> None:
        """End the view; the next one contains the changes since."""
        for _ in self._call("end"):
            pass

    def between(self, start: int, end: int) -> Generator[list[RawRow], None, None]:
        """Yield the rows that start in [start, end), in chunks."""
        return self._call("between", start, end)

    def having(self, keys: Iterable[Key]) -> Generator[tuple[list[Key], list[RawRow]], None, None]:
        """Yield some of the keys with all their rows of any time, until all keys are done."""
        wanted = iter(keys)
        while asked := list(islice(wanted, _ASKED)):
            yield from self._call("having", asked)

    def outside(self, start: int, end: int, margin: int) -> list[Outside]:
        """Return rows that belong to no transfer of the period, but that people should know of."""
        return list(self._call("outside", start, end, margin))

    def close(self) -> None:
        """Close the connection, if there is one, and end the process."""
        self.companion.close()

    def _call(self, method: str, *arguments: object) -> Generator[Any, None, None]:
        try:
            with closing(self.companion.call(method, *arguments)) as answers:
                for answer in answers:
                    yield answer
                    run_loop_once()  # while answers are there already, receiving one does not wait
        except CompanionLostError as error:
            raise DatabaseError(
                f"{self.side}: the process that reads it is lost: {error}"
            ) from None


class _PlainRows(Database):
    """A database whose rows are plain tuples: they are packed and unpacked much faster."""

    def start(self) -> Sequence[str]:
        """Begin, and return the columns that are searched without an index."""
        self.begin()
        return self.unindexed

    def between(self, start: int, end: int) -> Iterator[list[Any]]:
        """Yield the rows that start in [start, end), in chunks."""
        for rows in super().between(start, end):
            yield list(map(tuple, rows))

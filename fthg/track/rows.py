"""Reads the rows of one database: streamed, in read-only transactions, times in microseconds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from operator import or_
from typing import Any, NamedTuple, Optional

from ..log import Log
from .session import Session
from .side import Side
from .table import Table, read_table
from .uuids import Key, key_of, spellings

_INDEXED = 900
"""Spellings asked for in one query by an index: from 1,000 on MariaDB turns an IN into a join."""
_SCANNED = 20_000
"""Spellings asked for in one scan of the table: the scan takes most of the time, not they."""
_PART = 10_000
"""Rows of a table without transactions that are read at once, while its writers wait."""
_FEW = 5_000_000
"""Rows of a table in whose index duplicates are found faster than by asking for each UUID."""
_MOST_TWICE = 10_000
"""UUIDs found in that index, from which on asking is faster again."""
_SHOWN = 100
"""Rows outside that are listed; the others are counted."""

_log = Log(__name__)


class RawRow(NamedTuple):
    """One row in the form that the ledger stores; times in microseconds since 1970 UTC."""

    key: Optional[Key]
    filename: Optional[str]
    start: Optional[int]
    end: Optional[int]
    status: Optional[str]
    doubt: int = 0  # of its times: bits of wall_clock


class Outside(NamedTuple):
    """Rows that belong to no transfer of the period, but that people should know of."""

    kind: str  # of quality.OUTSIDE
    total: int
    first: list[RawRow]


class Database:
    """The table of one side; connects at the first poll and stays connected.

    Every method raises DatabaseError, which names the side and the server's error.
    """

    def __init__(self, side: Side) -> None:
        self.side = side
        self._session = Session(side)
        self._known: Optional[Table] = None

    @property
    def unindexed(self) -> tuple[str, ...]:
        """Return the UUID and start columns that no index begins with, once it has connected."""
        indexes = self._table.indexes
        uuid, _, start, _, _ = self.side.columns
        named = ((uuid.name, indexes.uuid), (start.name, indexes.start))
        return tuple(name for name, indexed in named if not indexed)

    def begin(self) -> None:
        """Start one consistent view: all that is read until `end` is of one moment."""
        if self._session.begin():
            self._known = read_table(self._session, self.side)
            self._log_engine()

    def end(self) -> None:
        """End the view; the next one contains the changes since."""
        self._session.end()

    def between(self, start: int, end: int) -> Iterator[list[RawRow]]:
        """Yield the rows that start in [start, end), in chunks."""
        for condition in self._parts(start, end, whole=self._table.engine.transactional):
            for rows in self._rows(f"FROM {self._table.name} WHERE {condition}"):
                yield [row for row in rows if _starts_in(row, start, end)]

    def having(self, keys: Iterable[Key]) -> Iterator[tuple[list[Key], list[RawRow]]]:
        """Yield some of the keys with all their rows of any time, until all keys are done."""
        table = self._table
        most = _INDEXED if table.indexes.uuid else _SCANNED
        at_once = most // sum(1 for _ in spellings(bytes(16), table.form))
        wanted = iter(keys)
        while asked := list(islice(wanted, at_once)):
            yield from self._having(asked)

    def outside(self, start: int, end: int, margin: int) -> list[Outside]:
        """Return rows without a start, and rows elsewhere with a UUID of a row in [start, end).

        Elsewhere is before and after the period with its margin.
        """
        return [self._unset(), self._reused(start, end, margin)]

    def close(self) -> None:
        """Close the connection, if there is one."""
        self._session.close()

    @property
    def _table(self) -> Table:
        assert self._known is not None  # noqa: S101 — after `begin`
        return self._known

    def _having(self, asked: list[Key]) -> Iterator[tuple[list[Key], list[RawRow]]]:
        table = self._table
        texts = [
            self._session.literal(text) for key in asked for text in spellings(key, table.form)
        ]
        sql = f"FROM {table.name} WHERE {table.uuid} IN ({', '.join(texts or ['NULL'])})"
        if len(asked) > 1 and not self._fits(sql):
            middle = len(asked) // 2
            yield from self._having(asked[:middle])
            yield from self._having(asked[middle:])
        else:
            yield asked, [row for rows in self._rows(sql) for row in rows]

    def _fits(self, rest: str) -> bool:
        statement = f"SELECT {self._table.select} {rest}"
        return len(statement.encode()) < self._session.longest_statement

    def _unset(self) -> Outside:
        sql = f"FROM {self._table.name} WHERE {self._table.start.unset}"
        ((total,),) = self._session.run(f"SELECT COUNT(*) {sql}")
        rows = self._rows(f"{sql} LIMIT {_SHOWN}") if total else ()
        return Outside("null_start", total, [row for chunk in rows for row in chunk])

    def _reused(self, start: int, end: int, margin: int) -> Outside:
        table = self._table
        total, first = 0, list[RawRow]()
        if table.engine.name and not table.indexes.unique and not self.unindexed:
            for rows in self._reusing(start, end, start - margin, end + margin):
                total += len(rows)
                first += rows[: _SHOWN - len(first)]
        return Outside("duplicate_outside", total, first)

    def _reusing(self, start: int, end: int, low: int, high: int) -> Iterator[list[RawRow]]:
        """Yield rows outside [low, high) that have the UUID of a row in [start, end)."""
        table = self._table
        if table.engine.rows <= _FEW:
            # The index alone, a fraction of the time that one join takes.
            twice = self._session.run(
                f"SELECT {table.uuid} FROM {table.name} GROUP BY {table.uuid} "  # noqa: S608
                f"HAVING COUNT(*) > 1 LIMIT {_MOST_TWICE}"
            )
            if len(twice) < _MOST_TWICE:
                for _, rows in self.having(key for (uuid,) in twice if (key := key_of(uuid))):
                    inside = {row.key for row in rows if _starts_in(row, start, end)}
                    yield [
                        row
                        for row in rows
                        if row.key in inside and row.start and not _starts_in(row, low, high)
                    ]
                return
        there = table.start.within(*table.start.cover(low, high))
        for condition in self._parts(start, end, whole=False):
            # No more at once, lest the optimizer prefers to scan the table.
            wanted = f"SELECT DISTINCT {table.uuid} AS wanted FROM {table.name} WHERE {condition}"  # noqa: S608
            joined = f"FROM ({wanted}) w STRAIGHT_JOIN {table.name} ON {table.uuid} = wanted"
            for rows in self._rows(f"{joined} WHERE NOT ({there})"):
                yield [row for row in rows if row.key]  # an empty text is no identity

    def _parts(self, start: int, end: int, whole: bool) -> Iterator[str]:
        """Yield conditions that together select each row that may start in [start, end).

        One condition if the period may be read as a whole, else some of about _PART rows each.
        """
        table, column = self._table, self._table.start
        low, high = column.cover(start, end)
        while not whole and table.indexes.start and low < high:
            bound = self._session.run(
                f"SELECT {column.micros} FROM {table.name} WHERE {column.within(low, high)} "  # noqa: S608
                f"ORDER BY {column.name} LIMIT 1 OFFSET {_PART}"
            )
            if not bound or bound[0][0] is None:
                break
            following = max(bound[0][0], low + 1)  # many rows may have one time
            yield column.within(low, following)
            low = following
        yield column.within(low, high)

    def _rows(self, rest: str) -> Iterator[list[RawRow]]:
        """Yield the rows of a SELECT, whose SQL from FROM on this is, in chunks."""
        table = self._table
        chunks: Iterable[list[tuple[Any, ...]]]
        chunks = self._session.chunks(f"SELECT {table.select} {rest}")
        if not table.engine.transactional and table.indexes.start:
            chunks = list(chunks)  # one part: the writers wait no longer than the server reads
        for chunk in chunks:
            uuids, names, raw_starts, raw_ends, statuses = zip(*chunk)
            starts, doubts = table.start.clock.to_utc(raw_starts)
            ends, more = table.end.clock.to_utc(raw_ends)
            if any(more):
                doubts = list(map(or_, doubts, more))
            keys, texts = map(key_of, uuids), map(_text, names)
            read = zip(keys, texts, starts, ends, map(_text, statuses), doubts)
            yield list(map(RawRow._make, read))

    def _log_engine(self) -> None:
        engine, indexes = self._table.engine, self._table.indexes
        if not engine.transactional:
            words = "the table has no transactions: its rows are not of one moment"
            if not indexes.start:
                words += f", and its writers wait: {self._table.start.name} has no index"
            _log.info(words, side=self.side.name, engine=engine.name)


def _starts_in(row: RawRow, start: int, end: int) -> bool:
    return row.start is not None and start <= row.start < end


def _text(value: Any) -> Optional[str]:
    if value is None or isinstance(value, str):
        return value
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)

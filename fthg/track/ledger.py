"""The rows of both sides and the files that fthg sent, paired in an SQLite file.

Memory stays flat, however many rows there are.
"""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Optional

from . import sql
from .ledger_file import create_ledger, create_temporary, open_to_write
from .outcomes import RESULTS, Outcome
from .rows import Outside, RawRow
from .tracked import Row, SentFile, Tracked
from .uuids import Key, show_key

OTHER = {"ingress": "egress", "egress": "ingress"}


class Ledger:
    """All rows that were read so far; times in microseconds since 1970 UTC.

    Iterating yields every transfer, those that did not pass first. Without a path the file is a
    temporary one. With `only_sent` only files that fthg sent are transfers. Raises StartError if
    `path` is unusable or holds something else.

    Threads may use it one after another. After an error of SQLite every call raises the same one:
    without a journal the file is damaged, and errors found in it would hide the cause.
    """

    def __init__(
        self,
        start: int,
        end: int,
        grace: int,
        path: Optional[str] = None,
        *,
        only_sent: bool = False,
    ) -> None:
        self.period = {"start": start, "end": end}
        self.outside: dict[str, Sequence[Outside]] = {}  # of each side, in its last whole read
        self._grace = grace
        self._only_sent = only_sent
        self._error: Optional[sqlite3.DatabaseError] = None  # the first one
        self._temporary = path is None
        self.path = create_ledger(path) if path else create_temporary()
        try:
            self._db = open_to_write(self.path)
            self._script(sql.SENT_TABLE)
            for side in OTHER:
                self._script(sql.SIDE_TABLE.format(side=side))
        except BaseException:
            self.hide()
            raise

    def add(self, table: str, rows: Sequence[RawRow]) -> None:
        """Insert rows of one side, or of the table that `stage` has returned."""
        insert = f"INSERT INTO {table} ({sql.ROW}) VALUES ({', '.join('?' * len(RawRow._fields))})"  # noqa: S608
        with self._transaction() as db:
            # Of tuples, not of a subclass: SQLite's module takes those a quarter faster.
            db.executemany(insert, map(tuple, rows))

    def stage(self, side: str) -> str:
        """Return the name of an empty table for rows that are read again, until `adopt`."""
        staged = sql.STAGED.format(side=side)
        self._script(sql.SIDE_TABLE.format(side=staged))
        return staged

    def adopt(self, side: str, span: Optional[tuple[int, int]] = None) -> bool:
        """Replace the rows of a side by the staged ones; return False if they are the same.

        With `span` only those that start in [first, second). Where nothing differs nothing changes.
        """
        if span is None:
            self._script(sql.REPLACE_ALL.format(side=side))
            return True
        values = {"start": span[0], "end": span[1]}
        self._execute(f"CREATE INDEX IF NOT EXISTS {side}_start ON {side} (start)")
        changed = bool(self.column(sql.SPAN_CHANGED.format(side=side), **values)[0])
        if changed:
            with self._transaction() as db:
                for statement in sql.REPLACE_SPAN:
                    db.execute(statement.format(side=side), values)
        self.discard(side)
        return changed

    def discard(self, side: str) -> None:
        """Remove the staged rows of a side."""
        self._execute(f"DROP TABLE IF EXISTS {sql.STAGED.format(side=side)}")

    def replace(self, side: str, keys: Sequence[Key], rows: Iterable[RawRow]) -> bool:
        """Replace all rows of a side that have these keys; return False if none differ.

        The rows of a key that was not found stay: the database may spell it in an unforeseen way.
        """
        asked = set(keys)
        # To a collation of the server, texts may be equal that differ here.
        wanted = [row for row in rows if row.key in asked]
        found = {row.key for row in wanted}
        select = f"SELECT {sql.ROW} FROM {side} WHERE key = :key"  # noqa: S608
        known = Counter(row for key in found for row in self.query(select, key=key))
        if known == Counter(map(tuple, wanted)):
            return False
        with self._transaction() as db:
            delete = f"DELETE FROM {side} WHERE key = ?"  # noqa: S608
            db.executemany(delete, [(key,) for key in found])
        self.add(side, wanted)
        return True

    def singles(self, side: str) -> list[Key]:
        """Return the keys of the period's rows on a side that have no partner so far."""
        self._index_keys()
        return self.column(sql.SINGLES.format(side=side, other=OTHER[side]), **self._scope)

    def open(self) -> list[Key]:
        """Return the keys of transfers that had no partner or were in progress when last paired."""
        return self.column(sql.OPEN_KEYS)

    def unsettled(self) -> bool:
        """Return True while a transfer is in progress or pending."""
        return bool(self.column(sql.UNSETTLED))

    def next_change(self, now: int, sla: Optional[int]) -> Optional[int]:
        """Return when time alone changes a figure first, after it was paired at `now`."""
        moments = self.column(sql.NEXT_UNPAIRED, grace=self._grace)
        if sla is not None:
            moments += self.column(sql.NEXT_OVERDUE, sla=sla, now=now)
        return min((moment for moment in moments if moment is not None), default=None)

    def latest(self, side: str) -> Optional[int]:
        """Return the latest start in the period on a side."""
        latest = f"SELECT max(start) FROM {side} WHERE start >= :start AND start < :end"  # noqa: S608
        found: Optional[int] = self.column(latest, **self.period)[0]
        return found

    def pair(self, now: int) -> None:
        """Pair all rows into transfers, with their outcomes at the time `now`."""
        self._index_keys()
        for table in ("pair", "transfer"):
            self._execute(f"DROP TABLE IF EXISTS {table}")
        for side in OTHER:
            self._execute(f"UPDATE {side} SET extra = 0 WHERE extra")  # noqa: S608
            self._execute(sql.MARK_EXTRA.format(side=side))
        self._execute(sql.PAIRS)
        self._execute(sql.ONLY_AT_EGRESS)
        self._execute(sql.TRANSFERS, {**self._scope, "now": now, "grace": self._grace})
        self._execute("DROP TABLE pair")
        self._execute("CREATE INDEX transfer_result ON transfer (result, start)")

    def query(self, select: str, **values: Any) -> Iterator[tuple[Any, ...]]:
        """Return the rows of a SELECT over `transfer`, `ingress`, `egress` and `sent`."""
        return self._execute(select, values)

    def column(self, select: str, **values: Any) -> list[Any]:
        """Return the first column of a SELECT."""
        return [row[0] for row in self.query(select, **values)]

    def change(self, statement: str, rows: Iterable[Sequence[Any]]) -> bool:
        """Run one statement for each of `rows`; return True if that has changed a row."""
        before = self._db.total_changes
        with self._transaction() as db:
            db.executemany(statement, rows)
        return self._db.total_changes > before

    def define(self, name: str, function: Callable[[Optional[str], str], bool]) -> None:
        """Add a function of two texts to the SQL of this ledger."""
        self._db.create_function(name, 2, function)

    def tracked(self, rest: str = "", **values: Any) -> Iterator[Tracked]:
        """Yield transfers; `rest` is SQL from WHERE on, over the tables `t`, `i`, `e` and `s`."""
        for result, *columns in self.query(sql.TRACKED + rest, **values):
            yield Tracked(
                RESULTS[result],
                _row(*columns[1:6]) if columns[0] is not None else None,
                _row(*columns[7:12]) if columns[6] is not None else None,
                SentFile(*columns[13:]) if columns[12] is not None else None,
            )

    def duplicates(self, side: str, bit: int, limit: int) -> tuple[int, tuple[Tracked, ...]]:
        """Return the number of duplicate rows of transfers with this quality bit, and the first."""
        rows = sql.DUPLICATES.format(side=side, row=side[0])
        found = self.query(
            f"SELECT f.result, d.key, d.filename, d.start, d.end, d.status {rows} "
            f"ORDER BY d.start LIMIT {limit}",
            bit=bit,
        )
        first = (_single(side, RESULTS[result], _row(*row)) for result, *row in found)
        return self.column(f"SELECT count(*) {rows}", bit=bit)[0], tuple(first)

    def rows_outside(self, side: str, kind: str) -> tuple[int, tuple[Tracked, ...]]:
        """Return the number of rows of this kind of quality.OUTSIDE on a side, and the first."""
        found = next((found for found in self.outside.get(side, ()) if found.kind == kind), None)
        if found is None:
            return 0, ()
        return found.total, tuple(
            _single(side, RESULTS[Outcome.UNPAIRED], _row(*row[:5])) for row in found.first
        )

    def sent_files(self, rest: str, **values: Any) -> Iterator[SentFile]:
        """Yield files that fthg sent; `rest` is SQL from FROM on, with the table `s`."""
        return (SentFile(*row) for row in self.query(f"SELECT {sql.SENT_COLUMNS} {rest}", **values))

    def __iter__(self) -> Iterator[Tracked]:
        return self.tracked("ORDER BY t.result, t.start")

    def shrink(self) -> None:
        """Free memory that the next step may need."""
        self._execute("PRAGMA shrink_memory")

    def interrupt(self) -> None:
        """Make the thread that uses it fail soon, and every later one; any thread may call it."""
        self._error = sqlite3.OperationalError("interrupted")
        self._db.interrupt()

    def hide(self) -> None:
        """Remove the name of a temporary file, once all have opened it: no end can leave it."""
        if self._temporary:
            with suppress(FileNotFoundError):
                os.unlink(self.path)

    def close(self) -> None:
        """Close the file; a temporary one is removed."""
        self._db.close()
        self.hide()

    @property
    def _scope(self) -> dict[str, int]:
        return {**self.period, "only_sent": int(self._only_sent)}

    def _index_keys(self) -> None:
        # Only after the rows are in: one sort is far cheaper than a million insertions.
        for side in OTHER:
            self._execute(f"CREATE INDEX IF NOT EXISTS {side}_key ON {side} (key)")

    def _execute(
        self, statement: str, values: Optional[Mapping[str, Any]] = None
    ) -> sqlite3.Cursor:
        with self._sound() as db:
            return db.execute(statement, values or {})

    def _script(self, script: str) -> None:
        with self._sound() as db:
            db.executescript(script)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._sound() as db:
            db.execute("BEGIN")
            with db:
                yield db

    @contextmanager
    def _sound(self) -> Iterator[sqlite3.Connection]:
        """Give the connection for the length of a block, unless an earlier block has failed."""
        if self._error:
            raise self._error
        try:
            yield self._db
        except sqlite3.DatabaseError as error:
            self._error = error
            raise


def _row(key: Optional[Key], *rest: Any) -> Row:
    return Row(show_key(key), *rest)


def _single(side: str, result: str, row: Row) -> Tracked:
    return Tracked(result, row, None) if side == "ingress" else Tracked(result, None, row)

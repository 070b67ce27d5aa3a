"""Reads the rows of one database: streamed, in read-only transactions, times in microseconds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple, Optional

from .columns import quote, select_list, time_literal
from .session import Session
from .side import Side
from .uuids import Key, key_of, spellings

_ASKED = 150
"""UUIDs asked for in one query: with all spellings well below the 1,000 values from which on
MariaDB turns an IN into a join."""


class RawRow(NamedTuple):
    """One row in the form that the ledger stores; times in microseconds since 1970 UTC."""

    key: Optional[Key]
    filename: Optional[str]
    start: Optional[int]
    end: Optional[int]
    status: Optional[str]


class Database:
    """The table of one side; connects at the first poll and stays connected.

    Every method raises DatabaseError, which names the side and the server's error.
    """

    def __init__(self, side: Side) -> None:
        self.side = side
        self._session = Session(side)
        self._binary = False  # whether the UUIDs are bytes
        uuid, _, start, _, _ = side.columns
        self._uuid, self._start = quote(uuid), quote(start)
        self._table = f"{quote(side.database)}.{quote(side.table)}"
        self._select = f"SELECT {select_list(side.columns)} FROM {self._table} WHERE "  # noqa: S608

    def begin(self) -> None:
        """Start one consistent view: all that is read until `end` is of one moment."""
        if self._session.begin():
            self._read_charset()

    def end(self) -> None:
        """End the view; the next one contains the changes since."""
        self._session.end()

    def between(self, start: int, end: int) -> Iterator[list[RawRow]]:
        """Yield the rows that start in [start, end), in chunks."""
        # The bare column, so that its index is used; the session's zone is that of the column.
        first, last = time_literal(start), time_literal(end)
        return self._rows(f"{self._select}{self._start} >= {first} AND {self._start} < {last}")

    def having(self, keys: Iterable[Key]) -> Iterator[tuple[list[Key], list[RawRow]]]:
        """Yield some of the keys with all their rows of any time, until all keys are done."""
        wanted = iter(keys)
        while asked := list(islice(wanted, _ASKED)):
            yield from self._having(asked)

    def close(self) -> None:
        """Close the connection, if there is one."""
        self._session.close()

    def _read_charset(self) -> None:
        found = self._session.run(f"SELECT CHARSET({self._uuid}) FROM {self._table} LIMIT 1")  # noqa: S608
        self._binary = found == [("binary",)]

    def _having(self, asked: list[Key]) -> Iterator[tuple[list[Key], list[RawRow]]]:
        texts = map(self._session.literal, spellings(asked, self._binary))
        sql = f"{self._select}{self._uuid} IN ({', '.join(texts)})"
        if len(asked) > 1 and len(sql.encode()) >= self._session.longest_statement:
            middle = len(asked) // 2
            yield from self._having(asked[:middle])
            yield from self._having(asked[middle:])
        else:
            yield asked, [row for chunk in self._rows(sql) for row in chunk]

    def _rows(self, sql: str) -> Iterator[list[RawRow]]:
        for chunk in self._session.chunks(sql):
            yield [
                RawRow(key_of(uuid), _text(name), start or None, end or None, _text(status))
                for uuid, name, start, end, status in chunk
            ]


def _text(value: Any) -> Optional[str]:
    if value is None or isinstance(value, str):
        return value
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)

"""Writes to one database in the background, pending statements in one transaction."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import gevent
import pymysql
from gevent.queue import Queue

Statement = tuple[str, tuple[object, ...]]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS transfers (
  UUID CHAR(36) NOT NULL,
  filename VARCHAR(1024) NOT NULL,
  startTime DATETIME(6) NOT NULL,
  endTime DATETIME(6) NULL,
  status ENUM('SUCCESS', 'FAILED', 'TIMEOUT') NULL,
  KEY (UUID),
  KEY (startTime)
) CHARACTER SET utf8mb4
"""
_WAITING = 20_000  # statements; a slow database delays the files
_BATCH = 500


class Writer:
    """One connection, and its queue of statements."""

    def __init__(self, side: str, dsn: str) -> None:
        """Connect to `mysql://user:password@host:port/database`; OSError if that fails."""
        self._side = side
        try:
            self._connection = _connect(dsn)
            with self._connection.cursor() as cursor:
                cursor.execute("SET time_zone = '+00:00'")
                cursor.execute(_SCHEMA)
        except (pymysql.MySQLError, ValueError) as error:
            raise OSError(f"the {side} database cannot be used: {error}") from None
        self._queue = Queue(_WAITING)
        self._greenlet = gevent.spawn(self._write_all)

    def write(self, sql: str, *values: object) -> None:
        """Queue a statement."""
        if not self._greenlet.dead:
            self._queue.put((sql, values))

    def close(self) -> None:
        """Write all queued statements, then close the connection."""
        self._queue.put(None)
        self._greenlet.join(timeout=10)
        self._greenlet.kill()
        if self._connection.open:
            self._connection.close()

    def _write_all(self) -> None:
        try:
            while (first := self._queue.get()) is not None:
                self._write(first)
        except (pymysql.MySQLError, OSError) as error:
            print(  # noqa: T201
                f"fthg.lab: no more rows for the {self._side} database: {error}", file=sys.stderr
            )
            self._discard()

    def _write(self, first: Statement) -> None:
        with self._connection.cursor() as cursor:
            for sql, values in self._batch(first):
                cursor.execute(sql, values)
        self._connection.commit()

    def _batch(self, first: Statement) -> Iterator[Statement]:
        yield first
        for _ in range(_BATCH):
            if self._queue.empty() or self._queue.peek() is None:
                return
            yield self._queue.get()

    def _discard(self) -> None:
        """Empty the queue, so that nobody waits to put a statement in."""
        while not self._queue.empty():
            self._queue.get_nowait()


def check_dsn(dsn: str) -> SplitResult:
    """Return the parts of a DSN; OSError if it is malformed."""
    try:
        parts = urlsplit(dsn)
        whole = bool(parts.hostname and parts.path.strip("/")) and parts.port != 0
        right = whole and parts.scheme == "mysql"
    except ValueError:
        right = False
    if not right:
        # It is not repeated in the error: it holds a password.
        raise OSError("a DSN is written as mysql://user:password@host:port/database")
    return parts


def _connect(dsn: str) -> pymysql.connections.Connection[Any]:
    parts = check_dsn(dsn)
    return pymysql.connect(
        host=parts.hostname,
        port=parts.port or 3306,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=parts.path.strip("/"),
        charset="utf8mb4",
        connect_timeout=10,
        read_timeout=30,
        write_timeout=30,
    )

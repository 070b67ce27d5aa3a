"""Writes to one database in the background, pending statements in one transaction."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import gevent
import pymysql
from gevent.queue import Queue

from .. import urls
from ..urls import Url

_FORM = "written as mysql://user:password@host:port/database"

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


def check_dsn(dsn: str) -> Url:
    """Return the parts of a DSN; OSError if it is malformed, without its password."""
    try:
        url = urls.parse(dsn)
    except ValueError as error:
        raise OSError(f"{error}; a DSN is {_FORM}") from None
    if url.scheme != "mysql" or not url.path.strip("/"):
        raise OSError(f"a DSN is {_FORM}")
    return url


def _connect(dsn: str) -> pymysql.connections.Connection[Any]:
    url = check_dsn(dsn)
    return pymysql.connect(
        host=url.host,
        port=url.port,
        user=url.user or "",
        password=url.password or "",
        database=url.path.strip("/"),
        charset="utf8mb4",
        connect_timeout=10,
        read_timeout=30,
        write_timeout=30,
    )

"""The connection to one side's database, and all that is set on it before it is read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NoReturn

import gevent
import pymysql
from pymysql.connections import Connection
from pymysql.constants import CLIENT, CR
from pymysql.cursors import SSCursor

from ..clock import run_loop_once
from ..errors import DatabaseError
from ..log import Log
from .row_packets import Converters, parse_rows
from .side import Side
from .tls import make_context
from .uuids import Key

CHUNK = 1000
"""Rows that are fetched at once."""

_TURN = 1024 * 1024  # bytes after which others run, each packet counted as some more
_PACKET = 512  # bytes that are copied in the time that it takes to read an empty packet, about

_REMEDIES = {
    1044: "GRANT SELECT on the table to this user",
    1045: "check user and password",
    1049: "check the name of the database",
    1054: "map names that differ with columns:",
    1142: "GRANT SELECT on the table to this user",
    1146: "check the name of the table",
    1298: "load the server's time zone tables, or write the zone as +01:00",
    2003: "check host, port and firewall",
    2026: "check tls:, or switch TLS on at the server",
}

_log = Log(__name__)


class _Stream(SSCursor):
    """A cursor that can be dropped before its last row; PyMySQL's would read the rest first."""

    _result: Any

    def fetch_chunk(self) -> list[tuple[Any, ...]]:
        """Return the next rows, at most CHUNK; none at the end."""
        connection: Any = self.connection
        rows: list[tuple[Any, ...]] = []
        while len(rows) < CHUNK and (row := self.read_next()) is not None:
            rows.append(row)
            rows += connection.arrived_rows(self._result.converters, CHUNK - len(rows))
        return rows

    def abandon(self) -> None:
        if self._result is not None:
            self._result.unbuffered_active = False
        self.connection = None  # type: ignore[assignment]


class _Fair(Connection):
    """A connection that lets others run, however fast the server talks."""

    _rfile: Any
    _next_seq_id: int
    _force_close: Any
    _read = 0  # bytes since others ran

    def _read_bytes(self, num_bytes: int) -> bytes:
        self._read += num_bytes + _PACKET
        if self._read > _TURN:
            self._read = 0
            run_loop_once()  # a stream that has data never waits by itself
        data: bytes = super()._read_bytes(num_bytes)  # type: ignore[misc]
        return data

    def arrived_rows(self, converters: Converters, most: int) -> list[tuple[Any, ...]]:
        """Return the rows that have arrived, as far as they are plain; PyMySQL reads the others."""
        try:
            data = self._rfile.peek()
        except OSError as error:
            self._force_close()
            raise pymysql.err.OperationalError(
                CR.CR_SERVER_LOST, f"Lost connection to MySQL server during query ({error})"
            ) from error
        rows, size = parse_rows(data, self._next_seq_id, converters, most)
        if rows:
            self._read += len(rows) * _PACKET
            self._read_bytes(size)
            self._next_seq_id = (self._next_seq_id + len(rows)) % 256
        return rows


class _OnlyTls(_Fair):
    """A connection that refuses to log in without TLS; PyMySQL 0.10 falls back to plain text."""

    server_capabilities: int

    def _request_authentication(self) -> None:
        if not self.server_capabilities & CLIENT.SSL:
            raise pymysql.err.OperationalError(CR.CR_SSL_CONNECTION_ERROR, "no TLS at the server")
        super()._request_authentication()  # type: ignore[misc]


class Session:
    """One connection to a side's database; it can only read, in the side's time zone.

    Every method raises DatabaseError, which names the side and the server's error.
    """

    def __init__(self, side: Side) -> None:
        self._side = side
        self._connection: Any = None
        if side.tls and not side.tls.verify:
            warning = (
                "the certificate is not verified: anyone may pose as the server (verify: true)"
            )
            _log.warning(warning, side=side.name, host=side.host)

    @property
    def connected(self) -> bool:
        """Return True once `connect` has succeeded."""
        return self._connection is not None

    def connect(self) -> None:
        """Connect, log in, and set access mode and time zone."""
        side = self._side
        late = TimeoutError(f"no answer within {side.connect_timeout:g}s")
        try:
            # connect_timeout of PyMySQL covers neither the name lookup nor the login.
            with gevent.Timeout(side.connect_timeout, late):
                self._connection = (_OnlyTls if side.tls else _Fair)(
                    host=side.host,
                    port=side.port,
                    unix_socket=side.socket,
                    user=side.user,
                    password=side.password,
                    database=side.database,
                    charset="utf8mb4",
                    connect_timeout=max(1, int(side.connect_timeout)),
                    read_timeout=side.read_timeout,
                    write_timeout=side.read_timeout,
                    cursorclass=_Stream,
                    ssl=make_context(side.tls) if side.tls else None,
                )
        except Exception as error:  # noqa: BLE001 — PyMySQL fails on broken packets in many ways
            self._fail(error)
        self.run("SET SESSION TRANSACTION READ ONLY")
        self.run(f"SET time_zone = {self.literal(side.timezone)}")

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows."""
        return [row for chunk in self.chunks(sql) for row in chunk]

    def chunks(self, sql: str) -> Iterator[list[tuple[Any, ...]]]:
        """Run a statement and yield its rows as they arrive, at most CHUNK at once."""
        _log.debug("sql", side=self._side.name, sql=sql if len(sql) < 1000 else f"{sql[:1000]}…")
        cursor = self._connection.cursor()
        try:
            cursor.execute(sql)
            while rows := cursor.fetch_chunk():
                yield rows
            cursor.close()
        except Exception as error:  # noqa: BLE001 — PyMySQL fails on broken packets in many ways
            self._fail(error)
        finally:
            cursor.abandon()

    def literal(self, text: Key) -> str:
        """Return a text or bytes as an SQL literal."""
        return f"x'{text.hex()}'" if isinstance(text, bytes) else self._connection.escape(text)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            with suppress(pymysql.err.Error):
                self._connection.close()

    def _fail(self, error: Exception) -> NoReturn:
        number, text = _number_and_text(error)
        shown = f"error {number}: {text}" if number else text
        remedy = f" ({_REMEDIES[number]})" if number in _REMEDIES else ""
        raise DatabaseError(f"{self._side}: {shown}{remedy}") from error


def _number_and_text(error: Exception) -> tuple[int, str]:
    arguments = error.args
    if isinstance(error, pymysql.err.MySQLError) and len(arguments) >= 2:
        return int(arguments[0]), str(arguments[1]) or "the connection is lost"
    return 0, f"{type(error).__name__}: {error}".rstrip(": ")

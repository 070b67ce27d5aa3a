"""PyMySQL's connection, made to let other greenlets run, and to use the TLS that was asked for."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from typing import Any, Optional

import pymysql
from pymysql.connections import Connection as _Connection
from pymysql.constants import CLIENT, CR
from pymysql.cursors import SSCursor

from ..clock import run_loop_once
from .row_packets import Converters, parse_rows
from .side import Side

CHUNK = 1000
"""Rows that are fetched at once."""

_TURN = 1024 * 1024  # bytes after which others run, each packet counted as some more
_PACKET = 512  # bytes that are copied in the time that it takes to read an empty packet, about

_KEEP_ALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 20, "TCP_KEEPCNT": 6}  # seconds; probes
"""Firewalls forget a connection that is idle for some minutes."""


class Stream(SSCursor):
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
        """Leave the rows that were not read to the end of the connection."""
        if self._result is not None:
            self._result.unbuffered_active = False
        self.connection = None  # type: ignore[assignment]


class Connection(_Connection):
    """A connection that lets others run, however fast the server talks.

    The modes of TLS are those of the mysql client with either release of PyMySQL: without `ssl=`
    0.10 is never encrypted, and with it falls back to plain text; 1.2 decides otherwise.
    """

    server_capabilities: int
    server_version: str
    client_flag: int
    _read = 0  # bytes since others ran
    _sock: Any
    _rfile: Any
    _next_seq_id: int
    _force_close: Any

    def __init__(self, side: Side, context: Optional[ssl.SSLContext]) -> None:
        self._side = side
        super().__init__(
            host=side.host,
            port=side.port,
            unix_socket=side.socket,
            user=side.user,
            # PyMySQL would encode it as Latin-1; no server says what it wants, MySQL's clients
            # send what a terminal gives them.
            password=side.password.encode(errors="surrogateescape"),
            database=side.database,
            charset="utf8mb4",
            connect_timeout=max(1, int(side.connect_timeout)),
            read_timeout=side.read_timeout,
            write_timeout=side.read_timeout,
            ssl=context,
            autocommit=None,
            defer_connect=True,
        )
        self.encrypted = False
        """True if user and password are, or were, sent over TLS."""

    def log_in(self) -> None:
        """Connect and log in."""
        self.connect()
        if not self._side.socket:
            self._keep_alive()

    @property
    def tls_version(self) -> Optional[str]:
        """Return the version of TLS; None in plain text."""
        version: Optional[str] = self._sock.version() if self.encrypted else None
        return version

    def stream(self) -> Stream:
        """Return a cursor whose rows stay at the server until they are fetched."""
        return Stream(self)

    def _request_authentication(self) -> None:
        tls = self._side.tls
        offered = bool(self.server_capabilities & CLIENT.SSL)
        if tls.insists and not offered:
            raise pymysql.err.OperationalError(
                CR.CR_SSL_CONNECTION_ERROR, "the server offers no TLS"
            )
        # Nobody can listen at a Unix socket: there the mysql client encrypts only if it must.
        wanted = tls.insists or (tls.mode == "preferred" and not self._side.socket)
        self.ssl = self.encrypted = wanted and offered
        if not self.encrypted:
            self.client_flag &= ~CLIENT.SSL
        super()._request_authentication()  # type: ignore[misc]

    def _keep_alive(self) -> None:
        for name, value in _KEEP_ALIVE.items():
            with suppress(AttributeError, OSError):  # not every system has them
                self._sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)

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

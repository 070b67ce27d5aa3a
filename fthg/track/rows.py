"""Reading one database: streamed, in read-only transactions, every time as integer microseconds."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any, NamedTuple, NoReturn, Optional

import gevent
import pymysql
from pymysql.connections import Connection
from pymysql.constants import CLIENT, CR
from pymysql.cursors import SSCursor

from ..errors import DatabaseError
from ..log import Log
from .figures import SECOND
from .side import Side, Tls
from .uuids import Key, key_of, spellings

CHUNK = 1000
_YIELD = 1e-6  # seconds; after 0 the loop need not look at timers and sockets
"""Rows that are handed on at once; other greenlets run after each chunk."""

_ASKED = 150
"""UUIDs asked for in one query: with all spellings well below the 1,000 values from which on
MariaDB turns an IN into a join."""

_DAY = 86_400
_LAST = 2**31 - 1 - _DAY

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


class RawRow(NamedTuple):
    """One row as the ledger takes it; times in microseconds since 1970 UTC."""

    key: Optional[Key]
    filename: Optional[str]
    start: Optional[int]
    end: Optional[int]
    status: Optional[str]


class _Stream(SSCursor):
    """A cursor that can be dropped in mid-result; a plain one would first read all the rest."""

    _result: Any

    def abandon(self) -> None:
        if self._result is not None:
            self._result.unbuffered_active = False
        self.connection = None  # type: ignore[assignment]


class _OnlyTls(Connection):
    """A connection that logs in by TLS or not at all; PyMySQL 0.10 would go on in plain text."""

    server_capabilities: int

    def _request_authentication(self) -> None:
        if not self.server_capabilities & CLIENT.SSL:
            raise pymysql.err.OperationalError(CR.CR_SSL_CONNECTION_ERROR, "no TLS at the server")
        super()._request_authentication()  # type: ignore[misc]


class Database:
    """One side's database; connects at the first look and stays connected.

    Every method raises DatabaseError, which names the side and what the server said.
    """

    def __init__(self, side: Side) -> None:
        self.side = side
        self._connection: Any = None
        if side.tls and not side.tls.verify:
            told = "the certificate is not verified: anyone may pose as the server (verify: true)"
            _log.warning(told, side=side.name, host=side.host)
        self._binary = False
        uuid, filename, start, end, status = map(_quoted, side.columns)
        self._uuid, self._start = uuid, start
        self._table = f"{_quoted(side.database)}.{_quoted(side.table)}"
        self._select = (
            f"SELECT {uuid}, {filename}, {_microseconds(start)}, {_microseconds(end)}, {status} "  # noqa: S608
            f"FROM {self._table} WHERE "
        )

    def begin(self) -> None:
        """Start one consistent view: all that is read before `end` is of one moment."""
        if self._connection is None:
            self._connect()
        self._run("START TRANSACTION READ ONLY")

    def end(self) -> None:
        """End the view; the next one sees what has changed."""
        self._run("COMMIT")

    def between(self, start: int, end: int) -> Iterator[list[RawRow]]:
        """Yield the rows that start in [start, end), in chunks."""
        # The bare column, so that its index is used; the session's zone makes the moments fit it.
        condition = f"{self._start} >= {_moment(start)} AND {self._start} < {_moment(end)}"
        return self._rows(self._select + condition)

    def having(self, keys: Iterable[Key]) -> Iterator[tuple[list[Key], list[RawRow]]]:
        """Yield some of the keys with all their rows, whenever they started, until all are done."""
        wanted = iter(keys)
        while asked := list(islice(wanted, _ASKED)):
            texts = spellings(asked, self._binary)
            sql = f"{self._select}{self._uuid} IN ({', '.join(map(self._literal, texts))})"
            yield asked, [row for chunk in self._rows(sql) for row in chunk]

    def close(self) -> None:
        """Say goodbye to the server, if it was ever reached."""
        if self._connection is not None:
            with suppress(pymysql.err.Error):
                self._connection.close()

    def _connect(self) -> None:
        side = self.side
        late = TimeoutError(f"no answer within {side.connect_timeout:g}s")
        try:
            # connect_timeout of PyMySQL does not cover name look-up and login.
            with gevent.Timeout(side.connect_timeout, late):
                self._connection = (_OnlyTls if side.tls else Connection)(
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
                    ssl=_context(side.tls) if side.tls else None,
                )
        except Exception as error:  # noqa: BLE001 — PyMySQL stumbles over broken packets in many ways
            self._fail(error)
        self._run("SET SESSION TRANSACTION READ ONLY")
        self._run(f"SET time_zone = {self._literal(side.timezone)}")
        found = self._run(f"SELECT CHARSET({self._uuid}) FROM {self._table} LIMIT 1")  # noqa: S608
        self._binary = found == [("binary",)]

    def _literal(self, text: Key) -> str:
        return f"x'{text.hex()}'" if isinstance(text, bytes) else self._connection.escape(text)

    def _run(self, sql: str) -> list[tuple[Any, ...]]:
        return [row for chunk in self._chunks(sql) for row in chunk]

    def _rows(self, sql: str) -> Iterator[list[RawRow]]:
        for chunk in self._chunks(sql):
            yield [
                RawRow(key_of(uuid), _text(name), start or None, end or None, _text(status))
                for uuid, name, start, end, status in chunk
            ]

    def _chunks(self, sql: str) -> Iterator[list[tuple[Any, ...]]]:
        _log.debug("sql", side=self.side.name, sql=sql if len(sql) < 1000 else f"{sql[:1000]}…")
        cursor = self._connection.cursor()
        try:
            cursor.execute(sql)
            while rows := cursor.fetchmany(CHUNK):
                yield rows
                gevent.sleep(_YIELD)  # a stream that has data never yields by itself
            cursor.close()
        except Exception as error:  # noqa: BLE001 — PyMySQL stumbles over broken packets in many ways
            self._fail(error)
        finally:
            cursor.abandon()

    def _fail(self, error: Exception) -> NoReturn:
        number, text = _number_and_text(error)
        shown = f"error {number}: {text}" if number else text
        remedy = f" ({_REMEDIES[number]})" if number in _REMEDIES else ""
        raise DatabaseError(f"{self.side}: {shown}{remedy}") from error


def _number_and_text(error: Exception) -> tuple[int, str]:
    arguments = error.args
    if isinstance(error, pymysql.err.MySQLError) and len(arguments) >= 2:
        return int(arguments[0]), str(arguments[1]) or "the connection is lost"
    return 0, f"{type(error).__name__}: {error}".rstrip(": ")


def _context(tls: Tls) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=tls.ca)
    # Python 3.13 made this the default; the certificates that MySQL makes for itself fail it.
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if tls.cert:
        context.load_cert_chain(tls.cert, tls.key)
    return context


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _microseconds(column: str) -> str:
    # The server counts exactly, in decimals; for a TIMESTAMP no zone comes into it.
    return f"CAST(UNIX_TIMESTAMP({column}) * {SECOND} AS SIGNED)"


def _moment(microseconds: int) -> str:
    # Beyond what FROM_UNIXTIME knows it says NULL, and a comparison with that finds nothing.
    seconds, rest = divmod(min(max(microseconds, _DAY * SECOND), _LAST * SECOND), SECOND)
    return f"FROM_UNIXTIME({seconds}.{rest:06d})"


def _text(value: Any) -> Optional[str]:
    if value is None or isinstance(value, str):
        return value
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)

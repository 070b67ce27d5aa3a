"""The session with one side's database, with all variables set before anything is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, Optional

import gevent
import pymysql

from ..errors import DatabaseError
from ..log import Log
from ..protocols.secret_text import secret_text
from . import variables
from .connection import Connection
from .database_errors import describe
from .side import Side
from .tls import make_context
from .uuids import Key
from .variables import Value

_BEGIN = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"

_log = Log(__name__)


class Session:
    """One connection to a side's database; it can only read, its time zone is UTC.

    Nothing that server, account or proxy set by default changes what is read. Every method raises
    DatabaseError, which names the side and the server's error.
    """

    def __init__(self, side: Side) -> None:
        """Read the certificates; StartError if that fails."""
        self._side = side
        self._password = secret_text(side.password)
        self._context = make_context(side.tls, f"track.{side.name}.tls")
        self._connection: Optional[Connection] = None
        self.longest_statement = 0
        """Bytes that the server accepts as one statement."""
        if side.tls.mode == "required":
            warning = "the certificate is not verified: anyone may pose as the server (verify_ca)"
            _log.warning(warning, side=side.name, host=side.host)

    def begin(self) -> bool:
        """Start one consistent view; return True if it is the first one of a connection.

        A connection that was lost since the last view is opened again.
        """
        if self._connection is not None:
            try:
                self.run(_BEGIN)
            except DatabaseError as error:
                _log.info("connecting again", side=self._side.name, error=str(error))
                self.close()
            else:
                return False
        self.connect()
        self.run(_BEGIN)
        return True

    def end(self) -> None:
        """End the view; the next one contains the changes since."""
        self.run("COMMIT")

    def connect(self) -> None:
        """Connect, log in, set all variables of the session and read them back."""
        try:
            self._log_in()
            self._set_variables()
        except BaseException:
            self.close()
            raise

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows."""
        return [row for chunk in self.chunks(sql) for row in chunk]

    def chunks(self, sql: str) -> Iterator[list[tuple[Any, ...]]]:
        """Run a statement and yield its rows in chunks, as they arrive."""
        with self._errors():
            yield from self._chunks(sql)

    def literal(self, text: Key) -> str:
        """Return a text or bytes as an SQL literal."""
        if isinstance(text, bytes):
            return f"x'{text.hex()}'"
        assert self._connection is not None  # noqa: S101 - there is a view to ask in
        return str(self._connection.escape(text))

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            with suppress(pymysql.err.Error):
                self._connection.close()
            self._connection = None

    def _log_in(self) -> None:
        side = replace(self._side, password=self._password.current())
        late = TimeoutError(f"no answer within {side.connect_timeout:g}s")
        # connect_timeout of PyMySQL covers neither the name lookup nor the login.
        with self._errors(), gevent.Timeout(side.connect_timeout, late):
            self._connection = connection = Connection(side, self._context)
            connection.log_in()
            _log.info(
                "connected to the database",
                side=side.name,
                host=side.socket or side.host,
                server=connection.server_version,
                tls=connection.tls_version or "none",
                verified=connection.encrypted and side.tls.verifies,
            )

    def _set_variables(self) -> None:
        """Set all variables that the server knows, and raise an error if one has another value."""
        wanted = variables.wanted_variables(self._side.read_timeout)
        self._run_with_known(variables.set_statement, wanted)
        rows = self._run_with_known(variables.select_statement, wanted)
        if wrong := variables.differences(wanted, rows[0] if rows else ()):
            raise DatabaseError(
                f"{self._side}: {'; '.join(wrong)}; the server, or a proxy in between, does not "
                "let fthg set what it needs: connect to the server itself"
            )
        sizes = self.run("SELECT @@max_allowed_packet, @@net_buffer_length")
        self.longest_statement = max(sizes[0])

    def _run_with_known(
        self, statement: Callable[[Mapping[str, Value]], str], wanted: dict[str, Value]
    ) -> list[tuple[Any, ...]]:
        """Run a statement with all variables; what the server does not know leaves `wanted`."""
        with self._errors():
            while True:
                try:
                    return [row for rows in self._chunks(statement(wanted)) for row in rows]
                except pymysql.err.MySQLError as error:
                    unknown = variables.unknown_variable(error)
                    if unknown not in wanted:
                        raise
                    del wanted[unknown]

    def _chunks(self, sql: str) -> Iterator[list[tuple[Any, ...]]]:
        _log.debug("sql", side=self._side.name, sql=sql if len(sql) < 1000 else f"{sql[:1000]}…")
        assert self._connection is not None  # noqa: S101 - connect() comes first
        cursor = self._connection.stream()
        try:
            cursor.execute(sql)
            while rows := cursor.fetch_chunk():
                yield rows
            cursor.close()
        finally:
            cursor.abandon()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # PyMySQL fails on broken packets in many ways
            encrypted = self._connection is not None and self._connection.encrypted
            text = describe(error, self._side, encrypted=encrypted)
            raise DatabaseError(f"{self._side}: {text}") from error

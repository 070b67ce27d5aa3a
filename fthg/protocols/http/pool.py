"""The connections of one job: at most so many, kept between requests, the latest used first."""

from __future__ import annotations

import socket
import ssl
from collections import deque
from typing import Optional, Union

import gevent
from gevent.lock import BoundedSemaphore

from ...clock import SECOND, Clock
from ...errors import TransferError
from ..base import Options
from ..dial import Dialer
from ..stopwatch import Stopwatch
from . import tls
from .connection import Connection
from .resumption import Resumption

_IDLE = 60 * SECOND
"""How long connections that a burst has left are kept: most servers have closed them by then."""


class Pool:
    """Lends connections to one server, made by a Dialer and, with a context, wrapped in TLS.

    Of those that are kept, the one unused for longest goes once it has not been wanted for a
    minute while others were: after a stall of the server a run does not hold on to hundreds.
    """

    def __init__(
        self,
        server: tuple[str, int],
        options: Options,
        dialer: Dialer,
        clock: Clock,
        context: Optional[ssl.SSLContext],
    ) -> None:
        self._host, self._port = server
        self._timeout: float = options["connect_timeout"]
        self._dialer = dialer
        self._clock = clock
        self._context = context
        self._resumption = Resumption(clock)
        self._slots = BoundedSemaphore(options["connections"])
        self._kept: deque[tuple[int, Connection]] = deque()  # when, and what; the latest last
        self._open: set[Connection] = set()
        self._closed = False

    def slot(self, watch: Stopwatch) -> BoundedSemaphore:
        """The right to use one connection, to be entered; waiting for it is the phase `blocked`."""
        if self._slots.locked():
            watch.enter("blocked")
        return self._slots

    def take(self, watch: Stopwatch) -> Connection:
        """A live kept connection, else a new one; raises TransferError."""
        while self._kept:
            _, connection = self._kept.pop()
            if connection.idle():
                return connection
            self.drop(connection)
        return self._connect(watch)

    def keep(self, connection: Connection) -> None:
        """Take back a connection that can carry another request."""
        if connection not in self._open:
            return
        now = self._clock.now()
        self._kept.append((now, connection))
        if now - self._kept[0][0] > _IDLE:  # one at a time: to close them all would take a while
            self.drop(self._kept.popleft()[1])

    def drop(self, connection: Connection) -> None:
        """Close a connection that cannot."""
        self._open.discard(connection)
        connection.close()

    def close(self) -> None:
        """Close all, also those in use: their transfers fail."""
        self._closed = True
        self._kept.clear()
        for connection in tuple(self._open):
            self.drop(connection)

    def _connect(self, watch: Stopwatch) -> Connection:
        self._refuse_if_closed()
        deadline = self._clock.now() + int(self._timeout * SECOND)
        watch.enter("connecting")
        stream: Union[socket.socket, ssl.SSLSocket] = self._dialer.dial(self._host, self._port)
        try:
            if self._context is not None:
                watch.enter("handshaking")
                left = (deadline - self._clock.now()) / SECOND
                stream = self._handshake(stream, self._context, max(left, 0.001))
            self._refuse_if_closed()
            connection = Connection(stream, self._server, self._resumption.learn)
        except BaseException:
            stream.close()
            raise
        self._open.add(connection)
        return connection

    def _handshake(
        self, stream: socket.socket, context: ssl.SSLContext, seconds: float
    ) -> ssl.SSLSocket:
        try:
            with gevent.Timeout(seconds) as limit:
                return context.wrap_socket(
                    stream, server_hostname=self._host, session=self._resumption.session
                )
        except BaseException as error:
            raise self._told(error, limit) from error

    def _told(self, error: BaseException, limit: gevent.Timeout) -> BaseException:
        if error is limit:
            reason = f"no finished TLS handshake within connect_timeout ({self._timeout:g}s)"
            return TransferError("connect_timeout", f"{self._server}: {reason}")
        if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
            reason = "the server closed the connection in the TLS handshake"
            return TransferError("reset", f"{self._server}: {reason}")
        if isinstance(error, ssl.SSLError):
            self._resumption.forget()
            return tls.failure(error, self._server)
        if isinstance(error, OSError):
            reason = f"{error.strerror or error} in the TLS handshake"
            return TransferError("reset", f"{self._server}: {reason}")
        return error

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise TransferError("reset", f"{self._server}: the job has ended")

    @property
    def _server(self) -> str:
        return f"{self._host} port {self._port}"

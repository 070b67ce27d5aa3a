"""Keeps the HTTP connections of one job: at most so many, the latest used first."""

from __future__ import annotations

import socket
import ssl
from collections import deque
from typing import Optional, Union

from gevent.lock import BoundedSemaphore

from ...clock import SECOND, Clock
from ...errors import TransferError
from ...urls import Url
from ..deadlines import TimeLimit
from ..dial import Dialer
from ..peers import peer_of
from ..stopwatch import Stopwatch
from .connection import HttpConnection
from .options import HttpOptions
from .resumption import Resumption
from .tls_failures import missing_certificate, tls_failure

_MAX_IDLE = 60 * SECOND
"""The longest time that a connection left by a burst is kept; most servers close it sooner."""


class HttpPool:
    """Lends connections to one server, made by a Dialer and, with a context, wrapped in TLS.

    Of the idle connections, the one unused for longest goes once it has not been needed for a
    minute while others were: after a stall of the server a run does not hold on to hundreds.
    """

    def __init__(
        self,
        server: Url,
        options: HttpOptions,
        dialer: Dialer,
        clock: Clock,
        context: Optional[ssl.SSLContext],
    ) -> None:
        self._server = server
        self._connect_timeout = options.connect_timeout
        self._dialer = dialer
        self._clock = clock
        self._context = context
        self._resumption = Resumption(clock)
        self._slots = BoundedSemaphore(options.connections)
        self._idle: deque[tuple[int, HttpConnection]] = deque()  # with the moment; latest last
        self._open: set[HttpConnection] = set()
        self._closed = False

    def slot(self, watch: Stopwatch) -> BoundedSemaphore:
        """Return the right to use one connection, to be entered; the wait is phase `blocked`."""
        if self._slots.locked():
            watch.enter("blocked")
        return self._slots

    def take(self, watch: Stopwatch) -> HttpConnection:
        """Return a live kept connection, else a new one; raises TransferError."""
        while self._idle:
            _, connection = self._idle.pop()
            if connection.idle():
                return connection
            self.drop(connection)
        return self._connect(watch)

    def keep(self, connection: HttpConnection) -> None:
        """Take back a connection that can carry another request."""
        if connection not in self._open:
            return
        now = self._clock.now()
        self._idle.append((now, connection))
        if now - self._idle[0][0] > _MAX_IDLE:  # one at a time: to close them all takes a while
            self.drop(self._idle.popleft()[1])

    def drop(self, connection: HttpConnection) -> None:
        """Close a connection that cannot carry another request."""
        self._open.discard(connection)
        connection.close()

    def close(self) -> None:
        """Close all, also those in use: their transfers fail."""
        self._closed = True
        self._idle.clear()
        for connection in tuple(self._open):
            self.drop(connection)

    def _connect(self, watch: Stopwatch) -> HttpConnection:
        self._refuse_if_closed()
        server = self._server
        deadline = self._clock.now() + int(self._connect_timeout * SECOND)
        stream: Union[socket.socket, ssl.SSLSocket]
        stream = self._dialer.dial(server.host, server.port, watch.enter)
        peer = peer_of(stream)
        try:
            if self._context is not None:
                watch.enter("handshaking")
                left = (deadline - self._clock.now()) / SECOND
                stream = self._handshake(stream, self._context, max(left, 0.001))
            self._refuse_if_closed()
            connection = HttpConnection(stream, server.server, self._resumption.learn)
        except BaseException as error:
            stream.close()
            if isinstance(error, TransferError):
                error.peer = peer
            raise
        self._open.add(connection)
        return connection

    def _handshake(
        self, stream: socket.socket, context: ssl.SSLContext, seconds: float
    ) -> ssl.SSLSocket:
        try:
            name = self._server.without_zone().host
            with TimeLimit(seconds, self._clock) as limit:
                return context.wrap_socket(
                    stream, server_hostname=name, session=self._resumption.session
                )
        except BaseException as error:
            raise self._handshake_failure(error, limit) from error

    def _handshake_failure(self, error: BaseException, limit: TimeLimit) -> BaseException:
        server = self._server.server
        if error is limit:
            limit_text = f"connect_timeout ({self._connect_timeout:g}s)"
            reason = f"no finished TLS handshake within {limit_text}"
            return TransferError("connect_timeout", f"{server}: {reason}")
        if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
            reason = "the server closed the connection in the TLS handshake"
            return TransferError("reset", f"{server}: {reason}{missing_certificate(error)}")
        if isinstance(error, ssl.SSLError):
            self._resumption.forget()
            return tls_failure(error, server)
        if isinstance(error, OSError):
            reason = f"{error.strerror or error} in the TLS handshake"
            return TransferError("reset", f"{server}: {reason}{missing_certificate(error)}")
        return error

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise TransferError("reset", f"{self._server.server}: the job has ended")

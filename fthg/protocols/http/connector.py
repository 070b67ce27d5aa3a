"""Makes HTTP connections: TCP, the proxy's tunnel, and TLS, within connect_timeout."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from typing import Optional

from ...clock import SECOND, Clock
from ...errors import HOST_LIMITS, StartError, TransferError
from ...urls import Url
from ..deadlines import TimeLimit, TimeUpError
from ..dial import Dialer
from ..peers import peer_of
from ..stopwatch import Stopwatch
from .connection import HttpConnection
from .options import HttpOptions
from .resumption import Resumption
from .route import Proxy, Route
from .tls import TlsSettings, find_settings
from .tls_failures import missing_certificate, tls_failure
from .tls_stream import Stream, TlsStream
from .tunnel import open_tunnel

_UNSENT = 128 * 1024
"""Bytes that the kernel takes beyond those on their way: more would hide how long sending takes."""

_TCP_NOTSENT_LOWAT = getattr(socket, "TCP_NOTSENT_LOWAT", 25)

_ENDED = (ssl.SSLEOFError, ssl.SSLZeroReturnError)


class Connector:
    """Makes the connections of one job."""

    def __init__(self, options: HttpOptions, dialer: Dialer, clock: Clock) -> None:
        """Raise StartError if certificates or keys cannot be used."""
        self._connect_timeout = options.connect_timeout
        self._dialer = dialer
        self._clock = clock
        self._options = options
        self._tls: Optional[TlsSettings] = None
        if options.server.scheme == "https" or options.follow_redirects:
            self._tls = find_settings(options, clock)

    def connect(self, route: Route, watch: Stopwatch) -> HttpConnection:
        """Return a new connection on this route; raises TransferError."""
        deadline = self._clock.now() + int(self._connect_timeout * SECOND)
        dialled = self._dial(route, watch)
        peer = None
        try:
            peer = peer_of(dialled)
            with suppress(OSError):
                dialled.setsockopt(socket.IPPROTO_TCP, _TCP_NOTSENT_LOWAT, _UNSENT)
            stream: Stream = dialled
            if route.secure or route.proxy is not None:
                left = max((deadline - self._clock.now()) / SECOND, 0.001)
                stream = self._prepare(dialled, route, watch, left)
            return HttpConnection(stream, peer, route.server.server, route.resumption.learn)
        except BaseException as error:
            dialled.close()
            if isinstance(error, (TransferError, TimeUpError)):
                error.peer = peer
            raise

    def _dial(self, route: Route, watch: Stopwatch) -> socket.socket:
        proxy = route.proxy
        if proxy is None:
            return self._dialer.dial(route.server.host, route.server.port, watch.enter)
        try:
            return self._dialer.dial(proxy.server.host, proxy.server.port, watch.enter)
        except TransferError as error:
            if error.kind in HOST_LIMITS:
                raise
            raise TransferError("proxy", f"the proxy: {error.detail}", peer=error.peer) from error

    def _prepare(
        self, dialled: socket.socket, route: Route, watch: Stopwatch, seconds: float
    ) -> Stream:
        """Make the handshakes with proxy and server, within so many seconds."""
        limit, called = TimeLimit(seconds, self._clock), route.server
        stream: Stream = dialled
        try:
            with limit:
                if route.proxy is not None:
                    called = route.proxy.server
                    stream = self._pass_proxy(dialled, route, route.proxy, watch)
                    called = route.server
                if not route.secure:
                    return stream
                watch.enter("handshaking")
                return self._in_tls(stream, route.server, route.resumption)
        except BaseException as error:
            if error is limit:
                limit_text = f"connect_timeout ({self._connect_timeout:g}s)"
                which = "TLS handshake" if watch.phase == "handshaking" else "answer of the proxy"
                reason = f"{called.server}: no finished {which} within {limit_text}"
                raise TransferError("connect_timeout", reason) from error
            raise

    def _pass_proxy(
        self, dialled: socket.socket, route: Route, proxy: Proxy, watch: Stopwatch
    ) -> Stream:
        """Return the stream to the server, or to a proxy that forwards."""
        stream: Stream = dialled
        try:
            if proxy.server.scheme == "https":
                watch.enter("handshaking")
                stream = self._to_proxy(dialled, proxy)
            if route.secure:
                watch.enter("connecting")
                open_tunnel(stream, proxy, route.server, self._clock)
        except OSError as error:
            reason = f"{proxy.server.server}: {error.strerror or error}"
            raise TransferError("proxy", reason) from error
        return stream

    def _to_proxy(self, stream: socket.socket, proxy: Proxy) -> TlsStream:
        try:
            return self._begin_tls(stream, proxy.server)
        except _ENDED as error:
            reason = "it closed the connection in the TLS handshake"
            remark = missing_certificate(error)
            raise TransferError("proxy", f"{proxy.server.server}: {reason}{remark}") from error
        except ssl.SSLError as error:
            raise tls_failure(error, proxy.server.server) from error

    def _in_tls(self, stream: Stream, server: Url, resumption: Resumption) -> TlsStream:
        try:
            return self._begin_tls(stream, server, resumption if self._options.resume else None)
        except OSError as error:
            if isinstance(error, ssl.SSLError):
                resumption.forget()
            raise _handshake_failure(error, server) from error

    def _begin_tls(
        self, stream: Stream, server: Url, resumption: Optional[Resumption] = None
    ) -> TlsStream:
        try:
            if self._tls is None:
                self._tls = find_settings(self._options, self._clock)
            context = self._tls.current()
            session = resumption.session(context) if resumption is not None else None
            return TlsStream(stream, context, _tls_name(server), session, self._clock)
        except StartError as error:  # it was usable at the start
            raise TransferError("tls", str(error)) from error


def _tls_name(server: Url) -> str:
    """Return the name as in certificates: the dot of a name that is absolute is not part of it."""
    host = server.without_zone().host
    return host.removesuffix(".")


def _handshake_failure(error: OSError, server: Url) -> TransferError:
    if isinstance(error, _ENDED):
        reason = "the server closed the connection in the TLS handshake"
        remark = missing_certificate(error)
        return TransferError("reset", f"{server.server}: {reason}{remark}")
    if isinstance(error, ssl.SSLError):
        return tls_failure(error, server.server)
    reason = f"{error.strerror or error} in the TLS handshake"
    return TransferError("reset", f"{server.server}: {reason}{missing_certificate(error)}")

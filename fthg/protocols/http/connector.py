"""Makes HTTP connections: TCP, the proxy's tunnel, and TLS, within connect_timeout."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from typing import Optional

from ...clock import SECOND, Clock
from ...errors import StartError, TransferError
from ...urls import Url
from ..deadlines import TimeLimit, TimeUpError
from ..dial import Dialer
from ..peers import peer_of
from ..proxy import Proxy, parse_proxy
from ..proxy_dialer import ProxyDialer
from ..stopwatch import Stopwatch
from .connection import HttpConnection
from .options import HttpOptions
from .route import Route
from .sending import ENDED
from .tls.failures import missing_certificate, tls_failure
from .tls.resumption import Resumption
from .tls.settings import FILE_TIMEOUT, TlsSettings, find_settings
from .tls.stream import Stream, TlsStream
from .tunnel import open_tunnel

_UNSENT = 128 * 1024
"""Bytes that the kernel takes beyond those on their way: more would hide how long sending takes."""

_TCP_NOTSENT_LOWAT = getattr(socket, "TCP_NOTSENT_LOWAT", 25)


class Connector:
    """Makes the connections of one job."""

    def __init__(self, options: HttpOptions, dialer: Dialer, clock: Clock) -> None:
        """Raise StartError if certificates or keys cannot be used."""
        self._connect_timeout = options.connect_timeout
        # A file system that hangs leaves time for the handshake.
        self._file_timeout = min(FILE_TIMEOUT, options.connect_timeout / 2)
        self._dialer = dialer
        self._clock = clock
        self._options = options
        self._tls: Optional[TlsSettings] = None
        schemes = {options.server.scheme}
        if options.proxy:
            schemes.add(parse_proxy(options.proxy).server.scheme)
        if "https" in schemes or options.follow_redirects:
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
        if route.proxy is None:
            return self._dialer.reach(route.server.host, route.server.port, watch.enter)
        if route.proxy.is_socks:
            through = ProxyDialer(route.proxy, self._dialer, self._connect_timeout, self._clock)
            return through.dial_socks(route.target, watch.enter)
        return route.proxy.call(self._dialer, watch.enter)

    def _prepare(
        self, dialled: socket.socket, route: Route, watch: Stopwatch, seconds: float
    ) -> Stream:
        """Make the handshakes with proxy and server, within these seconds."""
        limit, proxy = TimeLimit(seconds, self._clock), route.proxy
        stream: Stream = dialled
        try:
            with limit:
                if proxy is not None and not proxy.is_socks:
                    stream = self._pass_proxy(dialled, route, proxy, watch)
                proxy = None
                if not route.secure:
                    return stream
                watch.enter("handshaking")
                return self._in_tls(stream, route.server, route.resumption)
        except BaseException as error:
            if error is not limit:
                raise
            within = f"within connect_timeout ({self._connect_timeout:g}s)"
            which = "TLS handshake" if watch.phase == "handshaking" else "answer to CONNECT"
            reason = f"no finished {which} {within}"
            if proxy is not None:
                raise proxy.fault(reason) from error
            reason = f"{route.server.server}: {reason}"
            raise TransferError("connect_timeout", reason) from error

    def _pass_proxy(
        self, dialled: socket.socket, route: Route, proxy: Proxy, watch: Stopwatch
    ) -> Stream:
        """Return the stream to the server, or to a proxy that forwards."""
        stream: Stream = dialled
        if proxy.server.scheme == "https":
            watch.enter("handshaking")
            stream = self._to_proxy(dialled, proxy)
        if route.tunnelled:
            watch.enter("connecting")
            surplus = open_tunnel(stream, proxy, route.target, self._clock)
            if surplus:  # servers wait for requests, or for the beginning of TLS
                raise proxy.fault("more than the answer to CONNECT arrived")
        return stream

    def _to_proxy(self, stream: socket.socket, proxy: Proxy) -> TlsStream:
        try:
            return self._begin_tls(stream, proxy.server)
        except OSError as error:
            failure = _handshake_failure(error, proxy.server)
            reason = failure.detail.removeprefix(f"{proxy.server.server}: ")
            raise proxy.fault(reason.replace("the server", "the proxy")) from error

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
            context = self._tls.current(self._file_timeout)
            session = resumption.session(context) if resumption is not None else None
            return TlsStream(stream, context, _tls_name(server), session, self._clock)
        except StartError as error:  # it was usable at the start
            raise TransferError("tls", str(error)) from error


def _tls_name(server: Url) -> str:
    """Return the name as in certificates: the dot of a name that is absolute is not part of it."""
    host = server.without_zone().host
    return host.removesuffix(".")


def _handshake_failure(error: OSError, server: Url) -> TransferError:
    if isinstance(error, ENDED):
        reason = "the server closed the connection in the TLS handshake"
        remark = missing_certificate(error)
        return TransferError("reset", f"{server.server}: {reason}{remark}")
    if isinstance(error, ssl.SSLError):
        return tls_failure(error, server.server)
    reason = f"{error.strerror or error} in the TLS handshake"
    return TransferError("reset", f"{server.server}: {reason}{missing_certificate(error)}")

"""A TCP proxy on loopback that applies a fault to its connections.

Each connection is a Link with a greenlet for each direction; they hand received data to the
present fault, which forwards it or does not.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Callable, Iterator
from typing import Optional

import gevent
from gevent.event import Event
from gevent.pool import Pool

_PIECE = 1 << 20
_NARROW_PIECE = 16_384  # so that a proxy with a small buffer holds little itself, too
_BACKLOG = 512


class Fault:
    """No fault: all data is forwarded. Faults override some of the methods."""

    def begins(self, proxy: Proxy) -> None:
        """Start the fault."""

    def ends(self, proxy: Proxy) -> None:
        """End the fault; greenlets that wait for `proxy.healthy` continue by themselves."""

    def opened(self, link: Link) -> None:
        """Handle a new client; the proxy connects to the server when this returns."""

    def up(self, link: Link, data: bytes) -> None:
        """Handle data of the client."""
        link.to_server(data)

    def down(self, link: Link, data: bytes) -> None:
        """Handle data of the server."""
        link.to_client(data)


class Link:
    """A client's connection, and the connection to the server that belongs to it."""

    def __init__(self, proxy: Proxy, client: socket.socket) -> None:
        self.proxy = proxy
        self.client = client
        self.server: Optional[socket.socket] = None
        self.said = 0  # bytes from the client since it connected, or since the fault started
        self.heard = 0  # bytes forwarded to the client since then
        self.ending = False  # whether a fault has done its one-time action
        self.open = True

    def to_server(self, data: bytes) -> None:
        """Forward data to the server."""
        if self.server is not None and self.open:
            self.server.sendall(data)

    def to_client(self, data: bytes) -> None:
        """Forward data to the client."""
        if self.open:
            self.heard += len(data)
            self.client.sendall(data)

    def half_close(self) -> None:
        """Half-close: the client reads the end, and may still send."""
        with contextlib.suppress(OSError):
            self.client.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Cut the link with an RST to the client."""
        with contextlib.suppress(OSError):
            linger = struct.pack("ii", 1, 0)
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close()

    def close(self) -> None:
        """Close both connections."""
        self.open = False
        self.proxy.links.discard(self)
        self.client.close()
        if self.server is not None:
            self.server.close()

    def serve(self) -> None:
        """Forward in both directions until both have ended."""
        try:
            self.proxy.fault.opened(self)
            if not self.open:
                return
            self.server = socket.create_connection(("127.0.0.1", self.proxy.server))
            for stream in (self.client, self.server):
                stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            answers = gevent.spawn(self._answers, self.server)
            try:
                self._requests(self.server)
                answers.join()
            finally:
                answers.kill()
        except OSError:
            self.reset()  # the server does not listen, or one of both is gone
        finally:
            self.close()

    def _requests(self, server: socket.socket) -> None:
        for data in _pieces(self.client, self.proxy.piece):
            self.said += len(data)
            self.proxy.passed += len(data)
            self.proxy.fault.up(self, data)
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def _answers(self, server: socket.socket) -> None:
        try:
            for data in _pieces(server, self.proxy.piece):
                self.proxy.fault.down(self, data)
            self.half_close()
        except OSError:
            self.reset()


class Proxy:
    """A proxy on `port` of loopback, for the server on another port.

    With a `buffer`, the bytes of its clients' that the kernel may hold for it (SO_RCVBUF), clients
    soon feel how slowly a fault reads.
    """

    def __init__(self, port: int, server: int, buffer: Optional[int] = None) -> None:
        self.port = port
        self.server = server
        self.passed = 0  # bytes read of all clients
        self._buffer = buffer
        self.links: set[Link] = set()
        self.fault = Fault()
        self.healthy = Event()
        self.healthy.set()
        self.listener: Optional[socket.socket] = None
        self._acceptor: Optional[gevent.Greenlet] = None
        self._serving = Pool()

    def listen(self) -> None:
        """Accept connections, including those that wait already."""
        if self.listener is None:
            self.listener = socket.create_server(("127.0.0.1", self.port), backlog=_BACKLOG)
            if self._buffer is not None:  # its connections inherit it
                self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._buffer)
        self.listener.listen(_BACKLOG)
        self._acceptor = gevent.spawn(self._accept, self.listener)

    def accept_none(self) -> None:
        """Continue to listen, but let connections wait."""
        if self._acceptor is not None:
            self._acceptor.kill()

    def refuse_all(self) -> None:
        """Stop listening; present connections remain."""
        self.accept_none()
        if self.listener is not None:
            self.listener.close()
            self.listener = None

    def reset_all(self) -> None:
        """Cut all present connections."""
        for link in tuple(self.links):
            link.reset()

    def stop(self) -> None:
        """Stop the proxy and all connections."""
        self.refuse_all()
        self._serving.kill()
        for link in tuple(self.links):
            link.close()

    @property
    def piece(self) -> int:
        """Return the most bytes that are read at once."""
        return _PIECE if self._buffer is None else _NARROW_PIECE

    @contextlib.contextmanager
    def applying(self, fault: Fault) -> Iterator[None]:
        """Apply a fault for the length of a block."""
        self.fault = fault
        self.healthy.clear()
        for link in self.links:
            link.said = link.heard = 0
        fault.begins(self)
        try:
            yield
        finally:
            self.fault = Fault()
            fault.ends(self)
            self.healthy.set()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            client, _ = listener.accept()
            link = Link(self, client)
            self.links.add(link)
            self._serving.spawn(link.serve)


@contextlib.contextmanager
def proxy(port: int, server: int, buffer: Optional[int] = None) -> Iterator[Proxy]:
    """Run a proxy for the length of a block."""
    running = Proxy(port, server, buffer)
    running.listen()
    try:
        yield running
    finally:
        running.stop()


def _pieces(stream: socket.socket, size: int) -> Iterator[bytes]:
    receive: Callable[[int], bytes] = stream.recv
    while data := receive(size):
        yield data

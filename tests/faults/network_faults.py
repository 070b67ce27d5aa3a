"""The faults that the proxy applies to connections."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
from collections.abc import Iterator

import gevent

from .proxy import Fault, Link, Proxy

_APART = 250
_IGNORE = struct.pack(">IBBI", 12, 6, 2, 0) + bytes(6)
"""An SSH_MSG_IGNORE without data, before keys are exchanged."""


class Refuse(Fault):
    """The port is closed, and all connections are cut."""

    def begins(self, proxy: Proxy) -> None:
        """Close the port as if the server was killed."""
        proxy.refuse_all()
        proxy.reset_all()

    def ends(self, proxy: Proxy) -> None:
        """Listen again as if the server was started."""
        proxy.listen()


class Full(Fault):
    """All connections are cut, and new ones get no answer: the kernel drops every SYN."""

    def begins(self, proxy: Proxy) -> None:
        """Make the queue as short as possible, and fill it."""
        proxy.reset_all()
        proxy.accept_none()
        assert proxy.listener is not None
        proxy.listener.listen(0)
        self._fillers = [_knock(proxy.port) for _ in range(3)]

    def ends(self, proxy: Proxy) -> None:
        """Accept the connections that wait."""
        for filler in self._fillers:
            filler.close()
        proxy.listen()


class Silence(Fault):
    """No data passes in either direction; with `forget` never again on these links."""

    def __init__(self, forget: bool = False) -> None:
        self._forget = forget

    def opened(self, link: Link) -> None:
        """Accept the connection only."""
        self._wait(link)

    def up(self, link: Link, data: bytes) -> None:
        """Hold the data back."""
        self._wait(link)
        link.to_server(data)

    def down(self, link: Link, data: bytes) -> None:
        """Hold the data back."""
        self._wait(link)
        link.to_client(data)

    def _wait(self, link: Link) -> None:
        while self._forget:
            gevent.sleep(60)  # until the proxy ends
        link.proxy.healthy.wait()


class Reset(Fault):
    """A link is cut once the client has sent more than a number of bytes."""

    def __init__(self, after: int) -> None:
        self._after = after

    def up(self, link: Link, data: bytes) -> None:
        """Forward the bytes below the limit."""
        beyond = link.said - self._after
        if beyond <= 0:
            link.to_server(data)
            return
        link.to_server(data[: max(0, len(data) - beyond)])
        link.reset()


class ResetUnanswered(Fault):
    """All data of the client arrives, but beyond a number of bytes the answer is an RST."""

    def __init__(self, after: int) -> None:
        self._after = after

    def down(self, link: Link, data: bytes) -> None:
        """Drop the answer."""
        if link.said <= self._after:
            link.to_client(data)
        elif not link.ending:
            link.ending = True
            gevent.spawn(self._cut, link)

    def ends(self, proxy: Proxy) -> None:
        """Cut the links whose answers were dropped: later answers would not match."""
        for link in [link for link in proxy.links if link.ending]:
            link.reset()

    def _cut(self, link: Link) -> None:
        said = -1
        while said != link.said:
            said = link.said
            gevent.sleep(0.1)
        link.reset()


class Stall(Fault):
    """All links are cut; on new ones the answer stalls after a number of bytes."""

    def __init__(self, after: int) -> None:
        self._after = after

    def begins(self, proxy: Proxy) -> None:
        """Cut all links to get new handshakes."""
        proxy.reset_all()

    def down(self, link: Link, data: bytes) -> None:
        """Forward the bytes below the limit, and the rest after the fault."""
        now = max(0, self._after - link.heard)
        link.to_client(data[:now])
        if data[now:]:
            link.proxy.healthy.wait()
            link.to_client(data[now:])


class SshFlood(Fault):
    """All links are cut; new ones get an SSH version, and then SSH_MSG_IGNORE without end."""

    def begins(self, proxy: Proxy) -> None:
        """Cut all links to get new handshakes."""
        proxy.reset_all()

    def opened(self, link: Link) -> None:
        """Send as long as the fault lasts, and then nothing more."""
        link.to_client(b"SSH-2.0-flood\r\n")
        while not link.proxy.healthy.is_set():
            link.to_client(_IGNORE * 2000)
            gevent.sleep(0.001)
        link.reset()


class Bytewise(Fault):
    """Each of the first bytes of an answer arrives by itself."""

    def down(self, link: Link, data: bytes) -> None:
        """Wait after each byte until the client can have read it; HTTP answers are short."""
        for byte in data[:_APART]:
            link.to_client(bytes([byte]))
            gevent.sleep(0.0002)
        link.to_client(data[_APART:])


class Narrow(Fault):
    """Each link has a limited bandwidth in each direction."""

    def __init__(self, rate: int) -> None:
        self._rate = rate

    def up(self, link: Link, data: bytes) -> None:
        """Forward twenty times a second."""
        for piece in self._paced(link, data):
            link.to_server(piece)

    def down(self, link: Link, data: bytes) -> None:
        """Forward twenty times a second."""
        for piece in self._paced(link, data):
            link.to_client(piece)

    def _paced(self, link: Link, data: bytes) -> Iterator[bytes]:
        size = max(1, self._rate // 20)
        for at in range(0, len(data), size):
            piece = data[at : at + size]
            link.proxy.healthy.wait(len(piece) / self._rate)
            yield piece


class Latency(Fault):
    """All data is late by some seconds, in both directions."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def up(self, link: Link, data: bytes) -> None:
        """Wait; meanwhile the kernel buffers the data."""
        gevent.sleep(self._seconds)
        link.to_server(data)

    def down(self, link: Link, data: bytes) -> None:
        """Wait; meanwhile the kernel buffers the data."""
        gevent.sleep(self._seconds)
        link.to_client(data)


class EarlyAnswer(Fault):
    """A request is answered, and its connection to be closed, when its first bytes arrive."""

    def up(self, link: Link, data: bytes) -> None:
        """Answer once, and let the server have all of the request."""
        if not link.ending:
            link.ending = True
            link.to_client(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        link.to_server(data)

    def down(self, link: Link, data: bytes) -> None:
        """Drop the server's answer."""
        if link.ending:
            link.half_close()
        else:
            link.to_client(data)


class EarlyHead(Fault):
    """The head of an answer comes when a request begins, the end of its body when it is stored."""

    def up(self, link: Link, data: bytes) -> None:
        """Send the head once for each request."""
        if not link.ending:
            link.ending = True
            link.to_client(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n")
        link.to_server(data)

    def down(self, link: Link, data: bytes) -> None:
        """End the body in the server's stead."""
        if link.ending:
            link.ending, data = False, b"0\r\n\r\n"
        link.to_client(data)

    def ends(self, proxy: Proxy) -> None:
        """Cut the links whose answers have begun: the rest would not match."""
        for link in [link for link in proxy.links if link.ending]:
            link.reset()


class HalfClose(Fault):
    """When a client sends data, it gets the end of the stream; its data is dropped."""

    def up(self, link: Link, data: bytes) -> None:  # noqa: ARG002
        """Close one direction, once."""
        if not link.ending:
            link.ending = True
            link.half_close()

    def down(self, link: Link, data: bytes) -> None:
        """Send no more data."""
        if not link.ending:
            link.to_client(data)


class Garbage(Fault):
    """Answers have the right length, but are noise."""

    def __init__(self) -> None:
        self._noise = random.Random(1)

    def down(self, link: Link, data: bytes) -> None:
        """Send noise, the same each time."""
        link.to_client(bytes(self._noise.getrandbits(8) for _ in data))


class Truncate(Fault):
    """An answer and its connection end after a number of bytes."""

    def __init__(self, after: int) -> None:
        self._after = after

    def down(self, link: Link, data: bytes) -> None:
        """Forward the bytes below the limit, then close in an orderly way."""
        link.to_client(data[: max(0, self._after - link.heard)])
        if link.heard >= self._after and not link.ending:
            link.ending = True
            link.half_close()


def _knock(port: int) -> socket.socket:
    """Start to connect, and return a socket that does not wait for it."""
    client = socket.socket()
    client.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        client.connect(("127.0.0.1", port))
    return client

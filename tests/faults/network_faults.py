"""What the proxy can do to connections."""

from __future__ import annotations

import contextlib
import random
import socket
from collections.abc import Iterator

import gevent

from .proxy import Fault, Link, Proxy

_APART = 250


class Refuse(Fault):
    """Nothing listens, and all connections are cut."""

    def begins(self, proxy: Proxy) -> None:
        """As when a server is killed."""
        proxy.refuse_all()
        proxy.reset_all()

    def ends(self, proxy: Proxy) -> None:
        """As when it is started again."""
        proxy.listen()


class Full(Fault):
    """All connections are cut, and new ones wait in vain: the kernel drops every SYN."""

    def begins(self, proxy: Proxy) -> None:
        """Make the queue as short as can be, and fill it."""
        proxy.reset_all()
        proxy.accept_none()
        assert proxy.listener is not None
        proxy.listener.listen(0)
        self._fillers = [_knock(proxy.port) for _ in range(3)]

    def ends(self, proxy: Proxy) -> None:
        """Take those who wait."""
        for filler in self._fillers:
            filler.close()
        proxy.listen()


class Silence(Fault):
    """Nothing passes in either direction; with `forget` not even afterwards, on these links."""

    def __init__(self, forget: bool = False) -> None:
        self._forget = forget

    def opened(self, link: Link) -> None:
        """Take the connection, and no more."""
        self._wait(link)

    def up(self, link: Link, data: bytes) -> None:
        """Keep it."""
        self._wait(link)
        link.to_server(data)

    def down(self, link: Link, data: bytes) -> None:
        """Keep it."""
        self._wait(link)
        link.to_client(data)

    def _wait(self, link: Link) -> None:
        while self._forget:
            gevent.sleep(60)  # until the proxy ends
        link.proxy.healthy.wait()


class Reset(Fault):
    """A link is cut once the client has said more than so many bytes."""

    def __init__(self, after: int) -> None:
        self._after = after

    def up(self, link: Link, data: bytes) -> None:
        """Pass on what is not too much."""
        beyond = link.said - self._after
        if beyond <= 0:
            link.to_server(data)
            return
        link.to_server(data[: max(0, len(data) - beyond)])
        link.reset()


class ResetUnanswered(Fault):
    """All that the client says arrives, but beyond so many bytes an RST is the answer to it."""

    def __init__(self, after: int) -> None:
        self._after = after

    def down(self, link: Link, data: bytes) -> None:
        """Swallow the answer."""
        if link.said <= self._after:
            link.to_client(data)
        elif not link.ending:
            link.ending = True
            gevent.spawn(self._cut, link)

    def ends(self, proxy: Proxy) -> None:
        """Cut at once whose answers have been swallowed: later ones would make no sense."""
        for link in [link for link in proxy.links if link.ending]:
            link.reset()

    def _cut(self, link: Link) -> None:
        said = -1
        while said != link.said:
            said = link.said
            gevent.sleep(0.1)
        link.reset()


class Stall(Fault):
    """All links are cut; on new ones the answer stops for a while after so many bytes."""

    def __init__(self, after: int) -> None:
        self._after = after

    def begins(self, proxy: Proxy) -> None:
        """New handshakes are wanted."""
        proxy.reset_all()

    def down(self, link: Link, data: bytes) -> None:
        """Pass on what is not too much, and the rest once all is well."""
        now = max(0, self._after - link.heard)
        link.to_client(data[:now])
        if data[now:]:
            link.proxy.healthy.wait()
            link.to_client(data[now:])


class Bytewise(Fault):
    """Each of the first bytes of an answer comes by itself."""

    def down(self, link: Link, data: bytes) -> None:
        """Wait until the client has had time to take each; an answer of HTTP is no longer."""
        for byte in data[:_APART]:
            link.to_client(bytes([byte]))
            gevent.sleep(0.0002)
        link.to_client(data[_APART:])


class Narrow(Fault):
    """So many bytes a second pass, on each link, in each direction."""

    def __init__(self, rate: int) -> None:
        self._rate = rate

    def up(self, link: Link, data: bytes) -> None:
        """Pass on twenty times a second."""
        for piece in self._paced(link, data):
            link.to_server(piece)

    def down(self, link: Link, data: bytes) -> None:
        """Pass on twenty times a second."""
        for piece in self._paced(link, data):
            link.to_client(piece)

    def _paced(self, link: Link, data: bytes) -> Iterator[bytes]:
        size = max(1, self._rate // 20)
        for at in range(0, len(data), size):
            piece = data[at : at + size]
            link.proxy.healthy.wait(len(piece) / self._rate)
            yield piece


class Latency(Fault):
    """Everything comes so many seconds late, in both directions."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def up(self, link: Link, data: bytes) -> None:
        """Meanwhile the kernel gathers what comes."""
        gevent.sleep(self._seconds)
        link.to_server(data)

    def down(self, link: Link, data: bytes) -> None:
        """Meanwhile the kernel gathers what comes."""
        gevent.sleep(self._seconds)
        link.to_client(data)


class HalfClose(Fault):
    """As soon as a client says something, it hears the end; what it says is swallowed."""

    def up(self, link: Link, data: bytes) -> None:  # noqa: ARG002
        """Close one half, once."""
        if not link.ending:
            link.ending = True
            link.say_no_more()

    def down(self, link: Link, data: bytes) -> None:
        """Say nothing more."""
        if not link.ending:
            link.to_client(data)


class Garbage(Fault):
    """Answers are as long as they should be, but noise."""

    def __init__(self) -> None:
        self._noise = random.Random(1)

    def down(self, link: Link, data: bytes) -> None:
        """Roll the dice; the same each time."""
        link.to_client(bytes(self._noise.getrandbits(8) for _ in data))


class Truncate(Fault):
    """An answer ends after so many bytes, and the connection with it."""

    def __init__(self, after: int) -> None:
        self._after = after

    def down(self, link: Link, data: bytes) -> None:
        """Pass on what is not too much, then close in an orderly way."""
        link.to_client(data[: max(0, self._after - link.heard)])
        if link.heard >= self._after and not link.ending:
            link.ending = True
            link.say_no_more()


def _knock(port: int) -> socket.socket:
    """A client that has begun to connect, and does not wait for it."""
    client = socket.socket()
    client.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        client.connect(("127.0.0.1", port))
    return client

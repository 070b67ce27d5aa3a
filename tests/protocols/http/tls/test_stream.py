"""TLS over a socket, and within TLS, where the other side reads nothing for a while."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import gevent
import pytest

from fthg.clock import Clock
from fthg.protocols.http.tls.settings import find_settings
from fthg.protocols.http.tls.stream import Stream, TlsStream
from tests.servers.certificates import Authority, Pair

from ..jobs import options

SMALL = 4096


@pytest.fixture(params=[1, 2], ids=["TLS", "TLS in TLS"])
def ends(
    request: pytest.FixtureRequest, ca: Authority, certificate: Pair
) -> Iterator[tuple[TlsStream, Any]]:
    """Return both ends of a connection; in the end neither waits by itself."""
    context = find_settings(options("https://localhost/", ca=str(ca.cert)), Clock()).current()
    with ExitStack() as stack:
        near, far = (stack.enter_context(each) for each in socket.socketpair())
        near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
        serving = gevent.spawn(_serve, far, certificate, request.param)
        stream: Stream = near
        for _ in range(request.param):
            stream = TlsStream(stream, context, "localhost", None, Clock())
        assert isinstance(stream, TlsStream)
        stream.stop_waiting()
        stack.callback(stream.close)
        yield stream, serving.get(timeout=5)


def _serve(far: socket.socket, certificate: Pair, layers: int) -> _Server:
    server = _Server(far, certificate)
    return server if layers == 1 else _Server(server, certificate)


class _Server:
    """A blocking TLS server over a socket, or over another one of its kind."""

    def __init__(self, outer: Any, certificate: Pair) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.cert, certificate.key)
        self._outer = outer
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._inner = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._call(self._inner.do_handshake)

    def sendall(self, data: bytes) -> None:
        self._call(self._inner.write, data)

    def recv(self, size: int) -> bytes:
        data: bytes = self._call(self._inner.read, size)
        return data

    def _call(self, method: Any, *arguments: Any) -> Any:
        while True:
            try:
                result = method(*arguments)
            except ssl.SSLWantReadError:
                self._flush()
                self._incoming.write(self._outer.recv(65536))
            else:
                self._flush()
                return result

    def _flush(self) -> None:
        if data := self._outgoing.read():
            self._outer.sendall(data)


def fill(stream: TlsStream, data: bytes) -> int:
    """Send data repeatedly until the kernel takes no more; return how many bytes."""
    sent = 0
    with suppress(ssl.SSLWantWriteError):
        while True:
            sent += stream.send(data)
    return sent


def test_what_comes_is_read_though_nothing_can_be_sent(ends: tuple[TlsStream, Any]) -> None:
    stream, server = ends
    fill(stream, bytes(10_000))
    server.sendall(b"enough")
    assert received(stream) == b"enough"
    with pytest.raises((BlockingIOError, ssl.SSLWantReadError)):
        stream.recv(100)
    assert stream.pending() == 0, "whoever waits for more would try again at once"


def received(stream: TlsStream) -> bytes:
    """Return the next data; messages of TLS may come before them."""
    for _ in range(100):
        try:
            return stream.recv(100)
        except (BlockingIOError, ssl.SSLWantReadError):
            gevent.sleep(0.001)
    raise AssertionError


def test_only_what_the_kernel_has_is_counted_as_sent(ends: tuple[TlsStream, Any]) -> None:
    stream, server = ends
    data = b"x" * 10_000
    sent = fill(stream, data)
    total = sent + len(data)
    reading = gevent.spawn(_count, server, total)
    while True:
        try:
            sent += stream.send(data)
            break
        except ssl.SSLWantWriteError:
            gevent.sleep(0.001)
    assert sent == total
    assert reading.get(timeout=5) == total


def _count(server: Any, total: int) -> int:
    count = 0
    while count < total:
        count += len(server.recv(65536))
    return count

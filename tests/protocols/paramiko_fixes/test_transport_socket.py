"""The socket beneath paramiko."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from itertools import count, repeat

import gevent
import pytest

from fthg.clock import SECOND, Clock
from fthg.protocols.paramiko_fixes.transport_socket import TransportSocket


def tcp_pair() -> tuple[socket.socket, socket.socket]:
    """Return the two ends of a connection: the client's, and the server's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
    return client, server


@pytest.fixture
def pair() -> Iterator[tuple[TransportSocket, socket.socket]]:
    """Yield the client's end of a connection, wrapped, and the server's."""
    client, server = tcp_pair()
    wrapped = TransportSocket(client, Clock().now)
    with server:
        yield wrapped, server
    wrapped.close()


def read_all(wrapped: TransportSocket) -> bytes:
    data = b""
    while piece := wrapped.recv(7):
        data += piece
    return data


@pytest.mark.parametrize("before", [b"", b"welcome\r\n", b"SSH is not this\nnor -SSH-2.0\n"])
def test_lines_before_the_version_are_skipped(
    pair: tuple[TransportSocket, socket.socket], before: bytes
) -> None:
    wrapped, server = pair
    server.sendall(before + b"SSH-2.0-x\r\nSSH-2.0-not-skipped\n")
    server.close()
    assert read_all(wrapped) == b"SSH-2.0-x\r\nSSH-2.0-not-skipped\n"
    assert wrapped.error is None


@pytest.mark.parametrize(
    ("sent", "kind", "reason"),
    [
        (b"", "reset", "before it sent an SSH version"),
        (b"Exceeded MaxStartups\r\n", "reset", "with the words 'Exceeded MaxStartups'"),
        (b"SSH-2.0-without-an-end", "reset", "with the words 'SSH-2.0-without-an-end'"),
        (b"Good morning\r\n" * 1000, "protocol", "no SSH server is there"),
        (b"SSH-2.0-" + b"x" * 10_000 + b"\r\n", "protocol", "no SSH server is there"),
        (b"HTTP/1.1 400 Bad Request\r\n" * 1000, "protocol", "an HTTP server answers there"),
    ],
)
def test_a_server_without_a_version_is_explained(
    pair: tuple[TransportSocket, socket.socket], sent: bytes, kind: str, reason: str
) -> None:
    wrapped, server = pair
    server.sendall(sent)
    server.close()
    assert read_all(wrapped) == b""
    assert wrapped.error
    assert wrapped.error.kind == kind
    assert reason in wrapped.error.detail


def test_a_packet_that_no_server_sends_is_not_waited_for(
    pair: tuple[TransportSocket, socket.socket],
) -> None:
    wrapped, server = pair
    server.sendall(b"SSH-2.0-x\r\n")
    assert wrapped.recv(100) == b"SSH-2.0-x\r\n"
    assert wrapped.recv(1 << 32) == b""
    assert wrapped.error
    assert wrapped.error.detail == "no SSH: a packet of 4294967296 bytes"


def test_no_more_is_read_while_too_much_is_stored(
    pair: tuple[TransportSocket, socket.socket],
) -> None:
    wrapped, server = pair
    stored = 0
    wrapped.unread = lambda: stored
    server.sendall(b"SSH-2.0-x\r\n")
    assert wrapped.recv(100)
    sending = gevent.spawn(server.sendall, bytes(10_000_000))
    while data := wrapped.recv(30_000):
        stored += len(data)
    assert 512 * 1024 < stored < 768 * 1024
    assert wrapped.error
    assert wrapped.error.kind == "protocol"
    assert wrapped.error.detail == "the server sends more than the window allows"
    sending.kill()


def test_a_timeout_of_paramiko_is_ignored(pair: tuple[TransportSocket, socket.socket]) -> None:
    wrapped, server = pair
    wrapped.settimeout(0.000001)
    server.sendall(b"SSH-2.0-x\r\n")
    assert wrapped.recv(100)
    assert wrapped.send(b"SSH-2.0-y\r\n") == 11
    assert server.recv(100) == b"SSH-2.0-y\r\n"


@pytest.mark.parametrize(("step", "turns"), [(0, 0), (SECOND // 10, 1)])
def test_others_get_a_turn_by_time_although_there_is_more_to_read(step: int, turns: int) -> None:
    readings = count(0, step) if step else repeat(0)
    client, server = tcp_pair()
    with client, server:
        wrapped = TransportSocket(client, lambda: next(readings))
        server.sendall(b"SSH-2.0-x\r\n" + bytes(1000))
        assert wrapped.recv(11)
        others: list[int] = []
        gevent.spawn(others.append, 1)
        assert wrapped.recv(16) == bytes(16)
        assert len(others) == turns


def test_it_may_be_closed_twice(pair: tuple[TransportSocket, socket.socket]) -> None:
    wrapped, server = pair
    wrapped.close()
    wrapped.close()
    assert server.recv(1) == b""

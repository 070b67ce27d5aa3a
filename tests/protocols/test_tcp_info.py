"""The kernel's state of a connection whose peer does not read."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

import gevent
import pytest

from fthg.protocols.tcp_info import Delivery, delivery_of


class Pair:
    """A client's socket, and the server's end of it, which has a small buffer."""

    def __init__(self, host: str, family: socket.AddressFamily) -> None:
        with socket.socket(family) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            listener.bind((host, 0))
            listener.listen()
            self.port = listener.getsockname()[1]
            self.client = socket.create_connection((host, self.port))
            self.server, _ = listener.accept()

    def fill(self) -> int:
        """Write until no more can be written; return the number of bytes."""
        written = 0
        self.client.setblocking(False)
        while True:
            try:
                written += self.client.send(bytes(65536))
            except BlockingIOError:
                return written

    def close(self) -> None:
        self.client.close()
        self.server.close()


@pytest.fixture
def pair() -> Iterator[Pair]:
    made = Pair("127.0.0.1", socket.AF_INET)
    yield made
    made.close()


def test_bytes_that_a_peer_does_not_read_are_unacknowledged(pair: Pair) -> None:
    assert delivery_of(pair.client) == Delivery(0, 0)
    written = pair.fill()
    delivery = delivery_of(pair.client)
    assert delivery.unacknowledged is not None
    assert written - 65536 < delivery.unacknowledged <= written
    assert "had not acknowledged" in delivery.waiting_for
    assert str(delivery).startswith(f"{delivery.unacknowledged:,} bytes were still on this host")


def test_bytes_that_were_read_are_acknowledged(pair: Pair) -> None:
    pair.client.sendall(b"x" * 1000)
    pair.server.recv(1000)
    gevent.sleep(0.05)
    assert delivery_of(pair.client).unacknowledged == 0
    assert "had not answered" in delivery_of(pair.client).waiting_for
    assert str(delivery_of(pair.client)) == ""


def test_they_are_known_after_a_reset_too(pair: Pair) -> None:
    pair.fill()
    pair.server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    pair.server.close()
    gevent.sleep(0.05)
    assert delivery_of(pair.client).unacknowledged


def test_nothing_is_known_of_a_closed_socket(pair: Pair) -> None:
    pair.client.close()
    assert delivery_of(pair.client) == Delivery(None, None)


def test_nothing_is_known_of_a_socket_that_is_not_tcp() -> None:
    first, second = socket.socketpair()
    with first, second:
        assert delivery_of(first).retransmissions is None


def test_the_text_counts_retransmissions() -> None:
    assert str(Delivery(1048576, 7)) == (
        "1,048,576 bytes were still on this host (not acknowledged), 7 retransmissions"
    )
    assert str(Delivery(0, 1)) == "1 retransmission"

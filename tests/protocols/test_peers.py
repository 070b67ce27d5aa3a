"""The two ends of a connection."""

from __future__ import annotations

import socket

import pytest

from fthg.peer import Peer
from fthg.protocols.peers import peer_of


@pytest.mark.parametrize(
    ("family", "address", "shown"),
    [(socket.AF_INET, "127.0.0.1", "127.0.0.1"), (socket.AF_INET6, "::1", "[::1]")],
)
def test_a_connection_has_two_ends(family: socket.AddressFamily, address: str, shown: str) -> None:
    with socket.create_server((address, 0), family=family) as server:
        port = server.getsockname()[1]
        with socket.create_connection((address, port)) as connection:
            local = connection.getsockname()[1]
            assert peer_of(connection) == Peer(f"{shown}:{port}", local, reused=False)
            assert peer_of(connection, reused=True) == Peer(f"{shown}:{port}", local, reused=True)


def test_a_socket_that_is_not_connected_has_none() -> None:
    with socket.socket() as unconnected:
        assert peer_of(unconnected) is None
    assert peer_of(unconnected) is None

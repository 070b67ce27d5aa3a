"""The floods do not end, and come when they should."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from .faulty import Conversation, faulty
from .http_flood import flooding
from .programs.http_flood import FLOODS

REQUEST = b"PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
NAMES = sorted(FLOODS.keys() - {"spaces and a NUL", "tickets"})
MUCH = 4_000_000  # bytes: more than two sockets hold


@pytest.mark.parametrize("name", NAMES)
def test_a_flood_does_not_end(tmp_path: Path, name: str) -> None:
    with flooding(tmp_path, name) as port, socket.create_connection(("127.0.0.1", port)) as client:
        client.settimeout(10)
        if name != "unasked answers":
            client.sendall(REQUEST)
        left = MUCH
        while left > 0:
            data = client.recv(1 << 16)
            assert data
            left -= len(data)


def test_a_line_of_spaces_comes_once(tmp_path: Path) -> None:
    with flooding(tmp_path, "spaces and a NUL") as port:
        client = socket.create_connection(("127.0.0.1", port))
        client.sendall(REQUEST)
        client.shutdown(socket.SHUT_WR)
        with client, client.makefile("rb") as stream:
            assert stream.read().count(b" ") > 64_000


def test_a_relay_forwards_both_ways(tmp_path: Path) -> None:
    def echo(conversation: Conversation) -> None:
        conversation.send(conversation.read(5)[::-1])

    with faulty(echo) as target, flooding(tmp_path, "relay") as port:
        client = socket.create_connection(("127.0.0.1", port))
        client.sendall(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\n" % target.port)
        with client, client.makefile("rb") as stream:
            assert stream.read(19) == b"HTTP/1.1 200 OK\r\n\r\n"
            client.sendall(b"hello")
            assert stream.read() == b"olleh"

"""The phase `sending` is not hidden in the kernel's buffers."""

from __future__ import annotations

import socket
from pathlib import Path

import gevent

from fthg.clock import SECOND, Clock
from tests.servers.faulty import Conversation, faulty

from .jobs import send

RATE = 1_000_000  # bytes a second


def _slowly(listener: socket.socket, port: int) -> None:
    """Pass the bytes of one connection on to the server at RATE."""
    client, _ = listener.accept()
    clock = Clock()
    with client, socket.create_connection(("127.0.0.1", port)) as server:
        back = gevent.spawn(lambda: client.sendall(server.recv(65536)))
        began, passed = clock.now(), 0
        while data := client.recv(16384):
            server.sendall(data)
            passed += len(data)
            clock.sleep_until(began + passed * SECOND // RATE)
        back.kill()


def test_most_of_the_time_behind_a_slow_line_is_spent_sending(tmp_path: Path) -> None:
    def script(client: Conversation) -> None:
        while client.read_request():
            client.answer()

    path = tmp_path / "file"
    path.write_bytes(bytes(2 * RATE))
    with faulty(script) as server, socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        line = gevent.spawn(_slowly, listener, server.port)
        sent = send(f"http://127.0.0.1:{listener.getsockname()[1]}/", path)
        line.kill()
    assert sent.phases["sending"] >= 0.8 * sum(sent.phases.values())

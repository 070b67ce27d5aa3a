"""The details of a failed transfer on its connection, and on bytes that did not arrive."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers.faulty import Conversation, faulty

from .jobs import failed, failure, sender, transfer


@contextmanager
def reads_nothing() -> Iterator[int]:
    """Listen with a small buffer: the kernel accepts connections, and nobody reads from them."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_timeout_with_bytes_in_the_kernel_does_not_blame_the_server_for_them(
    tmp_path: Path,
) -> None:
    path = tmp_path / "middling.bin"
    path.write_bytes(bytes(60_000))  # the kernel takes more than that
    with reads_nothing() as port:
        error = failure(f"http://127.0.0.1:{port}/", path, timeout=0.5)
    assert error.kind == "timeout"
    assert "waiting" in error.phases, "the kernel's buffer is smaller than expected"
    assert "had not acknowledged all of it" in error.detail
    assert "bytes were still on this host (not acknowledged)" in error.detail
    assert "had not answered" not in error.detail


def test_a_timeout_in_the_body_names_them_too(large: Path) -> None:
    with reads_nothing() as port:
        error = failure(f"http://127.0.0.1:{port}/", large, timeout=0.5)
    assert "the server had not taken the whole body" in error.detail
    assert "bytes were still on this host" in error.detail


def test_a_timeout_after_all_was_acknowledged_says_that_the_server_did_not_answer(
    small: Path,
) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.hang()

    with faulty(script) as server:
        error = failure(server.url, small, timeout=0.3)
    assert error.detail.endswith("all was sent, but the server had not answered")


def test_failures_and_successes_name_their_connection(small: Path) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.answer()
        client.read_request()
        client.reset()

    with faulty(script) as server, sender(server.url) as made:
        sent = made.send(transfer(small))
        error = failed(made, transfer(small, seq=1))
    assert sent.peer is not None
    assert error.peer is not None
    assert sent.peer.remote == error.peer.remote == f"127.0.0.1:{server.port}"
    assert sent.peer.local_port == error.peer.local_port
    assert (sent.peer.reused, error.peer.reused) == (False, True)


@pytest.mark.parametrize("rudely", [True, False])
def test_a_kept_connection_that_ends_is_named_as_one_however_it_ends(
    small: Path, rudely: bool
) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.answer()
        client.read_request()
        if rudely:
            client.reset()

    with faulty(script) as server, sender(server.url) as made:
        made.send(transfer(small))
        error = failed(made, transfer(small, seq=1))
    assert error.kind == "reset"
    assert "a kept connection" in error.detail


def test_a_failed_handshake_names_its_connection(small: Path) -> None:
    def script(client: Conversation) -> None:
        client.read(10)

    with faulty(script) as server:
        error = failure(f"https://localhost:{server.port}/", small)
    assert error.peer is not None
    assert error.peer.remote == f"127.0.0.1:{server.port}"

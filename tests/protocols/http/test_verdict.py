"""`ok` means delivered: the complete body was written, and an expected answer came to it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import gevent
import pytest

from tests.servers import free_port
from tests.servers.faulty import Conversation, faulty
from tests.servers.nginx import NginxProcess

from .jobs import failed, failure, send, sender, transfer

EARLY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"


@pytest.fixture
def big(tmp_path: Path) -> Path:
    path = tmp_path / "big.bin"
    with path.open("wb") as file:
        file.truncate(30_000_000)
    return path


@pytest.fixture(scope="module")
def careless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run an nginx that answers before it reads; yield its URL."""
    directory, port = tmp_path_factory.mktemp("careless"), free_port()
    directory.chmod(0o755)
    server = NginxProcess(directory, port)
    server.start(
        f"server {{ listen 127.0.0.1:{port};"
        " location / { return 200; } location /moved { return 302 /; } }"
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()


def test_a_server_that_answers_without_reading_still_gets_every_byte(
    careless: str, big: Path
) -> None:
    with sender(f"{careless}/whole") as made:
        sent = [made.send(transfer(big, seq=seq)) for seq in range(3)]
    assert [(one.code, one.bytes) for one in sent] == [(200, 30_000_000)] * 3
    # It finds the next request only behind the last byte of the one before.
    assert [one.peer and one.peer.reused for one in sent] == [False, True, True]


def test_a_302_sends_method_and_body_again(careless: str, large: Path) -> None:
    sent = send(f"{careless}/moved", large, follow_redirects="true", method="PUT")
    assert (sent.code, sent.bytes) == (200, large.stat().st_size)


@pytest.mark.parametrize("more", [b"", b"Connection: close\r\n"])
@pytest.mark.parametrize("ending", [b"OK", b""])
def test_an_early_success_does_not_end_the_sending(large: Path, more: bytes, ending: bytes) -> None:
    """The answer is complete before the body, or only after it."""
    size, digests = large.stat().st_size, []

    def script(client: Conversation) -> None:
        client.read_head()
        client.send(EARLY.replace(b"\r\n\r\n", b"\r\n" + more + b"\r\n") + ending)
        digests.append(hashlib.sha256(client.read(size)).hexdigest())
        client.send(b"" if ending else b"OK")

    with faulty(script) as server:
        sent = send(server.url, large)
        with gevent.Timeout(5):
            while not digests:
                gevent.sleep(0.01)
    assert (sent.code, sent.bytes) == (200, size)
    assert digests == [hashlib.sha256(large.read_bytes()).hexdigest()]


def test_a_server_that_accepts_and_takes_no_more_has_cut_the_file(large: Path) -> None:
    def script(client: Conversation) -> None:
        client.read_head()
        client.send(EARLY + b"OK")
        gevent.sleep(0.1)
        client.reset()

    with faulty(script) as server:
        error = failure(server.url, large)
    assert (error.kind, error.code) == ("cut", 200)
    assert "200 OK" in error.detail
    assert f"of {large.stat().st_size} bytes" in error.detail
    assert 0 < error.sent < large.stat().st_size


def test_an_unexpected_early_success_is_a_status(large: Path) -> None:
    def script(client: Conversation) -> None:
        client.read_head()
        client.send(EARLY + b"OK")
        gevent.sleep(0.1)
        client.reset()

    with faulty(script) as server:
        assert failure(server.url, large, expect="201").kind == "status"


def test_an_expected_refusal_without_the_whole_body_is_cut(large: Path) -> None:
    def script(client: Conversation) -> None:
        client.read_head()
        client.answer("409 Conflict")
        client.hang()

    with faulty(script) as server:
        error = failure(server.url, large, expect="200,409", timeout=5.0)
    assert (error.kind, error.code) == ("cut", 409)


def test_an_endless_answer_meanwhile_takes_no_memory_and_no_turn(large: Path, small: Path) -> None:
    def script(client: Conversation) -> None:
        client.read_head()
        client.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            client.send(b"x" * 65536)

    with faulty(script) as server, sender(server.url, timeout=0.5) as made, gevent.Timeout(5):
        assert failed(made, transfer(large)).kind == "timeout"
        assert failed(made, transfer(small)).kind == "timeout"


def test_an_answer_that_came_before_the_request_is_refused(small: Path) -> None:
    def script(client: Conversation) -> None:
        client.answer()
        client.hang()

    with faulty(script) as server, sender(server.url, connections=1) as made:
        connect = made._client._pool._connector.connect

        def slowly(*given: object) -> object:
            connection = connect(*given)  # type: ignore[arg-type]
            gevent.sleep(0.1)
            return connection

        made._client._pool._connector.connect = slowly  # type: ignore[assignment, method-assign]
        error = failed(made, transfer(small))
    assert error.kind == "protocol"
    assert error.sent == 0


def test_what_the_kernel_took_is_counted_to_the_byte(large: Path) -> None:
    size, arrived = large.stat().st_size, []

    def script(client: Conversation) -> None:
        client.read_head()
        client.read(300_001)
        gevent.sleep(0.5)
        arrived.append(300_001 + len(client.read(size)))

    with faulty(script) as server:
        error = failure(server.url, large, timeout=0.2)
        with gevent.Timeout(5):
            while not arrived:
                gevent.sleep(0.01)
    assert error.kind == "timeout"
    assert [error.sent] == arrived


def test_a_result_names_its_connection(small: Path) -> None:
    def script(client: Conversation) -> None:
        while client.read_request():
            client.answer()

    with faulty(script) as server, sender(server.url) as made:
        peers = [made.send(transfer(small, seq=seq)).peer for seq in range(3)]
    assert [peer and peer.remote for peer in peers] == [f"127.0.0.1:{server.port}"] * 3
    assert [peer and peer.reused for peer in peers] == [False, True, True]
    assert peers[1] is peers[2]
    port = free_port()
    tried = failure(f"http://127.0.0.1:{port}", small).peer
    assert tried is not None
    assert tried.remote == f"127.0.0.1:{port}"


def test_a_kept_connection_that_ends_cleanly_is_named_as_such(small: Path) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.answer()
        client.read_request()

    with faulty(script) as server, sender(server.url) as made:
        made.send(transfer(small))
        error = failed(made, transfer(small, seq=1))
    assert error.kind == "reset"
    assert "kept connection" in error.detail
    assert error.peer
    assert error.peer.reused

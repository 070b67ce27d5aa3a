"""Failures of servers and networks, the same on all ways to a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gevent
import pytest

from fthg.transfer import Sent
from tests.servers import free_port
from tests.servers.faulty import Conversation, faulty

from .jobs import failed, failure, send, sender, transfer
from .ways import Way


def test_nobody_listens(small: Path, adapter: dict[str, Any]) -> None:
    port = free_port()
    error = failure(f"http://127.0.0.1:{port}/", small, **adapter)
    assert error.kind == "refused"
    assert str(port) in error.detail
    assert error.sent == 0
    assert "connecting" in error.phases


def test_an_unknown_name(small: Path, adapter: dict[str, Any]) -> None:
    assert failure("http://a..b/", small, **adapter).kind == "dns"


def test_reset_before_the_body(large: Path, way: Way) -> None:
    def script(client: Conversation) -> None:
        client.read_head()
        client.reset()

    with way.faulty(script) as server:
        error = failure(server.url, large, **way.options)
    assert error.kind == "reset"
    assert error.sent < large.stat().st_size


def test_reset_in_the_body(large: Path, way: Way) -> None:
    def script(client: Conversation) -> None:
        client.read_head()
        client.read(1 << 20)
        client.reset()

    with way.faulty(script) as server:
        assert failure(server.url, large, **way.options).kind == "reset"


def test_reset_after_the_body(small: Path, way: Way) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.reset()

    with way.faulty(script) as server:
        error = failure(server.url, small, **way.options)
    assert error.kind == "reset"
    assert error.sent == 8
    assert len(server.heard) == 1, "it was sent again"


def test_closed_without_an_answer(small: Path, way: Way) -> None:
    def script(client: Conversation) -> None:
        client.read_request()

    with way.faulty(script) as server:
        error = failure(server.url, small, **way.options)
    assert error.kind == "reset"
    assert server.connections == 1


def test_hangs_before_the_body_is_taken(large: Path, way: Way) -> None:
    with way.faulty(Conversation.hang) as server:
        error = failure(server.url, large, timeout=1.0, **way.options)  # to connect, too
    assert error.kind == "timeout"
    assert "sending" in error.phases
    assert "of 8388608 bytes" in error.detail


def test_hangs_after_the_body(small: Path, way: Way) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.hang()

    with way.faulty(script) as server:
        error = failure(server.url, small, timeout=1.0, **way.options)
    assert error.kind == "timeout"
    assert "had not answered" in error.detail
    assert error.phases["waiting"] > 0.1
    assert error.sent == 8


def test_hangs_in_the_answer(small: Path, way: Way) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        client.hang()

    with way.faulty(script) as server:
        error = failure(server.url, small, timeout=0.3, **way.options)
    assert error.kind == "timeout"
    assert "not complete" in error.detail


def test_an_answer_cut_short(small: Path, way: Way) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    with way.faulty(script) as server:
        error = failure(server.url, small, **way.options)
    assert (error.kind, error.code) == ("reset", 200)


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nServer: x\r\n"],
)
def test_an_answer_cut_short_in_its_head(small: Path, way: Way, head: bytes) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.send(head)

    with way.faulty(script) as server:
        error = failure(server.url, small, **way.options)
    assert error.kind == "reset"


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "304 Not Modified", "401 Unauthorized", "413 Too Large",
               "429 Too Many Requests", "500 Oops", "503 Unavailable"],
)  # fmt: skip
def test_an_unexpected_status(small: Path, way: Way, status: str) -> None:
    def script(client: Conversation) -> None:
        while client.read_request():
            client.answer(status, b"because <b>so</b>")

    with way.faulty(script) as server:
        error = failure(server.url, small, **way.options)
    assert (error.kind, error.code) == ("status", int(status[:3]))
    assert status[:3] in error.detail
    if status[:3] != "304":
        assert "because <b>so</b>" in error.detail


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n0\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 201\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_connections_are_reused_after_answers_of_all_forms(
    small: Path, way: Way, answer: bytes
) -> None:
    def script(client: Conversation) -> None:
        while client.read_request():
            client.send(answer)

    with way.faulty(script) as server, sender(server.url, **way.options) as made:
        for seq in range(3):
            sent = made.send(transfer(small, seq=seq))
            assert sent.code in (200, 201, 202, 204)
            assert sent.bytes == 8
    assert server.connections == 1
    assert len(server.heard) == 3


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n\r\nuntil the end",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nOK",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nOK",
    ],
)
def test_answers_that_end_the_connection(small: Path, way: Way, answer: bytes) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.send(answer)

    with way.faulty(script) as server, sender(server.url, **way.options) as made:
        for seq in range(3):
            assert made.send(transfer(small, seq=seq)).code == 200
    assert server.connections == 3


def test_garbage(small: Path, way: Way) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.send(b"SSH-2.0-OpenSSH_9.2p1\r\n\r\n")

    with way.faulty(script) as server:
        error = failure(server.url, small, **way.options)
    assert error.kind == "protocol"
    assert "SSH-2.0-OpenSSH_9.2p1" in error.detail


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
        b"Content-Length: 1\r\nContent-Length: 2\r\n",
        b"Content-Length: 1, 2\r\n",
    ],
)
def test_lengths_that_contradict_each_other(small: Path, way: Way, headers: bytes) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.send(b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n1\r\nx\r\n0\r\n\r\n")

    with way.faulty(script) as server:
        assert failure(server.url, small, **way.options).kind == "protocol"


def test_endless_headers(small: Path, way: Way) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.send(b"HTTP/1.1 200 OK\r\n")
        while True:
            client.send(b"X-More: of the same\r\n" * 100)

    with way.faulty(script) as server:
        assert failure(server.url, small, timeout=10.0, **way.options).kind == "protocol"


def test_a_kept_connection_that_was_closed_is_replaced(small: Path, way: Way) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.answer()

    with way.faulty(script) as server, sender(server.url, **way.options) as made:
        for seq in range(3):
            assert made.send(transfer(small, seq=seq)).code == 200
            gevent.sleep(0.05)
    assert len(server.heard) == 3


def test_a_request_on_a_kept_connection_is_never_sent_twice(small: Path, way: Way) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.answer()
        client.read_request()
        client.reset()

    with way.faulty(script) as server, sender(server.url, **way.options) as made:
        made.send(transfer(small))
        assert failed(made, transfer(small, seq=1)).kind == "reset"
        assert len(server.heard) == 2
        assert made.send(transfer(small, seq=2)).code == 200


def test_an_answer_before_the_body_is_sent_is_the_result(large: Path) -> None:
    def script(client: Conversation) -> None:
        client.read_head()
        client.answer("413 Payload Too Large", b"too large")
        client.hang()

    with faulty(script) as server, sender(server.url, timeout=10.0) as made:
        for _ in range(2):
            error = failed(made, transfer(large))
            assert (error.kind, error.code) == ("status", 413)
            assert error.sent < large.stat().st_size
    assert server.connections == 2, "the body's rest would have been taken for a request"


def test_an_answer_before_the_end_of_the_body_counts_though_the_connection_is_cut(
    large: Path,
) -> None:
    def script(client: Conversation) -> None:
        client.read_head()
        client.answer("503 Busy", b"later")
        gevent.sleep(0.2)
        client.reset()

    with faulty(script) as server:
        error = failure(server.url, large)
    assert (error.kind, error.code) == ("status", 503)


def test_a_refusal_counts_though_the_connection_is_cut_in_its_body(small: Path) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.send(b"HTTP/1.1 500 No way\r\nConnection: close\r\n\r\nnot there")
        gevent.sleep(0.2)
        client.reset()

    with faulty(script) as server:
        error = failure(server.url, small)
    assert (error.kind, error.code) == ("status", 500)
    assert "not there" in error.detail


def test_a_success_does_not_count_if_the_connection_is_cut_in_its_body(small: Path) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf")
        gevent.sleep(0.2)
        client.reset()

    with faulty(script) as server:
        assert failure(server.url, small).kind == "reset"


def test_a_100_continue_within_the_body_is_no_answer(large: Path) -> None:
    def script(client: Conversation) -> None:
        client.read_head()
        client.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        client.read(large.stat().st_size)
        client.answer("201 Created")

    with faulty(script) as server:
        sent: Sent = send(server.url, large)
    assert (sent.code, sent.bytes) == (201, large.stat().st_size)


def test_a_connection_with_an_unasked_answer_is_not_reused(small: Path) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.answer()
        client.answer("500 For nobody")
        client.hang()

    with faulty(script) as server, sender(server.url) as made:
        for seq in range(3):
            assert made.send(transfer(small, seq=seq)).code == 200
            gevent.sleep(0.02)
    assert server.connections == 3


def test_a_redirect_is_followed_only_on_request(small: Path) -> None:
    def script(client: Conversation) -> None:
        while request := client.read_request():
            if request.startswith(b"POST /landed "):
                client.answer("201 Created")
            else:
                client.answer("307 There", b"", "Location: /landed")

    with faulty(script) as server:
        assert failure(server.url, small).code == 307
        assert send(server.url, small, expect="307").code == 307
        assert send(server.url, small, follow_redirects="true").code == 201
        assert server.heard[-1].endswith(b"\r\n\r\n<order/>")


def test_endless_redirects(small: Path) -> None:
    def script(client: Conversation) -> None:
        while client.read_request():
            client.answer("307 There", b"", "Location: /")

    with faulty(script) as server:
        assert failure(server.url, small, follow_redirects="true").kind == "status"


def test_a_redirect_to_nonsense(small: Path) -> None:
    def script(client: Conversation) -> None:
        while client.read_request():
            client.answer("307 There", b"", "Location: gopher://x/")

    with faulty(script) as server:
        assert failure(server.url, small, follow_redirects="true").kind == "protocol"


def test_the_server_comes_back(small: Path, way: Way) -> None:
    def script(client: Conversation) -> None:
        while client.read_request():
            client.answer("503 Busy" if client.number == 0 else "200 OK")
            if client.number == 0:
                return

    with way.faulty(script) as server, sender(server.url, **way.options) as made:
        assert failed(made, transfer(small)).code == 503
        gevent.sleep(0.02)
        assert made.send(transfer(small, seq=1)).code == 200

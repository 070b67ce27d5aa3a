"""Bodies that wait for `100 Continue`: when they are sent, and when not."""

from __future__ import annotations

import hashlib
import ssl
from pathlib import Path
from typing import Any

import gevent
import pytest

from tests.e2e.stores import WEB
from tests.servers import apache
from tests.servers.certificates import Authority, Pair, client_certificate
from tests.servers.faulty import Conversation, faulty
from tests.servers.inventory import Stored, inventory

from .chunked import receive_body
from .jobs import failed, failure, send, sender, transfer
from .ways import Way

EXPECT = b"\r\nExpect: 100-continue\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def body_of(client: Conversation, head: bytes) -> bytes:
    """Read the body that the head announces."""
    length = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
    return client.read(length)


class Server:
    """A script that waits before it asks for a body; `early` holds what came without asking."""

    def __init__(self, *, pause: float = 0.2, said: bytes = CONTINUE) -> None:
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []
        self.early: list[bytes] = []
        self._pause = pause
        self._said = said

    def __call__(self, client: Conversation) -> None:
        while head := client.read_head():
            self.heads.append(head)
            if EXPECT in head:
                with gevent.Timeout(self._pause, False):
                    self.early.append(client.receive(1))
                client.send(self._said)
            body = b"".join(self.early[len(self.bodies) :])
            length = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
            self.bodies.append(body + client.read(length - len(body)))
            client.answer("201 Created")


@pytest.mark.parametrize("size", ["small", "large"])
def test_the_body_follows_once_the_server_asks_for_it(
    request: pytest.FixtureRequest, way: Way, size: str
) -> None:
    path, server = request.getfixturevalue(size), Server()
    with way.faulty(server) as reached:
        sent = send(reached.url, path, expect_continue="true", **way.options)
    assert server.early == []
    assert server.bodies == [path.read_bytes()]
    assert EXPECT in server.heads[0]
    assert (sent.code, sent.bytes) == (201, path.stat().st_size)
    assert list(sent.phases)[-3:] == ["sending", "waiting", "receiving"]
    assert sent.phases["waiting"] >= 0.15


def test_connections_are_kept(small: Path, way: Way) -> None:
    server = Server(pause=0.01)
    with (
        way.faulty(server) as reached,
        sender(reached.url, expect_continue="true", **way.options) as made,
    ):
        for seq in range(3):
            made.send(transfer(small, seq=seq))
    assert server.bodies == [small.read_bytes()] * 3
    assert reached.connections == 1


@pytest.mark.parametrize("said", [b"", CONTINUE, b"HTTP/1.1 102 Processing\r\n\r\n"])
def test_a_server_that_does_not_ask_within_a_second_gets_the_body_all_the_same(
    small: Path, said: bytes
) -> None:
    server = Server(pause=1.5, said=said)
    with faulty(server) as reached, gevent.Timeout(10):
        sent = send(reached.url, small, expect_continue="true")
    assert server.early == [b"<"]
    assert server.bodies == [small.read_bytes()]
    assert sent.phases["waiting"] >= 1


def test_interim_answers_before_the_one_that_is_waited_for(small: Path) -> None:
    def script(client: Conversation) -> None:
        head = client.read_head()
        for _ in range(20):
            client.send(b"HTTP/1.1 102 Processing\r\n\r\n")
            gevent.sleep(0.01)
        client.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + CONTINUE * 3)
        bodies.append(body_of(client, head))
        client.answer()

    bodies: list[bytes] = []
    with faulty(script) as reached:
        assert send(reached.url, small, expect_continue="true").code == 200
    assert bodies == [small.read_bytes()]


def test_interim_answers_without_end_are_refused(small: Path) -> None:
    def script(client: Conversation) -> None:
        client.read_head()
        while True:
            client.send(b"HTTP/1.1 102 Processing\r\n\r\n" * 10)

    with faulty(script) as reached, gevent.Timeout(5):
        error = failure(reached.url, small, expect_continue="true")
    assert (error.kind, error.sent) == ("protocol", 0)


def test_an_empty_body_is_not_waited_for(tmp_path: Path) -> None:
    path, server = tmp_path / "empty", Server()
    path.touch()
    with faulty(server) as reached:
        sent = send(reached.url, path, expect_continue="true")
    assert EXPECT not in server.heads[0]
    assert sent.phases["waiting"] < 0.9


@pytest.mark.parametrize("status", ["401 Who", "413 Too Large", "503 Busy"])
def test_nothing_is_sent_in_vain(large: Path, way: Way, status: str) -> None:
    rests: list[bytes] = []

    def script(client: Conversation) -> None:
        client.read_head()
        client.answer(status)
        rests.append(client.receive(1))

    with way.faulty(script) as reached:
        error = failure(reached.url, large, expect_continue="true", **way.options)
        gevent.sleep(0.05)
    assert (error.kind, error.code, error.sent) == ("status", int(status[:3]), 0)
    assert rests == [b""]


def test_the_body_of_a_redirected_file_is_sent_once(large: Path) -> None:
    rests: list[bytes] = []

    def leading(client: Conversation) -> None:
        client.read_head()
        client.answer("307 There", b"", f"Location: {reached.url}/x")
        rests.append(client.receive(1))

    server = Server()
    with faulty(server) as reached, faulty(leading) as first:
        sent = send(first.url, large, expect_continue="true", follow_redirects="true")
    assert rests == [b""]
    assert server.bodies == [large.read_bytes()]
    assert EXPECT in server.heads[0]
    assert sent.bytes == large.stat().st_size


def test_an_early_success_does_not_end_the_sending(large: Path) -> None:
    def script(client: Conversation) -> None:
        head = client.read_head()
        client.answer("200 OK")
        bodies.append(body_of(client, head))

    bodies: list[bytes] = []
    with faulty(script) as reached:
        assert send(reached.url, large, expect_continue="true").bytes == len(large.read_bytes())
        with gevent.Timeout(5):
            while not bodies:
                gevent.sleep(0.01)
    assert bodies == [large.read_bytes()]


def test_a_server_that_refuses_to_be_waited_for_gets_the_request_once_more(
    small: Path, way: Way
) -> None:
    heads: list[bytes] = []

    def script(client: Conversation) -> None:
        head = client.read_head()
        heads.append(head)
        if EXPECT in head:
            client.answer("417 Expectation Failed")
        else:
            bodies.append(body_of(client, head))
            client.answer("201 Created")

    bodies: list[bytes] = []
    headers = {"X-Expect": "100-continue"}
    with way.faulty(script) as reached:
        sent = send(reached.url, small, expect_continue="true", headers=headers, **way.options)
    assert (sent.code, sent.bytes) == (201, 8)
    assert bodies == [small.read_bytes()]
    assert heads[1] == heads[0].replace(EXPECT, b"\r\n")
    assert b"\r\nX-Expect: 100-continue\r\n" in heads[1]


def test_a_second_417_is_an_answer_like_any_other(small: Path) -> None:
    def script(client: Conversation) -> None:
        client.read_head()
        client.answer("417 Expectation Failed")

    with faulty(script) as reached:
        assert failure(reached.url, small, expect_continue="true").code == 417
    assert reached.connections == 2


@pytest.mark.parametrize("size", ["small", "large"])
def test_the_deadline_holds_while_it_waits(request: pytest.FixtureRequest, size: str) -> None:
    def script(client: Conversation) -> None:
        client.read_head()
        client.hang()

    path = request.getfixturevalue(size)
    with faulty(script) as reached, gevent.Timeout(3):
        error = failure(reached.url, path, expect_continue="true", timeout=0.3)
    assert (error.kind, error.sent) == ("timeout", 0)
    assert "had not asked for the body" in error.detail


def test_a_server_that_closes_instead_of_asking(small: Path) -> None:
    def script(client: Conversation) -> None:
        if client.number:
            client.read_request()
            client.answer()
        client.read_head()

    with faulty(script) as reached, sender(reached.url, expect_continue="true") as made:
        error = failed(made, transfer(small))
        assert (error.kind, error.sent) == ("reset", 0)
        assert made.send(transfer(small)).code == 200
        error = failed(made, transfer(small))
        assert (error.kind, error.sent) == ("reset", 0)
        assert "a kept connection" in error.detail


def test_a_body_in_chunks_at_a_limited_rate_waits_too(tmp_path: Path) -> None:
    def script(client: Conversation) -> None:
        head = client.read_head()
        gevent.sleep(0.3)
        client.send(CONTINUE)
        bodies.append(receive_body(client, head).body)
        client.answer()

    path, bodies = tmp_path / "file", list[bytes]()
    path.write_bytes(bytes(100_000))
    with faulty(script) as reached:
        given = {"chunked": "true", "limit_rate": 200_000}
        sent = send(reached.url, path, expect_continue="true", **given)
    assert bodies == [bytes(100_000)]
    assert sent.phases["waiting"] > 0.2
    assert sent.phases["sending"] > 0.3


@pytest.mark.parametrize("name", WEB)
def test_files_arrive_whole_at(name: str, tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    wanted = {}
    with (
        WEB[name](tmp_path / "server") as place,
        sender(expect_continue="true", **place.keys) as made,
    ):
        for size in (0, 1, 70_000, 2_000_000):
            path = tmp_path / f"{size}.bin"
            path.write_bytes(bytes(range(250)) * (size // 250) + bytes(size % 250))
            each = transfer(path, seq=size)
            sent = made.send(each)
            assert sent.bytes == size
            assert sent.phases["waiting"] < 0.9, "it did not say 100 Continue"
            wanted[each.uuid] = Stored(size, hashlib.sha256(path.read_bytes()).hexdigest())
        assert place.inventory() == wanted


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
@pytest.mark.parametrize("chunked", ["false", "true"])
def test_apache_asks_for_a_certificate_before_a_body_that_it_could_not_keep(
    tmp_path: Path, ca: Authority, certificate: Pair, version: str, chunked: str
) -> None:
    client, path = client_certificate(ca, tmp_path), tmp_path / "huge.bin"
    path.write_bytes(bytes(range(256)) * 200 * 1024)  # 50 MiB
    lines = [
        "SSLEngine on",
        f"SSLProtocol {version}",
        f"SSLCertificateFile {certificate.cert}",
        f"SSLCertificateKeyFile {certificate.key}",
        f"SSLCACertificateFile {ca.cert}",
        "<Location />",
        "SSLVerifyClient require",
        "</Location>",
    ]
    given: dict[str, Any] = {"cert": str(client.cert), "key": str(client.key), "method": "PUT"}
    given.update(ca=str(ca.cert), chunked=chunked)
    with apache.running(*lines, modules=["ssl"]) as server:
        url = f"https://localhost:{server.url.rpartition(':')[2]}/{{seq}}"
        with sender(url, expect_continue="true", **given) as made:
            for seq in range(2):
                assert made.send(transfer(path, seq=seq)).code == 201
        expected = Stored(path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
        assert inventory(server.files) == {"0": expected, "1": expected}
        assert failure(url, path, **given).code == 413


def test_a_body_waits_in_tls_with_session_tickets(
    small: Path, ca: Authority, certificate: Pair
) -> None:
    server, context = Server(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.num_tickets = 4
    with faulty(server, certificate, context) as reached:
        url = f"https://localhost:{reached.port}/"
        send(url, small, expect_continue="true", ca=str(ca.cert))
    assert server.early == []
    assert server.bodies == [small.read_bytes()]

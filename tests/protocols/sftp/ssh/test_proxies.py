"""SFTP through proxies: tinyproxy, Squid, microsocks, and proxies that misbehave."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import gevent
import pytest

from fthg.clock import Clock
from fthg.protocols.endpoint import Endpoint
from fthg.protocols.sftp import SftpSender
from tests.servers import free_port, socks, squid, sshd, tinyproxy
from tests.servers.faulty import Conversation, Script, faulty
from tests.servers.sshd import Sshd

from ..conftest import MakeSender, options, transfer
from ..test_faults import failure, nothing_left
from .test_jump import over

USER, PASSWORD = "ann", "geh:im@7"
INFO = "ann:geh%3Aim%407"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / f"{tmp_path.name}.bin"
    made.write_bytes(os.urandom(3_000_001))
    return made


def through_tinyproxy(home: Path) -> Iterator[str]:
    with tinyproxy.running(home, USER, "secret7") as at:
        yield f"http://{USER}:secret7@{at}"


def through_squid(_: Path) -> Iterator[str]:
    with squid.running(USER, PASSWORD) as at:
        yield f"http://{INFO}@{at}"


def through_microsocks(home: Path) -> Iterator[str]:
    with socks.running(home, USER, PASSWORD) as at:
        yield f"socks5://{INFO}@{at}"


@pytest.fixture(scope="module", params=[through_tinyproxy, through_squid, through_microsocks])
def proxy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A real proxy that asks for a user."""
    yield from request.param(tmp_path_factory.mktemp("proxy"))


def test_files_arrive_through_a_proxy_that_asks_for_a_user(
    shared_server: Sshd, proxy: str, file: Path
) -> None:
    with nothing_left():
        sender = SftpSender(options(shared_server, proxy=proxy), Clock())
        sent = [sender.send(transfer(file, seq, f"{seq}-{file.name}")) for seq in range(2)]
        sender.close()
    for seq in range(2):
        assert (shared_server.root / f"{seq}-{file.name}").read_bytes() == file.read_bytes()
    assert sent[0].peer is not None
    assert sent[0].peer.remote == proxy.rpartition("@")[2]
    assert {"connecting", "handshaking", "authenticating"} <= set(sent[0].phases)
    assert "connecting" not in sent[1].phases


def test_a_wrong_password_is_refused_by_the_proxy_in_its_own_words(
    shared_server: Sshd, proxy: str, make_sender: MakeSender, file: Path
) -> None:
    scheme, at = proxy.partition("://")[0], proxy.rpartition("@")[2]
    caught = failure(make_sender(shared_server, proxy=f"{scheme}://ann:wrong@{at}"), file)
    assert caught.kind == "proxy"
    words = "refuses user 'ann'" if scheme == "socks5" else "does not connect to 127.0.0.1:"
    assert f" (proxy): it {words}" in caught.detail
    if scheme == "http":
        assert caught.code in (401, 407)
        assert "uthenticate: Basic realm" in caught.detail or caught.code == 401


def test_a_server_that_the_proxy_cannot_reach_is_told_of_by_the_proxy(
    shared_server: Sshd, proxy: str, make_sender: MakeSender, file: Path
) -> None:
    port = free_port()
    sender = make_sender(shared_server, url=f"sftp://127.0.0.1:{port}/in", proxy=proxy)
    caught = failure(sender, file)
    assert caught.kind == "proxy"
    assert f"does not connect to 127.0.0.1:{port}: " in caught.detail


def test_the_proxy_leads_to_a_jump_host(
    shared_server: Sshd, proxy: str, make_sender: MakeSender, file: Path, tmp_path: Path
) -> None:
    home = tmp_path / "bastion"
    home.mkdir()
    with sshd.running(home) as bastion:
        make_sender(shared_server, proxy=proxy, jump=over(bastion)).send(transfer(file))
    assert (shared_server.root / file.name).read_bytes() == file.read_bytes()


def test_connect_to_is_what_the_proxy_is_asked_for(
    server: Sshd, proxy: str, make_sender: MakeSender, file: Path
) -> None:
    known = server.known_hosts.read_text().partition(" ")[2]
    server.known_hosts.write_text(f"files.invalid {known}")
    there = Endpoint("127.0.0.1", server.port)
    url = f"sftp://files.invalid{server.root}"
    make_sender(server, url=url, proxy=proxy, connect_to=there).send(transfer(file))
    assert (server.root / file.name).read_bytes() == file.read_bytes()


# --- proxies that misbehave


def tunnel_at_once(port: int) -> Script:
    """Send the server's first bytes together with the answer to CONNECT."""

    def script(client: Conversation) -> None:
        client.read_head()
        with socket.create_connection(("127.0.0.1", port)) as server:
            client.send(b"HTTP/1.0 200 Connection established\r\n\r\n" + server.recv(1000))
            back = gevent.spawn(_pump, server.recv, client.send)
            _pump(client.receive, server.sendall)
            back.kill()

    return script


def _pump(read: object, write: object) -> None:
    while data := read(65536):  # type: ignore[operator]
        write(data)  # type: ignore[operator]


def test_what_the_server_sends_at_once_is_not_lost(
    shared_server: Sshd, make_sender: MakeSender, file: Path
) -> None:
    with faulty(tunnel_at_once(shared_server.port)) as proxy:
        make_sender(shared_server, proxy=proxy.url).send(transfer(file))
    assert (shared_server.root / file.name).read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"", "it closed the connection without an answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "try sftp://"),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nno 22", "403 Forbidden: no 2"),
        (
            b"HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n",
            "407 No (Proxy-Authenticate: Negotiate)",
        ),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000, "headers do not end"),
    ],
)
def test_proxies_that_refuse_or_misbehave_are_to_blame(
    shared_server: Sshd, file: Path, said: bytes, words: str
) -> None:
    def script(client: Conversation) -> None:
        client.read_head()
        client.send(said)

    with faulty(script) as proxy, nothing_left():
        sender = SftpSender(options(shared_server, proxy=proxy.url), Clock())
        caught = failure(sender, file)
        sender.close()
        assert caught.kind == "proxy"
        assert words in caught.detail
        assert caught.detail.startswith(f"127.0.0.1 port {proxy.port} (proxy): ")


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_a_proxy_that_hangs_is_named_within_connect_timeout(
    shared_server: Sshd, file: Path, scheme: str
) -> None:
    with faulty(Conversation.hang) as proxy:
        url = f"{scheme}://127.0.0.1:{proxy.port}"
        sender = SftpSender(options(shared_server, proxy=url, connect_timeout=0.5), Clock())
        began = time.monotonic()
        caught = failure(sender, file)
        assert time.monotonic() - began < 3
        sender.close()
    assert caught.kind == "proxy"
    assert "within connect_timeout (0.5s)" in caught.detail
    assert caught.phases["connecting"] > 0.3


def test_a_server_that_hangs_behind_a_proxy_is_to_blame_and_not_the_proxy(
    shared_server: Sshd, file: Path, proxy: str
) -> None:
    with faulty(Conversation.hang) as server:
        url = f"sftp://127.0.0.1:{server.port}/in"
        limit = {"proxy": proxy, "connect_timeout": 0.5}
        sender = SftpSender(options(shared_server, url=url, **limit), Clock())
        caught = failure(sender, file)
        sender.close()
    assert caught.kind == "connect_timeout"
    assert caught.detail.startswith(f"127.0.0.1 port {server.port}: handshaking was not done")


def test_a_proxy_that_is_not_there(
    shared_server: Sshd, make_sender: MakeSender, file: Path
) -> None:
    port = free_port()
    caught = failure(make_sender(shared_server, proxy=f"socks5://127.0.0.1:{port}"), file)
    assert caught.kind == "proxy"
    assert caught.detail == f"127.0.0.1 port {port} (proxy): Connection refused"


def test_an_endless_answer_to_connect_leaves_others_their_turn(
    shared_server: Sshd, make_sender: MakeSender, file: Path
) -> None:
    def script(client: Conversation) -> None:
        client.read_head()
        while True:
            client.send(b"HTTP/1.1 100 C\r\n\r\n" * 1000)

    with faulty(script) as proxy, gevent.Timeout(5):
        caught = failure(make_sender(shared_server, proxy=proxy.url), file)
    assert caught.kind == "proxy"

"""HTTP through SOCKS5: microsocks, ssh -D and proxies that misbehave."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gevent
import pytest

from tests.servers import danted, free_port, socks, sshd
from tests.servers.certificates import Authority
from tests.servers.faulty import Conversation, Faulty, Script, faulty
from tests.servers.nginx import Nginx

from .jobs import failure, send, sender, transfer

USER, PASSWORD = "ann", "geh:im@7"
INFO = "ann:geh%3Aim%407"
GREETED = b"\x05\x00"


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socks.running(tmp_path_factory.mktemp("socks"), USER, PASSWORD) as running:
        yield f"{INFO}@{running}"


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_http_and_https_go_through_a_socks5_proxy(
    proxy: str, plain: Nginx, secure: Nginx, ca: Authority, large: Path, scheme: str, host: str
) -> None:
    for web in (plain, secure):
        url = web.url.replace("127.0.0.1", host) if web is plain else web.url
        given: dict[str, Any] = {"ca": str(ca.cert), "proxy": f"{scheme}://{proxy}"}
        with sender(f"{url}/{scheme}/{host}/{{filename}}", method="PUT", **given) as made:
            for seq in range(2):
                sent = made.send(transfer(large, seq=seq))
                assert sent.peer is not None
                assert sent.peer.remote == proxy.rpartition("@")[2]
        assert web.stored(f"{scheme}/{host}/large.bin") == large.read_bytes()


def test_a_request_through_socks5_is_the_servers_own_and_has_no_credentials_of_the_proxy(
    proxy: str, small: Path
) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.answer()

    with faulty(script) as server:
        send(f"{server.url}/in/{{filename}}", small, proxy=f"socks5://{proxy}")
    assert server.heard[0].startswith(b"POST /in/order.xml HTTP/1.1\r\n")
    assert b"Proxy-" not in server.heard[0]


def test_ssh_with_a_dynamic_forward(
    secure: Nginx, ca: Authority, small: Path, tmp_path: Path
) -> None:
    home = tmp_path / "sshd"
    home.mkdir()
    with sshd.running(home) as server, socks.over_ssh(server) as at:
        given = {"ca": str(ca.cert), "proxy": f"socks5h://{at}"}
        send(f"{secure.url}/ssh-d/{{filename}}", small, method="PUT", **given)
    assert secure.stored("ssh-d/order.xml") == b"<order/>"


def test_dante(plain: Nginx, small: Path, tmp_path: Path) -> None:
    with danted.running(tmp_path) as at:
        send(f"{plain.url}/dante/{{filename}}", small, method="PUT", proxy=f"socks5://{at}")
        assert plain.stored("dante/order.xml") == b"<order/>"
        port = free_port()
        error = failure(f"http://127.0.0.1:{port}/", small, proxy=f"socks5://{at}")
    assert (error.kind, error.code) == ("proxy", 5)


@pytest.mark.parametrize(("info", "words"), [("", "asks for a user"), ("ann:x@", "user 'ann'")])
def test_a_missing_or_wrong_password_is_refused_by_the_proxy(
    proxy: str, small: Path, info: str, words: str
) -> None:
    at = proxy.rpartition("@")[2]
    error = failure("http://127.0.0.1:1/", small, proxy=f"socks5://{info}{at}")
    assert error.kind == "proxy"
    assert words in error.detail
    assert error.peer is not None
    assert error.peer.remote == at


def test_a_server_that_refuses_is_told_of_by_the_proxy_with_its_reply(
    proxy: str, small: Path
) -> None:
    port = free_port()
    error = failure(f"http://127.0.0.1:{port}/", small, proxy=f"socks5://{proxy}")
    assert (error.kind, error.code) == ("proxy", 5)
    assert f"does not connect to 127.0.0.1:{port}: connection refused" in error.detail


def test_a_name_that_this_host_cannot_resolve_is_dns_with_socks5_and_not_with_socks5h(
    proxy: str, small: Path
) -> None:
    url = "http://no-such-host.invalid/"
    assert failure(url, small, proxy=f"socks5://{proxy}").kind == "dns"
    assert failure(url, small, proxy=f"socks5h://{proxy}").kind == "proxy"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"", "it closed the connection without a whole answer"),
        (b"\x05", "it closed the connection without a whole answer"),
        (GREETED + b"\x05\x00\x00", "it closed the connection without a whole answer"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "it does not speak SOCKS5"),
    ],
)
def test_a_proxy_that_closes_or_speaks_something_else(small: Path, said: bytes, words: str) -> None:
    def script(client: Conversation) -> None:
        client.receive(3)
        client.send(said)

    with faulty(script) as server:
        error = failure("http://127.0.0.1:1/", small, proxy=f"socks5://127.0.0.1:{server.port}")
    assert error.kind == "proxy"
    assert words in error.detail


def hangs(client: Conversation) -> None:
    client.receive(3)
    client.hang()


def hangs_later(client: Conversation) -> None:
    client.receive(3)
    client.send(GREETED)
    client.hang()


def drips(client: Conversation) -> None:
    client.send(GREETED + b"\x05\x00\x00\x03\xff")
    while True:
        client.send(b"x")
        gevent.sleep(0.1)


@pytest.mark.parametrize("script", [hangs, hangs_later, drips])
def test_a_proxy_that_hangs_is_named_within_connect_timeout_and_leaves_no_descriptor(
    small: Path, script: Script
) -> None:
    with faulty(script) as server:
        given = {"proxy": f"socks5://127.0.0.1:{server.port}", "connect_timeout": 0.3}
        before = len(os.listdir("/proc/self/fd"))
        with gevent.Timeout(5):
            error = failure("http://127.0.0.1:9/", small, **given)
        gevent.sleep(0.05)
        assert len(os.listdir("/proc/self/fd")) <= before + 1  # that of the server's end
    assert error.kind == "proxy"
    assert "(proxy): no connection to 127.0.0.1:9 within connect_timeout (0.3s)" in error.detail


def test_all_proxy_of_the_environment_may_be_of_socks5(
    proxy: str, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ALL_PROXY", f"socks5h://{proxy}")

    def script(client: Conversation) -> None:
        client.read_request()
        client.answer()

    with faulty(script) as server:
        assert peer_of(server, small, "true") == proxy.rpartition("@")[2]
        assert peer_of(server, small, "false") == f"127.0.0.1:{server.port}"


def peer_of(server: Faulty, small: Path, trust_env: str) -> str:
    peer = send(server.url, small, trust_env=trust_env).peer
    return peer.remote if peer else ""

"""Requests through a proxy."""

from __future__ import annotations

import base64
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gevent
import pytest

from fthg.errors import StartError
from fthg.protocols.endpoint import Endpoint
from tests.servers import free_port
from tests.servers.certificates import Authority, Pair
from tests.servers.faulty import Conversation, Faulty, faulty
from tests.servers.nginx import Nginx

from .jobs import failed, failure, send, sender, transfer


def tunnel(client: Conversation) -> None:
    """Forward CONNECT, and answer all else, as a proxy."""
    request = client.read_request()
    while request and not request.startswith(b"CONNECT"):
        client.answer("202 By proxy")
        request = client.read_request()
    if request:
        port = int(request.split()[1].rsplit(b":")[-1])
        with socket.create_connection(("127.0.0.1", port)) as server:
            client.answer("200 Connection established")
            back = gevent.spawn(_pump, server.recv, client.send)
            _pump(client.receive, server.sendall)
            back.kill()


def _pump(read: object, write: object) -> None:
    while data := read(65536):  # type: ignore[operator]
        write(data)  # type: ignore[operator]


def _listen_once(client: Conversation) -> None:
    client.receive(65536)


@pytest.fixture
def proxy() -> Iterator[Faulty]:
    with faulty(tunnel) as running:
        yield running


def test_http_is_asked_of_the_proxy_with_the_whole_url(proxy: Faulty, small: Path) -> None:
    sent = send("http://files.invalid/in/{filename}", small, proxy=proxy.url)
    assert sent.code == 202
    assert proxy.heard[0].startswith(b"POST http://files.invalid/in/order.xml HTTP/1.1\r\n")
    assert b"\r\nHost: files.invalid\r\n" in proxy.heard[0]
    assert proxy.heard[0].endswith(b"<order/>")


def test_https_goes_through_a_tunnel(
    proxy: Faulty, secure: Nginx, ca: Authority, small: Path
) -> None:
    url = f"{secure.url}/tunnel/{{filename}}"
    sent = send(url, small, method="PUT", ca=str(ca.cert), proxy=proxy.url)
    assert sent.code in (201, 204)
    assert secure.stored("tunnel/order.xml") == b"<order/>"
    assert proxy.heard[0].startswith(b"CONNECT localhost:")


def test_tls_errors_behind_a_proxy_are_the_servers(
    proxy: Faulty, secure: Nginx, small: Path
) -> None:
    error = failure(secure.url, small, proxy=proxy.url)
    assert error.kind == "tls"
    assert "unknown CA" in error.detail


def test_credentials_for_the_proxy(proxy: Faulty, small: Path) -> None:
    send("http://files.invalid/", small, proxy=proxy.url.replace("//", "//u:secret@"))
    assert b"Proxy-Authorization: Basic dTpzZWNyZXQ=" in proxy.heard[0].replace(b"on: b", b"on: B")


def test_a_proxy_that_is_not_there(small: Path) -> None:
    port = free_port()
    error = failure("http://files.invalid/", small, proxy=f"http://127.0.0.1:{port}")
    assert error.kind == "proxy"
    assert str(port) in error.detail


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_refuses(small: Path, scheme: str) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.answer("407 Proxy Authentication Required")

    with faulty(script) as server:
        error = failure(f"{scheme}://files.invalid/", small, proxy=server.url)
    assert error.kind == "proxy"
    assert "407" in error.detail
    assert error.detail.startswith(f"127.0.0.1 port {server.port} (proxy): ")


def test_a_proxy_that_forwards_nothing_is_named(small: Path) -> None:
    def script(client: Conversation) -> None:
        client.read_request()

    with faulty(script) as server:
        error = failure("http://files.invalid/", small, proxy=server.url)
    assert error.kind == "reset"
    assert error.detail.startswith(f"through 127.0.0.1 port {server.port} (proxy): the server cl")


def test_the_environment_counts_only_on_request(
    proxy: Faulty, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1\nlogin u\npassword p\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("NETRC", str(netrc))
    with faulty(tunnel) as server:
        send(server.url, small)
        assert (len(server.heard), len(proxy.heard)) == (1, 0)
        assert b"Authorization" not in server.heard[0]
        send(server.url, small, trust_env="true")
    assert (len(server.heard), len(proxy.heard)) == (1, 1)
    assert b"Authorization: Basic dTpw\r\n" in proxy.heard[0]


def test_a_refused_connect_keeps_status_and_words_and_leaves_no_descriptor(small: Path) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.answer("403 Forbidden", b"not for you")

    with faulty(script) as server, sender("https://files.invalid/", proxy=server.url) as made:
        before = len(os.listdir("/proc/self/fd"))
        for seq in range(5):
            error = failed(made, transfer(small, seq=seq))
            assert (error.kind, error.code) == ("proxy", 403)
            assert "403 Forbidden: not for you" in error.detail
        gevent.sleep(0.05)
        assert len(os.listdir("/proc/self/fd")) <= before


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-x\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000,
        b"HTTP/1.1 100 C\r\n\r\n" * 200,
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 407 No\r\nContent-Length: 1, 2\r\n\r\nab",
        b"HTTP/1.1 407 No\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nsurplus",
        b"HTTP/1.1 2",
        b"",
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 100\r\n\r\nhalf",
    ],
)
def test_hostile_answers_to_connect_are_the_proxys(small: Path, answer: bytes) -> None:
    def script(client: Conversation) -> None:
        client.read_head()
        client.send(answer)

    with faulty(script) as server:
        error = failure("https://files.invalid/", small, proxy=server.url)
    assert error.kind == "proxy"
    assert error.detail.startswith(f"127.0.0.1 port {server.port} (proxy): ")


def test_a_refusal_counts_even_if_a_reset_follows_it(small: Path) -> None:
    def script(client: Conversation) -> None:
        client.read_head()
        client.send(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\nnot for you")
        gevent.sleep(0.05)
        client.reset()

    with faulty(script) as server:
        error = failure("https://files.invalid/", small, proxy=server.url)
    assert (error.kind, error.code) == ("proxy", 403)
    assert "403 Forbidden: not for you" in error.detail


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_does_not_answer_is_named(small: Path, scheme: str) -> None:
    with faulty(Conversation.hang) as server:
        proxy = f"{scheme}://127.0.0.1:{server.port}"
        error = failure("https://files.invalid/", small, proxy=proxy, connect_timeout=0.3)
    assert error.kind == "proxy"
    assert error.detail.startswith(f"127.0.0.1 port {server.port} (proxy): no finished ")
    assert "within connect_timeout (0.3s)" in error.detail


def test_a_proxy_that_ends_the_tls_handshake_is_to_blame(small: Path) -> None:
    with faulty(_listen_once) as server:
        proxy = f"https://127.0.0.1:{server.port}"
        error = failure("https://files.invalid/", small, proxy=proxy)
    assert (error.kind, error.peer and error.peer.remote) == (
        "proxy",
        f"127.0.0.1:{server.port}",
    )
    assert "in the TLS handshake" in error.detail


def test_a_proxy_whose_certificate_is_not_trusted_is_to_blame_and_not_the_server(
    small: Path, certificate: Pair
) -> None:
    with faulty(tunnel, certificate) as server:
        proxy = f"https://localhost:{server.port}"
        error = failure("https://files.invalid/", small, proxy=proxy)
    assert error.kind == "proxy"
    assert error.detail.startswith(f"localhost port {server.port} (proxy): the proxy's certificate")


def test_a_server_that_hangs_behind_a_proxy_is_to_blame_and_not_the_proxy(
    proxy: Faulty, small: Path
) -> None:
    with faulty(Conversation.hang) as server:
        url = f"https://127.0.0.1:{server.port}/"
        error = failure(url, small, proxy=proxy.url, connect_timeout=0.3)
    assert error.kind == "connect_timeout"
    assert error.detail.startswith(f"127.0.0.1 port {server.port}: no finished TLS handshake")


@pytest.mark.parametrize("of", ["server", "proxy"])
def test_a_connection_that_was_being_made_when_time_was_up_is_named(small: Path, of: str) -> None:
    with faulty(Conversation.hang) as server:
        url, given = f"https://127.0.0.1:{server.port}/", {}
        if of == "proxy":
            url, given = "https://files.invalid/", {"proxy": server.url}
        error = failure(url, small, timeout=0.3, **given)
    assert error.kind == "timeout"
    assert error.peer is not None
    assert error.peer.remote == f"127.0.0.1:{server.port}"


def test_endless_heads_of_connect_leave_others_their_turn(small: Path) -> None:
    def script(client: Conversation) -> None:
        client.read_head()
        while True:
            client.send(b"HTTP/1.1 407 No\r\n\r\n" + b"x" * 65536)

    with faulty(script) as server, gevent.Timeout(5):
        error = failure("https://files.invalid/", small, proxy=server.url)
    assert (error.kind, error.code) == ("proxy", 407)


def test_credentials_for_the_proxy_go_as_utf8_and_not_to_the_server(
    proxy: Faulty, secure: Nginx, ca: Authority, small: Path
) -> None:
    url = proxy.url.replace("//", "//j%C3%BCrgen:geh%C3%A9im@")
    send(f"{secure.url}/auth/{{filename}}", small, method="PUT", ca=str(ca.cert), proxy=url)
    wanted = base64.b64encode("jürgen:gehéim".encode())
    assert b"Proxy-Authorization: Basic " + wanted + b"\r\n" in proxy.heard[0]


@pytest.mark.parametrize("size", [10, 3_000_000])
def test_a_proxy_that_is_called_in_tls(
    secure: Nginx, ca: Authority, certificate: Pair, tmp_path: Path, size: int
) -> None:
    path = tmp_path / f"{size}.bin"
    path.write_bytes(os.urandom(size))
    with faulty(tunnel, certificate) as running:
        given: dict[str, Any] = {
            "ca": str(ca.cert),
            "proxy": f"https://localhost:{running.port}",
        }
        with sender(f"{secure.url}/nested/{{filename}}", method="PUT", **given) as made:
            for seq in range(2):
                assert made.send(transfer(path, seq=seq)).bytes == size
        assert running.connections == 1
        assert send("http://files.invalid/", path, **given).code == 202
    assert secure.stored(f"nested/{size}.bin") == path.read_bytes()


def test_a_slow_proxy_that_is_called_in_tls_leaves_others_their_turn(
    secure: Nginx, ca: Authority, certificate: Pair, large: Path
) -> None:
    def slow_tunnel(client: Conversation) -> None:
        receive = client.receive

        def receive_late(size: int) -> bytes:
            gevent.sleep(0.005)
            return receive(size)

        client.receive = receive_late  # type: ignore[method-assign]
        tunnel(client)

    with faulty(slow_tunnel, certificate) as running, gevent.Timeout(15):
        url = f"{secure.url}/slow/{{filename}}"
        proxy = f"https://localhost:{running.port}"
        sent = send(url, large, method="PUT", ca=str(ca.cert), proxy=proxy)
    assert sent.bytes == large.stat().st_size
    assert secure.stored("slow/large.bin") == large.read_bytes()


def test_redirects_are_followed_through_the_proxy(
    proxy: Faulty, secure: Nginx, ca: Authority, large: Path
) -> None:
    given = {"ca": str(ca.cert), "proxy": proxy.url, "follow_redirects": "true"}
    sent = send(f"{secure.url}/moved/proxied", large, method="PUT", **given)
    assert (sent.code, sent.bytes) == (201, large.stat().st_size)
    assert secure.stored("landed/moved/proxied") == large.read_bytes()


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "ALL_PROXY"])
def test_a_variable_that_names_no_proxy_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for each in list(os.environ):
        if each.lower().endswith("_proxy"):
            monkeypatch.delenv(each)
    monkeypatch.setenv(name, "socks4://127.0.0.1:1")
    with (
        pytest.raises(StartError, match=f"^trust_env: the variable {name}: proxies are of http, "),
        sender("http://files.invalid/", trust_env="true"),
    ):
        pass


@pytest.mark.parametrize("url", ["http", "https"])
def test_a_proxy_is_asked_for_connect_to_by_a_tunnel(
    proxy: Faulty, secure: Nginx, plain: Nginx, ca: Authority, small: Path, url: str
) -> None:
    web = secure if url == "https" else plain
    there = Endpoint("127.0.0.1", int(web.url.rpartition(":")[2]))
    given = {"ca": str(ca.cert), "proxy": proxy.url, "connect_to": there}
    sent = send(f"{url}://localhost/other/{{filename}}", small, method="PUT", **given)
    assert sent.code == 201
    assert web.stored("other/order.xml") == b"<order/>"
    assert proxy.heard[0].startswith(f"CONNECT {there} HTTP/1.1\r\n".encode())


def test_no_proxy_of_the_environment_is_heeded(
    proxy: Faulty, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with faulty(tunnel) as server:
        send(server.url, small, trust_env="true")
    assert (len(server.heard), len(proxy.heard)) == (1, 0)

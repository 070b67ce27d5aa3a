"""Requests through a proxy."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import gevent
import pytest

from tests.servers import free_port
from tests.servers.certificates import Authority
from tests.servers.faulty import Conversation, Faulty, faulty
from tests.servers.nginx import Nginx

from .jobs import failure, send


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

"""Connections through a proxy, by addresses that this host has looked up."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from contextlib import closing

import pytest

from fthg import native
from fthg.clock import Clock
from fthg.errors import TransferError
from fthg.protocols.addresses import Address
from fthg.protocols.dial import Dialer
from fthg.protocols.endpoint import Endpoint
from fthg.protocols.look_ups import LookUp, LookUps
from fthg.protocols.options import Options
from fthg.protocols.proxy import parse_proxy
from fthg.protocols.proxy_dialer import ProxyDialer
from tests.servers import free_port
from tests.servers.faulty import Conversation, faulty

from .silence import silence

TARGET = Endpoint("files.example.com", 22)
FIRST, SECOND = b"\x01\xc0\x00\x02\x01", b"\x01\xc0\x00\x02\x02"
HOST_UNREACHABLE, NOT_ALLOWED = 4, 2


def look_up(host: str, port: int) -> Sequence[Address]:
    names = {"files.example.com": ("192.0.2.1", "192.0.2.2")}
    return [Address(socket.AF_INET, (each, port)) for each in names.get(host, (host,))]


class Listed:
    """A proxy that reaches nothing but one address, and what it was asked for."""

    def __init__(self, reachable: bytes, otherwise: int) -> None:
        self.asked: list[bytes] = []
        self._reachable = reachable
        self._otherwise = otherwise

    def __call__(self, client: Conversation) -> None:
        client.read(3)
        client.send(b"\x05\x00")
        self.asked.append(client.receive(300)[3:-2])
        code = 0 if self.asked[-1] == self._reachable else self._otherwise
        client.send(bytes([5, code, 0, 1]) + bytes(6) + (b"" if code else b"hello"))
        client.receive(1)


def dial(port: int, scheme: str, look_up: LookUp = look_up, limit: float = 5) -> bytes:
    """Connect through the proxy, and return what comes first."""
    options, clock = Options(connect_timeout=limit, addresses="first"), Clock()
    with closing(Dialer(options, clock, LookUps(look_up))) as dialer:
        proxy = parse_proxy(f"{scheme}://127.0.0.1:{port}")
        through = ProxyDialer(proxy, dialer, limit, clock)
        with through.dial_socks(TARGET, lambda _: None) as stream:
            return stream.recv(5)


def test_the_other_addresses_of_a_name_are_tried_through_the_proxy() -> None:
    proxy = Listed(SECOND, HOST_UNREACHABLE)
    with faulty(proxy) as running:
        assert dial(running.port, "socks5") == b"hello"
    assert proxy.asked == [FIRST, SECOND]


def test_what_is_wrong_with_all_addresses_is_asked_once() -> None:
    proxy = Listed(SECOND, NOT_ALLOWED)
    with faulty(proxy) as running, pytest.raises(TransferError) as caught:
        dial(running.port, "socks5")
    assert (proxy.asked, caught.value.kind, caught.value.code) == ([FIRST], "proxy", NOT_ALLOWED)


def test_the_last_refusal_is_that_of_all() -> None:
    proxy = Listed(b"", HOST_UNREACHABLE)
    with faulty(proxy) as running, pytest.raises(TransferError) as caught:
        dial(running.port, "socks5")
    assert proxy.asked == [FIRST, SECOND]
    assert "does not connect to 192.0.2.2:22: host unreachable" in caught.value.detail


def test_names_are_left_to_a_proxy_of_socks5h() -> None:
    proxy = Listed(b"\x03\x11files.example.com", HOST_UNREACHABLE)
    with faulty(proxy) as running:
        assert dial(running.port, "socks5h") == b"hello"


def test_a_name_that_only_the_proxy_may_know_is_told_how_to_be_left_to_it() -> None:
    def unknown(host: str, port: int) -> Sequence[Address]:
        if host == TARGET.host:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(host, port)

    with pytest.raises(TransferError) as caught:
        dial(free_port(), "socks5", unknown)
    assert caught.value.kind == "dns"
    assert "with socks5h:// the proxy looks names up" in caught.value.detail


def test_the_time_that_a_name_took_is_missing_for_the_call_of_the_proxy() -> None:
    def slow(host: str, port: int) -> Sequence[Address]:
        native.sleep(2.5 if host == TARGET.host else 0)
        return look_up(host, port)

    began = time.monotonic()
    with silence("127.0.0.1") as proxy, pytest.raises(TransferError) as caught:
        dial(proxy.getsockname()[1], "socks5", slow, limit=3)
    assert caught.value.kind == "proxy"
    assert time.monotonic() - began < 4.5

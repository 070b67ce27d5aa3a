from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import gevent
import pytest
from gevent import socket

from fthg.clock import Clock
from fthg.errors import StartError
from fthg.load.outputs.prometheus.endpoint import Endpoint
from fthg.load.outputs.prometheus.place import Address
from tests.servers import free_port

BIG = 10_000_000
"""Characters of the text of a thousand jobs, much more than what sockets hold."""


@contextmanager
def serving(text: str = "up 1\n") -> Iterator[Address]:
    address = Address("127.0.0.1", free_port())
    endpoint = Endpoint(address, Clock())
    endpoint.listen()
    with endpoint.serving(lambda: text):
        yield address


def ask(address: Address, request: str) -> bytes:
    with socket.create_connection(address, 20) as client:
        client.sendall(request.encode())
        pieces = list(iter(lambda: client.recv(1 << 20), b""))
    return b"".join(pieces)


def scrape(address: Address) -> bytes:
    return ask(address, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")


def test_the_text_is_served_and_other_paths_are_not_found() -> None:
    with serving() as address:
        head, _, body = scrape(address).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert body == b"up 1\n"
        assert ask(address, "GET / HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 404 ")


def test_a_head_request_has_no_body_but_its_length() -> None:
    with serving() as address:
        found = ask(address, "HEAD /metrics HTTP/1.1\r\n\r\n")
        assert b"Content-Length: 5\r\n" in found
        assert found.endswith(b"\r\n\r\n")


def test_a_long_text_arrives_whole() -> None:
    with serving(BIG * "x") as address:
        assert len(scrape(address).partition(b"\r\n\r\n")[2]) == BIG


def test_a_text_that_cannot_be_made_is_an_error_of_the_server_and_of_no_run() -> None:
    address = Address("127.0.0.1", free_port())
    endpoint = Endpoint(address, Clock())
    endpoint.listen()

    def broken() -> str:
        raise ZeroDivisionError

    with endpoint.serving(broken):
        assert scrape(address).startswith(b"HTTP/1.1 500 ")


def test_clients_that_never_ask_keep_no_scraper_out() -> None:
    with serving() as address, ExitStack() as stack:
        for number in range(60):
            client = stack.enter_context(socket.create_connection(address, 5))
            client.sendall(b"GET /metr"[: number % 9])
        assert scrape(address).endswith(b"up 1\n")


def test_a_request_without_an_end_is_refused_once_it_is_too_long() -> None:
    with serving() as address:
        found = ask(address, "GET /metrics HTTP/1.1\r\n" + 2000 * "A: b\r\n")
        assert found.startswith(b"HTTP/1.1 400 ") or not found  # or the rest made it a reset


def test_clients_that_take_nothing_let_the_loop_go_on() -> None:
    with serving(BIG * "x") as address, ExitStack() as stack:
        for _ in range(8):
            client = stack.enter_context(socket.create_connection(address, 5))
            client.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
        turns, until = 0, time.monotonic() + 0.5
        while time.monotonic() < until:
            gevent.sleep(0.001)
            turns += 1
        assert turns > 20


def test_nobody_is_served_after_the_end() -> None:
    with serving() as address:
        pass
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(address, 5)


def test_an_address_that_is_taken_names_the_remedy() -> None:
    with serving() as address, pytest.raises(StartError) as found:
        Endpoint(address, Clock()).check()
    text = f"run.metrics: cannot listen on {address}: Address already in use; another program"
    assert str(found.value).startswith(text)


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("192.0.2.1", "that is no address of this host; 0.0.0.0 stands for all"),
        ("no.such.host.invalid", "no.such.host.invalid cannot be resolved; name another address"),
        ("a" * 64 + ".example", "cannot be resolved"),
    ],
)
def test_an_address_that_is_none_of_this_host_is_an_error(host: str, reason: str) -> None:
    with pytest.raises(StartError) as found:
        Endpoint(Address(host, 9464), Clock()).check()
    assert reason in str(found.value)


def test_ipv6_is_served_where_this_host_has_it() -> None:
    address = Address("::1", free_port())
    endpoint = Endpoint(address, Clock())
    try:
        endpoint.listen()
    except StartError:
        pytest.skip("this host has no IPv6")
    with endpoint.serving(lambda: "up 1\n"):
        assert scrape(address).endswith(b"up 1\n")

from __future__ import annotations

import random
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import gevent
import pytest
from gevent.server import StreamServer

from . import network_faults as faults
from .proxy import Proxy, proxy
from .servers import quiet_port

Calls = Iterator[socket.socket]


@pytest.fixture
def front() -> Iterator[Proxy]:
    """Run a proxy before a server that echoes in capitals."""
    server = StreamServer(("127.0.0.1", 0), shout)
    server.start()
    with proxy(quiet_port(), server.server_port) as running:
        yield running
    server.stop(timeout=1)


def shout(stream: socket.socket, _: object) -> None:
    while data := stream.recv(65536):
        stream.sendall(data.upper())


@contextmanager
def call(front: Proxy, seconds: float = 5) -> Calls:
    """Return a client's connection with a timeout in seconds."""
    with socket.create_connection(("127.0.0.1", front.port), seconds) as client:
        yield client


def hear(client: socket.socket, size: int) -> bytes:
    """Return `size` bytes, fewer only at the end."""
    data = b""
    while len(data) < size and (more := client.recv(size - len(data))):
        data += more
    return data


def ask(client: socket.socket, words: bytes) -> bytes:
    client.sendall(words)
    return hear(client, len(words))


def is_reset(client: socket.socket, words: bytes = b"") -> bool:
    try:
        client.sendall(words)
        return client.recv(100) == b"never"
    except ConnectionError:
        return True


def is_silent(front: Proxy, client: socket.socket, words: bytes) -> bool:
    client.settimeout(0.3)
    client.sendall(words)
    try:
        return client.recv(100) == b"never"
    except socket.timeout:
        client.settimeout(5)
        return True


def test_a_healthy_proxy_passes_all_on_and_both_ends(front: Proxy) -> None:
    words = bytes(random.Random(1).choices(range(32, 64), k=3_000_000))
    with call(front) as client:
        saying = gevent.spawn(client.sendall, words)
        assert hear(client, len(words)) == words
        saying.join()
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
    gevent.sleep(0.05)
    assert not front.links


def test_refuse_cuts_and_refuses_until_it_is_over(front: Proxy) -> None:
    with call(front) as client:
        assert ask(client, b"a") == b"A"
        with front.applying(faults.Refuse()):
            assert is_reset(client)
            with pytest.raises(ConnectionRefusedError), call(front):
                pass
    with call(front) as client:
        assert ask(client, b"a") == b"A"


def test_full_lets_nobody_connect_until_it_is_over(front: Proxy) -> None:
    with front.applying(faults.Full()), pytest.raises(socket.timeout), call(front, 0.4):
        pass
    with call(front) as client:
        assert ask(client, b"a") == b"A"


def test_silence_keeps_everything_until_it_is_over(front: Proxy) -> None:
    with call(front) as before:
        assert ask(before, b"a") == b"A"
        with front.applying(faults.Silence()), call(front) as after:
            assert is_silent(front, before, b"b")
            assert is_silent(front, after, b"c")
        assert hear(before, 1) == b"B"


def test_silence_that_forgets_lasts_for_ever_on_its_links(front: Proxy) -> None:
    with call(front) as before, call(front) as after:
        assert ask(before, b"a") == b"A"
        with front.applying(faults.Silence(forget=True)):
            assert is_silent(front, before, b"b")
        assert is_silent(front, before, b"b")
        assert ask(after, b"c") == b"C"


@pytest.mark.parametrize("after", [0, 3])
def test_reset_passes_so_many_bytes_and_cuts(front: Proxy, after: int) -> None:
    with call(front) as client, front.applying(faults.Reset(after)):
        assert ask(client, b"abc"[:after]) == b"ABC"[:after]
        assert is_reset(client, b"d")


def test_reset_unanswered_cuts_once_all_has_arrived(front: Proxy) -> None:
    heard: list[bytes] = []

    def listen(stream: socket.socket, _: object) -> None:
        while data := stream.recv(65536):
            heard.append(data)
            stream.sendall(b"thanks")

    server = StreamServer(("127.0.0.1", 0), listen)
    server.start()
    front.server = server.server_port
    with call(front) as client, front.applying(faults.ResetUnanswered(5)):
        client.sendall(b"abc")
        assert hear(client, 6) == b"thanks"
        client.sendall(b"defgh")
        assert is_reset(client)
    assert b"".join(heard) == b"abcdefgh"
    server.stop(timeout=1)


def test_stall_cuts_what_there_is_and_keeps_the_rest_of_new_answers(front: Proxy) -> None:
    with call(front) as before:
        assert ask(before, b"a") == b"A"
        with front.applying(faults.Stall(2)):
            assert is_reset(before)
            with call(front) as client:
                client.sendall(b"abcd")
                assert hear(client, 2) == b"AB"
                assert is_silent(front, client, b"e")
                front.healthy.set()
                assert hear(client, 3) == b"CDE"


def test_bytewise_sends_bytes_apart(front: Proxy) -> None:
    with call(front) as client, front.applying(faults.Bytewise()):
        client.sendall(b"a" * 500)
        pieces: list[bytes] = []
        while sum(map(len, pieces)) < 500:
            pieces.append(client.recv(500))
        assert (b"".join(pieces), len(pieces) > 10) == (b"A" * 500, True)


def test_a_narrow_link_is_slow_in_both_directions(front: Proxy) -> None:
    with call(front) as client, front.applying(faults.Narrow(10_000)):
        began = time.monotonic()
        assert ask(client, b"a" * 2000) == b"A" * 2000
        assert time.monotonic() - began > 0.2


def test_latency_comes_in_both_directions(front: Proxy) -> None:
    with call(front) as client, front.applying(faults.Latency(0.1)):
        began = time.monotonic()
        assert ask(client, b"abc") == b"ABC"
        assert time.monotonic() - began > 0.2


def test_half_close_ends_the_answers_and_goes_on_listening(front: Proxy) -> None:
    with call(front) as client, front.applying(faults.HalfClose()):
        client.sendall(b"abc")
        assert client.recv(1) == b""
        client.sendall(b"def")
        assert client.recv(1) == b""


def test_garbage_is_as_long_as_the_answer_and_nothing_like_it(front: Proxy) -> None:
    with call(front) as client, front.applying(faults.Garbage()):
        answer = ask(client, b"a" * 100)
        assert (len(answer), len(set(answer)) > 20) == (100, True)


def test_truncate_ends_an_answer_in_its_midst(front: Proxy) -> None:
    with call(front) as client, front.applying(faults.Truncate(4)):
        assert ask(client, b"abcdef") == b"ABCD"


def test_a_link_whose_server_is_gone_is_reset(front: Proxy) -> None:
    front.server = quiet_port()
    with call(front) as client:
        assert is_reset(client, b"a")


def test_bytes_before_a_fault_do_not_count(front: Proxy) -> None:
    with call(front) as client:
        assert ask(client, b"abcdef") == b"ABCDEF"
        with front.applying(faults.Reset(3)):
            assert ask(client, b"abc") == b"ABC"
            assert is_reset(client, b"d")

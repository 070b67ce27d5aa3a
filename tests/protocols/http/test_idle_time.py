"""The time that connections may be idle, and the end of those that were for longer."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Optional

import gevent
import pytest
from gevent.event import Event

from fthg.clock import SECOND, Clock
from fthg.protocols.http.answer import Answer
from fthg.protocols.http.idle_time import IdleTime, servers_limit
from tests.servers.certificates import Authority, Pair
from tests.servers.faulty import Conversation, faulty

from .jobs import sender, transfer
from .test_answer import read
from .ways import Way


def answer(*lines: str) -> Answer:
    head = "\r\n".join(["HTTP/1.1 200 OK", "Content-Length: 0", *lines, "", ""])
    return read(head.encode())


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (b"timeout=5", 4),
        (b"timeout=5, max=100", 4),
        (b"max=100,timeout=60", 59),
        (b'max=9; Timeout = "30"', 29),
        (b"timeout=2", 1),
        (b"timeout=1", 0.5),
        (b"timeout=0", 0),
        (b"timeout=007", 6),
        (b"300", None),
        (b"", None),
        (b"timeout=", None),
        (b"timeout=soon", None),
        (b"notimeout=3", None),
    ],
)
def test_what_a_server_says(said: bytes, seconds: Optional[float]) -> None:
    assert servers_limit(said) == (None if seconds is None else seconds * SECOND)


@pytest.mark.parametrize(
    ("own", "lines", "seconds"),
    [
        (None, [], 4),
        (None, ["Keep-Alive: timeout=60"], 59),
        (None, ["Keep-Alive: timeout=3"], 2),
        (None, ["Keep-Alive: max=9"], 4),
        (None, ["Keep-Alive: max=9", "keep-alive: timeout=8"], 7),
        (10, [], 10),
        (10, ["Keep-Alive: timeout=60"], 10),
        (10, ["Keep-Alive: timeout=3"], 2),
        (0, ["Keep-Alive: timeout=3"], 0),
    ],
)
def test_the_servers_word_replaces_the_default_and_can_only_shorten_the_jobs_own(
    own: Optional[float], lines: list[str], seconds: float
) -> None:
    assert IdleTime(own).after(answer(*lines)) == seconds * SECOND


class _Ahead(Clock):
    """The machine's clock, put forward."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = 0.0
        read = self.now
        self.now = lambda: read() + round(self.ahead * SECOND)  # type: ignore[method-assign]


def _answering(client: Conversation) -> None:
    while client.read_request():
        client.answer()


def _promising(client: Conversation) -> None:
    while client.read_request():
        client.answer("200 OK", b"", "Keep-Alive: timeout=9")


def test_a_connection_is_used_again_until_it_was_idle_for_4_s(small: Path, way: Way) -> None:
    clock = _Ahead()
    with way.faulty(_answering) as server, sender(server.url, clock, **way.options) as made:
        for pause, connections in ((0, 1), (3.5, 1), (3.5, 1), (4.1, 2), (60, 3)):
            clock.ahead += pause
            assert made.send(transfer(small)).code == 200
            assert server.connections == connections


def test_what_the_server_says_holds_for_its_connection(small: Path, way: Way) -> None:
    clock = _Ahead()
    with way.faulty(_promising) as server, sender(server.url, clock, **way.options) as made:
        for pause, connections in ((0, 1), (7, 1), (7.5, 1), (8.1, 2)):
            clock.ahead += pause
            assert made.send(transfer(small)).code == 200
            if way.name != "redirect":  # there the other server has no word
                assert server.connections == connections


def test_nothing_is_kept_where_nothing_may_be_idle(small: Path, way: Way) -> None:
    with (
        way.faulty(_answering) as server,
        sender(server.url, idle_timeout="0s", **way.options) as made,
    ):
        for seq in range(3):
            made.send(transfer(small, seq=seq))
    assert server.connections == 3
    assert all(b"Connection: close" not in request for request in server.heard)


def test_a_server_that_closes_what_is_idle_resets_no_transfer(small: Path) -> None:
    """The race of a request with the end of a connection, at its worst period."""

    def script(client: Conversation) -> None:
        while True:
            with gevent.Timeout(0.3, False):
                if not client.read_request():
                    return
                client.answer("200 OK", b"", "Keep-Alive: timeout=1")
                continue
            client.reset()
            return

    with faulty(script) as server, sender(server.url, idle_timeout="0.2s") as made:
        for seq in range(10):
            assert made.send(transfer(small, seq=seq)).code == 200
            gevent.sleep(0.2 + 0.02 * seq)
    assert 8 <= server.connections <= 10


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize(("scheme", "busy"), [("http", True), ("http", False), ("https", False)])
def test_connections_of_a_burst_are_closed_once_idle_for_too_long(
    small: Path, scheme: str, busy: bool, ca: Authority, certificate: Pair
) -> None:
    def script(client: Conversation) -> None:
        while client.read_request():
            gevent.sleep(0.1)
            client.answer()

    given: dict[str, Any] = {"connections": 30, "ca": str(ca.cert)}
    with (
        faulty(script, certificate if scheme == "https" else None) as server,
        sender(f"{scheme}://localhost:{server.port}/", idle_timeout="0.5s", **given) as made,
    ):
        burst = [gevent.spawn(made.send, transfer(small, seq=seq)) for seq in range(30)]
        gevent.joinall(burst, raise_error=True)
        assert server.connections == 30
        high = _descriptors()
        with gevent.Timeout(10):
            while _descriptors() > high - 2 * 29:  # both ends of each are in this process
                if busy:
                    made.send(transfer(small))
                gevent.sleep(0.05)
        assert server.connections == 30


def test_a_large_burst_is_closed_at_once_as_well(small: Path) -> None:
    answered = Event()

    def script(client: Conversation) -> None:
        client.read_request()
        answered.wait()
        client.answer()
        client.read_request()

    with (
        faulty(script) as server,
        sender(server.url, idle_timeout="0.5s", connections=200) as made,
    ):
        burst = [gevent.spawn(made.send, transfer(small, seq=seq)) for seq in range(200)]
        while len(server.heard) < 200:
            gevent.sleep(0.05)
        answered.set()
        gevent.joinall(burst, raise_error=True)
        high = _descriptors()
        with gevent.Timeout(3):
            while _descriptors() > high - 2 * 200:
                gevent.sleep(0.05)


def test_the_end_of_a_job_ends_the_search_for_idle_connections(small: Path) -> None:
    with faulty(_answering) as server:
        with sender(server.url, idle_timeout="0.1s") as made:
            made.send(transfer(small))
        gevent.sleep(0.7)
    assert server.connections == 1

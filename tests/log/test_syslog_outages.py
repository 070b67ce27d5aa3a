"""Servers that are missing, slow or gone, on a clock that jumps: pauses and losses are exact."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import gevent
import pytest

from fthg.clock import SECOND
from fthg.log import Log, SyslogSettings
from fthg.log.address import Address
from tests.screen import Screen

from ..fakes import FakeClock
from ..servers import free_port
from .conftest import Opener, datagrams

log = Log("fthg.test")

QUEUE = 5000  # lines


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "log")


@pytest.fixture
def full(path: str) -> Iterator[socket.socket]:
    """A server that does not read; its socket takes a few hundred lines at most."""
    with closing(datagrams(path)) as server:
        yield server


def local(path: str) -> SyslogSettings:
    return SyslogSettings(Address.parse(path), logging.INFO)


def received(server: socket.socket, number: int) -> bool:
    return server.recv(9999).endswith(f"INFO  line  number={number}".encode())


def drain(server: socket.socket) -> int:
    """Read all that the server has been sent and return the number of lines."""
    server.setblocking(False)
    count = 0
    while True:
        try:
            count += b"INFO  line" in server.recv(9999)
        except BlockingIOError:
            return count


@pytest.mark.parametrize(
    ("back", "delivered"),
    [(0.1, 0.25), (0.3, 0.75), (1, 1.75), (2, 3.75), (20, 31.75), (40, 61.75), (100, 121.75)],
)
def test_attempts_are_a_quarter_of_a_second_then_ever_longer_to_half_a_minute_apart(
    opened: Opener, clock: FakeClock, path: str, back: float, delivered: float
) -> None:
    opened(syslog=local(path))
    log.info("line", number=0)
    clock.sleep_until(round(back * SECOND))
    with closing(datagrams(path)) as server:
        assert received(server, 0)
        assert clock.now() == delivered * SECOND


def test_after_an_outage_the_first_pause_is_short_again(
    opened: Opener, clock: FakeClock, path: str
) -> None:
    opened(syslog=local(path))
    log.info("line", number=0)
    clock.sleep_until(40 * SECOND)
    with closing(datagrams(path)) as server:
        assert received(server, 0)
    Path(path).unlink()
    log.info("line", number=1)
    again = clock.now()
    clock.sleep_until(again + 1)
    with closing(datagrams(path)) as server:
        while not received(server, 1):  # first come the messages about the outage
            pass
        assert clock.now() == again + SECOND // 4


def test_an_outage_is_reported_once_when_it_begins_and_once_when_it_ends(
    opened: Opener, clock: FakeClock, path: str, screen: Screen
) -> None:
    opened(syslog=local(path), console=screen.at(logging.WARNING))
    log.info("line", number=0)
    clock.sleep_until(10 * SECOND)
    (line,) = screen.lines
    assert line.endswith(
        "WARN  syslog cannot be reached; lines wait for it  "
        f'address={path} error="No such file or directory"'
    )
    with closing(datagrams(path)) as server:
        assert received(server, 0)
        clock.sleep_until(20 * SECOND)
    assert len(screen.lines) == 2
    assert screen.lines[1].endswith(f"WARN  syslog is reached again  address={path} lost=0")


def test_lines_beyond_the_queue_are_lost_and_counted_when_the_server_is_back(
    opened: Opener, clock: FakeClock, path: str, screen: Screen
) -> None:
    logs = opened(syslog=local(path), console=screen.at(logging.WARNING))
    for number in range(QUEUE + 7):
        log.info("line", number=number)
    clock.sleep_until(SECOND)
    with closing(datagrams(path)) as server:
        for number in range(QUEUE):
            assert received(server, number)
        assert b"WARN  syslog is reached again" in server.recv(9999)
        logs.close()
    # The message that the server cannot be reached did not fit either.
    assert screen.lines[1].endswith("lost=8")
    assert screen.lines[2].endswith(f"ERROR log lines were lost  where={path} lost=8")


def test_a_server_that_is_down_does_not_delay_the_end(
    opened: Opener, clock: FakeClock, screen: Screen
) -> None:
    address = Address.parse(f"tcp://127.0.0.1:{free_port()}")
    logs = opened(syslog=SyslogSettings(address, logging.INFO), console=screen.at(logging.WARNING))
    for number in range(6000):
        log.info("line", number=number)
    while not screen.lines:
        clock.sleep_until(clock.now() + SECOND)
    began = clock.now()
    logs.close()
    assert clock.now() == began
    assert "syslog cannot be reached" in screen.lines[0]
    assert screen.lines[1].endswith("lost=6001")  # with the message that it cannot be reached


def test_a_server_that_does_not_read_delays_the_end_by_two_seconds(
    opened: Opener, clock: FakeClock, path: str, full: socket.socket, screen: Screen
) -> None:
    logs = opened(syslog=local(path), console=screen.at(logging.WARNING))
    for number in range(2000):
        log.info("line", number=number)
    clock.sleep_until(SECOND)
    logs.close()
    assert clock.now() == 3 * SECOND
    lost = 2000 - drain(full)
    assert lost > 0
    assert screen.lines[-1].endswith(f"ERROR log lines were lost  where={path} lost={lost}")


def test_lines_that_a_slow_server_reads_in_time_are_not_lost(
    opened: Opener, clock: FakeClock, path: str, full: socket.socket, screen: Screen
) -> None:
    logs = opened(syslog=local(path), console=screen.at(logging.WARNING))
    for number in range(2000):
        log.info("line", number=number)

    def read_late() -> bool:
        clock.sleep_until(SECOND)
        return all(received(full, number) for number in range(2000))

    reader = gevent.spawn(read_late)
    logs.close()
    assert reader.get(timeout=20)
    assert clock.now() == SECOND
    assert not screen.lines


def test_a_restarted_server_gets_the_next_lines(opened: Opener, path: str, screen: Screen) -> None:
    with closing(datagrams(path)) as server:
        opened(syslog=local(path), console=screen.at(logging.WARNING))
        log.info("line", number=0)
        assert received(server, 0)
    Path(path).unlink()
    with closing(datagrams(path)) as server:
        log.info("line", number=1)
        assert received(server, 1)

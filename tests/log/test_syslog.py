from __future__ import annotations

import json
import logging
import os
import re
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import gevent
import pytest

from fthg.log import Log, SyslogSettings
from fthg.log.address import Address

from ..servers import free_port
from .conftest import Opener, Screen
from .waking import FakeClock, eventually

log = Log("fthg.test")


def datagrams(place: str) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    made.bind(place)
    made.settimeout(20)
    return made


@pytest.fixture
def dev_log(tmp_path: Path) -> Iterator[socket.socket]:
    with closing(datagrams(str(tmp_path / "log"))) as made:
        yield made


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with closing(socket.create_server(("127.0.0.1", 0))) as made:
        made.settimeout(20)
        yield made


def frames(connection: socket.socket, count: int) -> list[str]:
    """Read so many lines in the octet counting of RFC 6587."""
    found: list[str] = []
    data = b""
    while len(found) < count:
        length, space, rest = data.partition(b" ")
        if space and len(rest) >= int(length):
            found.append(rest[: int(length)].decode())
            data = rest[int(length) :]
        else:
            more = connection.recv(4096)
            assert more, "the connection ended too early"
            data += more
    assert not data
    return found


def test_a_local_socket_gets_what_rsyslog_expects(
    opened: Opener, dev_log: socket.socket, tmp_path: Path
) -> None:
    opened(syslog=SyslogSettings(Address.parse(str(tmp_path / "log")), logging.INFO))
    log.info("transfer ok", job="orders", file="ä b")
    log.warning("transfer failed", detail="one\ntwo")
    pid = os.getpid()
    assert dev_log.recv(9999).decode() == (
        f'<14>fthg[{pid}]: INFO  transfer ok  job=orders file="ä b"'
    )
    assert dev_log.recv(9999).decode() == (
        f'<12>fthg[{pid}]: WARN  transfer failed  detail="one\\ntwo"'
    )


def test_level_format_facility_and_secrets_are_its_own(
    opened: Opener, dev_log: socket.socket, tmp_path: Path
) -> None:
    address = Address.parse(str(tmp_path / "log"))
    opened(syslog=SyslogSettings(address, logging.ERROR, "json", "local3"), secrets=["hunter2"])
    log.warning("not wanted")
    log.error("ended", password="hunter2")
    head, _, message = dev_log.recv(9999).decode().partition(": ")
    assert head == f"<{19 * 8 + 3}>fthg[{os.getpid()}]"
    assert json.loads(message)["password"] == "***"


def test_a_line_too_long_for_syslog_is_shortened_and_still_json(
    opened: Opener, dev_log: socket.socket, tmp_path: Path
) -> None:
    address = Address.parse(str(tmp_path / "log"))
    opened(syslog=SyslogSettings(address, logging.INFO, "json"))
    log.info("long", None, **{f"field{number}": "x" * 9999 for number in range(9)})
    data = dev_log.recv(99999)
    assert len(data) < 8192
    assert json.loads(data.partition(b": ")[2])["field8"].startswith("xx")


def test_udp_gets_rfc_5424(opened: Opener) -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(20)
        address = Address.parse(f"udp://127.0.0.1:{server.getsockname()[1]}")
        opened(syslog=SyslogSettings(address, logging.INFO))
        log.info("hello", x=1)
        assert re.fullmatch(
            rf"<14>1 \d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z \S+ fthg {os.getpid()} - - "
            r"INFO  hello  x=1",
            server.recv(9999).decode(),
        )


def test_tcp_counts_octets(opened: Opener, listening: socket.socket) -> None:
    address = Address.parse(f"tcp://localhost:{listening.getsockname()[1]}")
    opened(syslog=SyslogSettings(address, logging.INFO))
    for number in range(3):
        log.info("ä", number=number)
    connection, _ = listening.accept()
    with closing(connection):
        got = frames(connection, 3)
    assert [line.partition(" - - ")[2] for line in got] == [
        f"INFO  ä  number={n}" for n in range(3)
    ]


def test_tcp_reconnects_and_loses_nothing_that_comes_after(
    opened: Opener, listening: socket.socket
) -> None:
    address = Address.parse(f"tcp://127.0.0.1:{listening.getsockname()[1]}")
    opened(syslog=SyslogSettings(address, logging.INFO))
    log.info("one")
    first, _ = listening.accept()
    frames(first, 1)
    first.close()
    gevent.sleep(0.1)  # until the news of it is here
    log.info("two")
    second, _ = listening.accept()
    with closing(second):
        assert frames(second, 1)[0].endswith("INFO  two")


def test_a_missing_server_is_told_once_and_lines_wait_for_it(
    opened: Opener, tmp_path: Path, screen: Screen
) -> None:
    place = str(tmp_path / "log")
    logs = opened(
        syslog=SyslogSettings(Address.parse(place), logging.INFO),
        console=screen.at(logging.WARNING),
    )
    log.info("early")
    assert eventually(lambda: bool(screen.lines))
    gevent.sleep(0.6)  # it has tried again meanwhile
    assert len(screen.lines) == 1
    assert "syslog cannot be reached" in screen.lines[0]
    assert place in screen.lines[0]
    with closing(datagrams(place)) as server:
        assert server.recv(9999).endswith(b"INFO  early")
        assert eventually(lambda: len(screen.lines) == 2)
        assert "syslog is reached again" in screen.lines[1]
        logs.close()


def test_a_restarted_local_server_gets_the_next_lines(opened: Opener, tmp_path: Path) -> None:
    place = tmp_path / "log"
    with closing(datagrams(str(place))) as server:
        opened(syslog=SyslogSettings(Address.parse(str(place)), logging.INFO))
        log.info("one")
        server.recv(9999)
    place.unlink()
    with closing(datagrams(str(place))) as server:
        log.info("two")
        assert server.recv(9999).endswith(b"INFO  two")


def test_a_dead_server_never_blocks_the_run_and_what_is_lost_is_told(
    opened: Opener, screen: Screen
) -> None:
    address = Address.parse(f"tcp://127.0.0.1:{free_port()}")
    logs = opened(syslog=SyslogSettings(address, logging.INFO), console=screen.at(logging.WARNING))
    began = time.monotonic()
    for number in range(6000):
        log.info("line", number=number)
    assert time.monotonic() - began < 5
    assert eventually(lambda: bool(screen.lines))
    logs.close()
    assert time.monotonic() - began < 15
    lost = int(screen.lines[-1].split("lost=")[1])
    assert "log lines were lost" in screen.lines[-1]
    assert lost == 6001  # the line that says so is lost, too


def test_a_server_that_takes_nothing_does_not_hold_up_the_end(
    opened: Opener, tmp_path: Path, clock: FakeClock, screen: Screen
) -> None:
    with closing(datagrams(str(tmp_path / "log"))):  # nobody reads: it is full after a few
        logs = opened(
            syslog=SyslogSettings(Address.parse(str(tmp_path / "log")), logging.INFO),
            console=screen.at(logging.WARNING),
        )
        for number in range(2000):
            log.info("line", number=number)
        gevent.sleep(0.2)
        ending = gevent.spawn(logs.close)
        gevent.sleep(0.05)
        clock.advance(3)
        ending.get(timeout=10)
    assert "log lines were lost" in screen.lines[-1]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("/dev/log", Address("unix", "/dev/log")),
        ("udp://logs.example.com", Address("udp", host="logs.example.com", port=514)),
        (" tcp://[::1]:6514 ", Address("tcp", host="::1", port=6514)),
    ],
)
def test_an_address_is_a_path_or_a_host_and_port(text: str, address: Address) -> None:
    assert Address.parse(text) == address
    assert Address.parse(str(address)) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "logs",
        "tls://h",
        "udp://",
        "udp://h:0",
        "udp://h:99999",
        "tcp://h/x",
        "tcp://u@h",
        "udp://[x",
    ],
)
def test_what_is_no_address_says_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="write it as /dev/log"):
        Address.parse(text)

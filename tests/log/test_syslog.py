from __future__ import annotations

import json
import logging
import os
import re
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import gevent
import pytest

from fthg.log import Log, SyslogSettings
from fthg.log.address import Address

from .conftest import Opener, datagrams
from .waking import FakeClock, elsewhere

log = Log("fthg.test")


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
    """Read `count` lines in the octet counting of RFC 6587."""
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
    gevent.sleep(0.1)  # until the end of the connection has arrived
    log.info("two")
    second, _ = listening.accept()
    with closing(second):
        assert frames(second, 1)[0].endswith("INFO  two")


def test_a_line_of_another_thread_is_sent_at_the_next_tick(
    opened: Opener, dev_log: socket.socket, tmp_path: Path, clock: FakeClock
) -> None:
    opened(syslog=SyslogSettings(Address.parse(str(tmp_path / "log")), logging.INFO))
    gevent.sleep(0)  # the sender waits
    elsewhere(lambda: log.info("said elsewhere"))
    clock.advance(1.5)
    assert dev_log.recv(9999).endswith(b"INFO  said elsewhere")

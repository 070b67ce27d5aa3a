"""Connections whose server owes answers and sends nothing: processes of sshd that are stopped."""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gevent
import pytest
from gevent import monkey

from fthg.clock import Clock
from fthg.protocols.sftp import SftpSender
from tests.servers.sshd import Sshd

from .conftest import options, transfer

LIMIT = 0.5  # connect_timeout, in seconds


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "f"
    made.write_bytes(os.urandom(5000))
    return made


@contextmanager
def sending(server: Sshd, **changes: Any) -> Iterator[SftpSender]:
    clock = Clock()
    clock.lag.start(lambda _: None)
    settings = {"timeout": 600.0, "connect_timeout": LIMIT, "remote_name": "{seq}", **changes}
    sender = SftpSender(options(server, **settings), clock)
    try:
        yield sender
    finally:
        sender.close()
        clock.lag.stop()


def silence(server: Sshd) -> None:
    """Stop what serves the present connections; new ones are served."""
    for pid in server.children():
        os.kill(pid, signal.SIGSTOP)


def block(seconds: float) -> None:
    """Leave the loop without a turn for a while."""
    monkey.get_original("time", "sleep")(seconds)


def logins(server: Sshd) -> int:
    return server.log.read_text().count("Accepted publickey")


def check_that_they_arrived(server: Sshd, file: Path, names: range) -> None:
    wanted = hashlib.sha256(file.read_bytes()).hexdigest()
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in server.root.iterdir()
    }
    assert found == {str(name): wanted for name in names}


def test_new_transfers_go_to_another_connection_and_the_old_ones_wait(
    server: Sshd, file: Path
) -> None:
    with sending(server) as sender:
        sender.send(transfer(file, 0))
        silence(server)
        waiting = [gevent.spawn(sender.send, transfer(file, seq)) for seq in (1, 2)]
        gevent.sleep(LIMIT + 0.1)
        for seq in (3, 4):
            sender.send(transfer(file, seq))
        assert logins(server) == 2
        assert not any(one.ready() for one in waiting)
        server.signal(signal.SIGCONT)
        gevent.joinall(waiting, timeout=5, raise_error=True)
        check_that_they_arrived(server, file, range(5))


def test_of_two_that_answer_again_one_remains(server: Sshd, file: Path) -> None:
    with sending(server) as sender:
        sender.send(transfer(file, 0))
        one = len(server.children())
        silence(server)
        waiting = gevent.spawn(sender.send, transfer(file, 1))
        gevent.sleep(LIMIT + 0.1)
        sender.send(transfer(file, 2))
        server.signal(signal.SIGCONT)
        waiting.get(timeout=5)
        sender.send(transfer(file, 3))
        assert logins(server) == 2
        for _ in range(100):
            if len(server.children()) <= one:
                break
            gevent.sleep(0.02)
        assert len(server.children()) == one
        check_that_they_arrived(server, file, range(4))


def test_no_more_than_twice_the_connections_are_opened(server: Sshd, file: Path) -> None:
    with sending(server) as sender:
        waiting = []
        for seq in range(4):
            waiting.append(gevent.spawn(sender.send, transfer(file, seq)))
            gevent.sleep(0.3)
            silence(server)
            gevent.sleep(LIMIT + 0.1)
        waiting += [gevent.spawn(sender.send, transfer(file, seq)) for seq in range(4, 8)]
        gevent.sleep(0.2)
        assert not any(one.ready() for one in waiting[4:])
        server.signal(signal.SIGCONT)
        gevent.joinall(waiting, timeout=5, raise_error=True)
        assert logins(server) == 2
        check_that_they_arrived(server, file, range(8))


def test_a_connection_that_was_idle_is_not_silent(server: Sshd, file: Path) -> None:
    with sending(server) as sender:
        sender.send(transfer(file, 0))
        gevent.sleep(LIMIT + 0.2)
        silence(server)
        waiting = [gevent.spawn(sender.send, transfer(file, seq)) for seq in (1, 2)]
        gevent.sleep(0.05)
        waiting.append(gevent.spawn(sender.send, transfer(file, 3)))
        gevent.sleep(0.05)
        server.signal(signal.SIGCONT)
        gevent.joinall(waiting, timeout=5, raise_error=True)
        assert logins(server) == 1
        check_that_they_arrived(server, file, range(4))


def test_a_pause_of_our_own_loop_is_no_silence(server: Sshd, file: Path) -> None:
    with sending(server) as sender:
        sender.send(transfer(file, 0))
        silence(server)
        waiting = [gevent.spawn(sender.send, transfer(file, 1))]
        gevent.sleep(0.1)
        block(1.2)
        waiting.append(gevent.spawn(sender.send, transfer(file, 2)))
        gevent.sleep(0.1)
        server.signal(signal.SIGCONT)
        gevent.joinall(waiting, timeout=5, raise_error=True)
        assert logins(server) == 1
        check_that_they_arrived(server, file, range(3))

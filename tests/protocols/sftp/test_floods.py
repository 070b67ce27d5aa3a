"""The end of floods, and the memory that they leave; tests/e2e has their cost to other jobs."""

from __future__ import annotations

import time
from pathlib import Path

import gevent
import pytest
from gevent.pool import Pool

from fthg.clock import Clock
from fthg.errors import TransferError
from fthg.protocols.sftp import SftpSender
from tests.servers import ssh_flood
from tests.servers.ssh_account import Account

from .conftest import options, transfer
from .test_faults import nothing_left


def sender_to(server: Account, timeout: float) -> SftpSender:
    settings = {"user": server.user, "key": str(server.key), "url": server.url(), "reuse": False}
    limits = {"timeout": timeout, "connect_timeout": timeout}
    return SftpSender(options(server, **settings, **limits), Clock())


def kind_of(sender: SftpSender, file: Path, seq: int) -> str:
    try:
        sender.send(transfer(file, seq))
    except TransferError as error:
        return error.kind
    return "ok"


@pytest.mark.parametrize("name", ["raw-ignore", "deaf-keepalive", "stderr", "unasked"])
def test_many_flooded_connections_leave_nothing_and_end_at_once(tmp_path: Path, name: str) -> None:
    file, home = tmp_path / "f", tmp_path / "flood"
    file.write_bytes(b"abc")
    home.mkdir()
    with ssh_flood.flooding(home, name) as server, nothing_left():
        sender = sender_to(server, 1.5)
        pool = Pool()
        kinds = [pool.spawn(kind_of, sender, file, seq) for seq in range(15)]
        gevent.joinall(kinds, timeout=20, raise_error=True)
        assert {one.get() for one in kinds} <= {"connect_timeout", "timeout", "protocol"}
        sender.close()
        sender = sender_to(server, 600)
        kinds = [pool.spawn(kind_of, sender, file, seq) for seq in range(15)]
        gevent.sleep(1)
        began = time.monotonic()
        sender.close()
        gevent.joinall(kinds, timeout=20, raise_error=True)
        assert time.monotonic() - began < 2
        assert {one.get() for one in kinds} <= {"reset", "protocol"}

"""limit_rate: how the files at the server grow."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import gevent
import pytest
from gevent.pool import Pool

from tests.servers.sshd import Sshd

from .conftest import MakeSender, transfer

KB = 1000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(bytes(range(250)) * 3 * KB)
    return path


@pytest.fixture
def inbox(shared_server: Sshd, tmp_path: Path) -> Path:
    path = shared_server.root / tmp_path.name
    path.mkdir()
    return path


def test_a_file_arrives_whole_and_at_its_rate_while_others_pass(
    shared_server: Sshd, inbox: Path, make_sender: MakeSender, file: Path
) -> None:
    sender = make_sender(shared_server, url=shared_server.url(str(inbox)), limit_rate=250 * KB)
    small = file.with_name("small")
    small.write_bytes(b"x")
    slow = gevent.spawn(sender.send, transfer(file))
    sizes = []
    while not slow.ready():
        gevent.sleep(0.1)
        if (inbox / "file").exists():
            sizes.append((time.monotonic(), (inbox / "file").stat().st_size))
        sender.send(transfer(small, len(sizes)))
    sent = slow.get()
    assert (inbox / "file").read_bytes() == file.read_bytes()
    assert 2.7 < sent.phases["sending"] < 5
    assert len(sizes) > 15  # the small ones were not held back
    for index, (begin, size) in enumerate(sizes):
        for end, larger in sizes[index:]:
            assert larger - size <= 1.1 * 250 * KB * (end - begin) + 50 * KB


def test_many_at_once_have_each_its_own_limit(
    shared_server: Sshd, inbox: Path, make_sender: MakeSender, file: Path
) -> None:
    sender = make_sender(shared_server, url=shared_server.url(str(inbox)), limit_rate=500 * KB)
    pool = Pool()
    sent = [pool.spawn(sender.send, transfer(file, seq, f"f{seq}")) for seq in range(20)]
    gevent.joinall(sent, timeout=30, raise_error=True)
    for one in sent:
        assert 1.3 < one.get().phases["sending"] < 3
    assert {found.read_bytes() for found in inbox.iterdir()} == {file.read_bytes()}


def test_a_transfer_whose_time_is_up_is_removed_at_once(
    shared_server: Sshd, inbox: Path, make_sender: MakeSender, file: Path
) -> None:
    sender = make_sender(
        shared_server, url=shared_server.url(str(inbox)), limit_rate=100, timeout=1.0
    )
    slow = gevent.spawn(sender.send, transfer(file))
    slow.join()
    assert getattr(slow.exception, "kind", "") == "timeout"
    assert "still sending: limit_rate (100 bytes a second) held it back" in str(slow.exception)
    with gevent.Timeout(3):  # its next block would be due after ten seconds
        while list(inbox.iterdir()):
            gevent.sleep(0.05)


def test_a_server_that_does_not_answer_is_not_taken_for_the_limit(
    server: Sshd, make_sender: MakeSender, file: Path
) -> None:
    sender = make_sender(server, limit_rate=20_000, timeout=4.0)
    slow = gevent.spawn(sender.send, transfer(file))
    gevent.sleep(1)
    server.signal(signal.SIGSTOP)
    slow.join()
    server.signal(signal.SIGCONT)
    assert getattr(slow.exception, "kind", "") == "timeout"
    assert "still sending" in str(slow.exception)
    assert "limit_rate" not in str(slow.exception)


def test_a_cancelled_transfer_ends_at_once(
    shared_server: Sshd, inbox: Path, make_sender: MakeSender, file: Path
) -> None:
    sender = make_sender(shared_server, url=shared_server.url(str(inbox)), limit_rate=100)
    slow = gevent.spawn(sender.send, transfer(file))
    gevent.sleep(0.5)
    assert not slow.ready()
    with gevent.Timeout(1):
        slow.kill()

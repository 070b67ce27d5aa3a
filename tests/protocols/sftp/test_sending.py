from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Callable, NamedTuple

import gevent
import pytest
from gevent.pool import Pool

from fthg.protocols.sftp import SftpSender, not_over
from fthg.protocols.sftp.abilities import LARGEST
from fthg.transfer import PHASES
from tests.servers import sshd
from tests.servers.sshd import Sshd

from .conftest import MakeSender, transfer

SIZES = [0, 1, 1023, 32767, 32768, 32769, LARGEST, LARGEST + 1, 5 * 1024 * 1024 + 3]


class Inbox(NamedTuple):
    """A directory of a running server, for one test."""

    path: Path
    sender: Callable[..., SftpSender]


@pytest.fixture
def inbox(shared_server: Sshd, make_sender: MakeSender, tmp_path: Path) -> Inbox:
    path = shared_server.root / tmp_path.name
    path.mkdir()
    url = shared_server.url(str(path))
    return Inbox(path, lambda **changes: make_sender(shared_server, **{"url": url, **changes}))


@pytest.mark.parametrize("atomic", ["false", "true"])
@pytest.mark.parametrize("size", SIZES)
def test_a_file_arrives_byte_for_byte(tmp_path: Path, inbox: Inbox, size: int, atomic: str) -> None:
    file = tmp_path / "f"
    file.write_bytes(os.urandom(size))
    sent = inbox.sender(atomic=atomic, check_size="true").send(transfer(file))
    assert (sent.code, sent.bytes) == (0, size)
    assert [found.name for found in inbox.path.iterdir()] == ["f"]
    assert (inbox.path / "f").read_bytes() == file.read_bytes()


@pytest.mark.parametrize("connections", [1, 3])
@pytest.mark.parametrize("atomic", ["false", "true"])
def test_hundreds_at_once_arrive_byte_for_byte(
    tmp_path: Path, inbox: Inbox, connections: int, atomic: str
) -> None:
    files = []
    for number in range(300):
        file = tmp_path / f"f{number}"
        file.write_bytes(os.urandom(1 + number * number % 70_000))
        files.append(file)
    sender = inbox.sender(connections=connections, atomic=atomic)
    pool = Pool()
    sent = [pool.spawn(sender.send, transfer(file, seq)) for seq, file in enumerate(files)]
    gevent.joinall(sent, timeout=60, raise_error=True)
    for file in files:
        assert (inbox.path / file.name).read_bytes() == file.read_bytes()
    assert len(list(inbox.path.iterdir())) == len(files)


def test_a_large_file_needs_little_memory_and_lets_small_ones_pass(
    tmp_path: Path, inbox: Inbox
) -> None:
    large, small = tmp_path / "large", tmp_path / "small"
    with large.open("wb") as file:
        for _ in range(50):
            file.write(os.urandom(1024 * 1024))
    small.write_bytes(b"x")
    sender = inbox.sender(timeout=60.0)
    sender.send(transfer(small))
    before = _resident()
    sending = gevent.spawn(sender.send, transfer(large))
    passed = 0
    while not sending.ready():
        sender.send(transfer(small))
        passed += 1
    assert sending.get().bytes == 50 * 1024 * 1024
    assert _resident() - before < 20 * 1024 * 1024
    assert passed > 3
    assert (inbox.path / "large").read_bytes() == large.read_bytes()


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")


def test_the_wait_for_a_connection_is_reported_by_phase(tmp_path: Path, inbox: Inbox) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"abc")
    sender = inbox.sender(atomic="true")
    first, second = sender.send(transfer(file)), sender.send(transfer(file))
    opening = {"connecting", "handshaking", "authenticating"}
    work = {"sending", "waiting", "renaming"}
    assert opening | work <= set(first.phases) <= set(PHASES)
    assert work <= set(second.phases)
    assert not opening & set(second.phases)


def test_without_reuse_each_file_has_a_connection(
    server: Sshd, make_sender: MakeSender, tmp_path: Path
) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"abc")
    sender = make_sender(server, reuse=False, remote_name="{seq}")
    pool = Pool()
    sent = [pool.spawn(sender.send, transfer(file, seq)) for seq in range(5)]
    gevent.joinall(sent, timeout=60, raise_error=True)
    assert all("handshaking" in one.get().phases for one in sent)
    assert server.log.read_text().count("Accepted publickey") == 5


def test_connections_share_the_load(server: Sshd, make_sender: MakeSender, tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"abc" * 100_000)
    sender = make_sender(server, connections=3, remote_name="{seq}")
    pool = Pool()
    sent = [pool.spawn(sender.send, transfer(file, seq)) for seq in range(30)]
    gevent.joinall(sent, timeout=60, raise_error=True)
    assert server.log.read_text().count("Accepted publickey") == 3


def test_missing_directories_are_made_by_many_at_once(tmp_path: Path, inbox: Inbox) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"abc")
    sender = inbox.sender(
        remote_name="new/a/b/{seq}/{filename}",
        mkdir="true",
    )
    pool = Pool()
    sent = [pool.spawn(sender.send, transfer(file, seq)) for seq in range(40)]
    gevent.joinall(sent, timeout=60, raise_error=True)
    assert all((inbox.path / f"new/a/b/{seq}/f").read_bytes() == b"abc" for seq in range(40))


def test_the_mode_is_set_whatever_the_umask(tmp_path: Path, inbox: Inbox) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"abc")
    for mode in ("0666", "0600"):  # the second time the file exists
        inbox.sender(mode=mode).send(transfer(file))
        assert stat.S_IMODE((inbox.path / "f").stat().st_mode) == int(mode, 8)


def test_an_atomic_upload_replaces_what_is_there(tmp_path: Path, inbox: Inbox) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"new")
    (inbox.path / "f").write_bytes(b"old and longer")
    inbox.sender(atomic="true").send(transfer(file))
    assert (inbox.path / "f").read_bytes() == b"new"


def test_a_name_that_is_no_text_arrives_as_it_is(tmp_path: Path, inbox: Inbox) -> None:
    name = os.fsdecode(b"a b'\"\n\xc3\xbc\xff%41")
    file = tmp_path / name
    file.write_bytes(b"abc")
    inbox.sender().send(transfer(file))
    assert os.listdir(os.fsencode(inbox.path)) == [os.fsencode(name)]


def test_the_server_may_ask_for_new_keys_at_any_time(
    tmp_path: Path, make_sender: MakeSender
) -> None:
    file = tmp_path / "f"
    file.write_bytes(os.urandom(3 * 1024 * 1024))
    home = tmp_path / "sshd"
    home.mkdir()
    with sshd.running(home, "RekeyLimit 1M") as server:
        sender = make_sender(server, remote_name="{seq}", timeout=30.0)
        pool = Pool()
        sent = [pool.spawn(sender.send, transfer(file, seq)) for seq in range(4)]
        gevent.joinall(sent, timeout=60, raise_error=True)
        for seq in range(4):
            assert (server.root / str(seq)).read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    ("began", "phases"),
    [
        (0, ["connecting", "handshaking", "authenticating"]),
        (1, ["connecting", "handshaking", "authenticating"]),
        (6, ["handshaking", "authenticating"]),
        (9, ["authenticating"]),
        (20, ["authenticating"]),
    ],
)
def test_phases_that_were_over_before_a_transfer_waited_are_not_its_own(
    began: int, phases: list[str]
) -> None:
    moments = [("connecting", 1), ("handshaking", 5), ("authenticating", 9)]
    assert [phase for phase, _ in not_over(moments, began)] == phases
    assert not_over([], began) == []

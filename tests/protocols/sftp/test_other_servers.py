"""The client at servers that share no code with OpenSSH: ProFTPD's mod_sftp, and rclone."""

from __future__ import annotations

import getpass
import os
import stat
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable, NamedTuple

import gevent
import pytest
from gevent.pool import Pool

from fthg.errors import TransferError
from fthg.protocols.sftp import SftpSender
from tests.servers import proftpd, rclone
from tests.servers.ssh_account import Account

from .conftest import MakeSender, transfer

SERVERS = {"proftpd": proftpd.running, "rclone": rclone.running}


class Inbox(NamedTuple):
    """A directory of a running server, for one test."""

    server: str
    account: Account
    path: Path
    sender: Callable[..., SftpSender]


@pytest.fixture(scope="module", params=list(SERVERS))
def account(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Account]]:
    name: str = request.param
    with SERVERS[name](tmp_path_factory.mktemp(name)) as found:
        yield name, found


@pytest.fixture
def inbox(account: tuple[str, Account], make_sender: MakeSender) -> Inbox:
    name, server = account
    directory = f"in-{uuid.uuid4()}"
    path = server.root / directory
    path.mkdir()
    url = server.url(directory)

    def sender(**changes: Any) -> SftpSender:
        return make_sender(server, **{"url": url, "timeout": 30.0, **changes})

    return Inbox(name, server, path, sender)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "f"
    path.write_bytes(os.urandom(70_000))
    return path


def failure(sender: SftpSender, file: Path) -> TransferError:
    with pytest.raises(TransferError) as caught:
        sender.send(transfer(file))
    return caught.value


@pytest.mark.parametrize("connections", [1, 3])
@pytest.mark.parametrize("atomic", ["false", "true"])
def test_hundreds_in_flight_arrive_byte_for_byte(
    inbox: Inbox, tmp_path: Path, atomic: str, connections: int
) -> None:
    files = []
    for number in range(300):
        file = tmp_path / f"f{number}"
        file.write_bytes(os.urandom(number * number % 70_000))
        files.append(file)
    sender = inbox.sender(atomic=atomic, connections=connections, check_size="true")
    pool = Pool(64)  # the default of max_in_flight
    sent = [pool.spawn(sender.send, transfer(file, seq)) for seq, file in enumerate(files)]
    gevent.joinall(sent, timeout=60, raise_error=True)
    for file in files:
        assert (inbox.path / file.name).read_bytes() == file.read_bytes()
    assert len(list(inbox.path.iterdir())) == len(files)


@pytest.mark.parametrize("atomic", ["false", "true"])
@pytest.mark.parametrize("size", [0, 1, 32_768, 32_769, 8 * 1024 * 1024 + 3])
def test_a_file_of_any_size_arrives_byte_for_byte(
    inbox: Inbox, tmp_path: Path, size: int, atomic: str
) -> None:
    file = tmp_path / "f"
    file.write_bytes(os.urandom(size))
    sent = inbox.sender(atomic=atomic, check_size="true").send(transfer(file))
    assert (sent.code, sent.bytes) == (0, size)
    assert [path.name for path in inbox.path.iterdir()] == ["f"]
    assert (inbox.path / "f").read_bytes() == file.read_bytes()


def test_small_files_pass_a_large_one(inbox: Inbox, tmp_path: Path, file: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(os.urandom(20 * 1024 * 1024))
    sender = inbox.sender(remote_name="{filename}-{seq}")
    sender.send(transfer(file))
    sending = gevent.spawn(sender.send, transfer(large))
    passed = 0
    while not sending.ready():
        passed += 1
        sender.send(transfer(file, passed))
    assert sending.get().bytes == 20 * 1024 * 1024
    assert passed > 1
    assert (inbox.path / "large-0").read_bytes() == large.read_bytes()


@pytest.mark.parametrize("atomic", ["false", "true"])
def test_an_upload_replaces_what_is_there(inbox: Inbox, file: Path, atomic: str) -> None:
    (inbox.path / "f").write_bytes(b"old and longer" * 10_000)
    inbox.sender(atomic=atomic).send(transfer(file))
    assert [path.name for path in inbox.path.iterdir()] == ["f"]
    assert (inbox.path / "f").read_bytes() == file.read_bytes()


def test_missing_directories_are_made_by_many_at_once(inbox: Inbox, file: Path) -> None:
    sender = inbox.sender(remote_name="new/a/{seq}/{filename}", mkdir="true")
    pool = Pool()
    sent = [pool.spawn(sender.send, transfer(file, seq)) for seq in range(20)]
    gevent.joinall(sent, timeout=60, raise_error=True)
    for seq in range(20):
        assert (inbox.path / f"new/a/{seq}/f").read_bytes() == file.read_bytes()


def test_the_mode_is_set_where_the_server_knows_modes(inbox: Inbox, file: Path) -> None:
    inbox.sender(mode="0600", atomic="true").send(transfer(file))
    mode = stat.S_IMODE((inbox.path / "f").stat().st_mode)
    # rclone serves stores that have no modes: it answers OK and does nothing.
    assert inbox.server == "rclone" or mode == 0o600


def test_a_password_is_accepted_and_a_wrong_one_refused(inbox: Inbox, file: Path) -> None:
    inbox.sender(key=None, password=inbox.account.password).send(transfer(file))
    assert (inbox.path / "f").exists()
    error = failure(inbox.sender(key=None, password="wrong"), file)
    assert error.kind == "auth"
    assert "password" in error.detail


def test_a_user_who_may_not_log_in_at_all_is_reported(
    tmp_path: Path, make_sender: MakeSender, file: Path
) -> None:
    home = tmp_path / "proftpd"
    home.mkdir()
    barred = "<Limit LOGIN>", f"DenyUser {getpass.getuser()}", "</Limit>"
    with proftpd.running(home, *barred) as server:
        error = failure(make_sender(server), file)
    assert error.kind == "auth"
    assert "takes no login of user" in error.detail


def test_a_missing_directory_fails_no_other_transfer(inbox: Inbox, file: Path) -> None:
    sender = inbox.sender(remote_name="{filename}")
    lost = inbox.sender(remote_name="nowhere/{filename}")
    assert failure(lost, file).kind == "no_path"
    sender.send(transfer(file))
    assert [path.name for path in inbox.path.iterdir()] == ["f"]


def test_a_directory_of_the_files_name_is_refused(inbox: Inbox, file: Path) -> None:
    (inbox.path / "f").mkdir()
    for atomic in ("false", "true"):
        assert failure(inbox.sender(atomic=atomic), file).kind in ("permission", "remote")


def test_a_host_key_that_has_changed_is_refused(inbox: Inbox, file: Path, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    other = inbox.account.key.with_suffix(".pub").read_text()
    known.write_text(f"[127.0.0.1]:{inbox.account.port} {other}")
    assert failure(inbox.sender(known_hosts=str(known)), file).kind == "host_key"
    assert list(inbox.path.iterdir()) == []

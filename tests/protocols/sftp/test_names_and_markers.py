"""Temporary names and markers at real servers: what is there, and what is not."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Callable, Union

import gevent
import pytest
from gevent.pool import Pool

from fthg.errors import TransferError
from fthg.protocols.sftp import SftpSender
from tests.servers import asyncssh, dropbear, node, proftpd, rclone, sshd
from tests.servers.ssh_account import Account
from tests.servers.sshd import Sshd

from .conftest import MakeSender, transfer

SERVERS: Mapping[str, Callable[[Path], AbstractContextManager[Union[Sshd, Account]]]] = {
    "openssh": sshd.running,
    "asyncssh": asyncssh.running,
    "ssh2": node.ssh2,
    "dropbear": dropbear.running,
    "proftpd": proftpd.running,
    "rclone": rclone.running,
}


@pytest.fixture(scope="module", params=list(SERVERS))
def account(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Union[Sshd, Account]]:
    with SERVERS[request.param](tmp_path_factory.mktemp(request.param)) as found:
        yield found


class Inbox:
    """A directory of a running server, for one test."""

    def __init__(self, account: Union[Sshd, Account], make_sender: MakeSender) -> None:
        name = f"in-{uuid.uuid4()}"
        self.path = account.root / name
        self.path.mkdir()
        chrooted = isinstance(account, Account)
        self.url = account.url(name if chrooted else str(self.path))
        self._account = account
        self._make_sender = make_sender

    def sender(self, **changes: Any) -> SftpSender:
        given: dict[str, Any] = {"url": self.url, "timeout": 30.0, **changes}
        return self._make_sender(self._account, **given)

    def files(self) -> dict[str, str]:
        """Return the SHA-256 of each file by its path."""
        return {
            str(path.relative_to(self.path)): digest(path.read_bytes())
            for path in self.path.rglob("*")
            if path.is_file()
        }


@pytest.fixture
def inbox(account: Union[Sshd, Account], make_sender: MakeSender) -> Inbox:
    return Inbox(account, make_sender)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "order.xml"
    path.write_bytes(os.urandom(70_000))
    return path


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def failure(sender: SftpSender, file: Path) -> TransferError:
    with pytest.raises(TransferError) as caught:
        sender.send(transfer(file))
    return caught.value


def test_hundreds_in_flight_have_their_names_and_markers_and_leave_nothing_else(
    inbox: Inbox, tmp_path: Path
) -> None:
    files = []
    for number in range(200):
        file = tmp_path / f"f{number}"
        file.write_bytes(os.urandom(number * number % 70_000))
        files.append(file)
    sender = inbox.sender(
        connections=3,
        atomic="true",
        mkdir="true",
        check_size="true",
        mode="0640",
        remote_name="new/{filename}",
        temporary_name="../tmp/{uuid}",
        marker="../done/{filename}.ok",
    )
    pool = Pool(64)
    sent = [pool.spawn(sender.send, transfer(file, seq)) for seq, file in enumerate(files)]
    gevent.joinall(sent, timeout=60, raise_error=True)
    assert inbox.files() == {
        **{f"new/{file.name}": digest(file.read_bytes()) for file in files},
        **{f"done/{file.name}.ok": digest(b"") for file in files},
    }
    assert list((inbox.path / "tmp").iterdir()) == []


def test_an_old_marker_and_an_old_file_are_replaced(inbox: Inbox, file: Path) -> None:
    (inbox.path / "order.xml").write_text("old")
    (inbox.path / "order.done").write_text("of yesterday")
    inbox.sender(atomic="true", marker="{stem}.done").send(transfer(file))
    assert inbox.files() == {"order.xml": digest(file.read_bytes()), "order.done": digest(b"")}


@pytest.mark.parametrize("atomic", ["false", "true"])
def test_a_marker_without_a_directory_fails_and_the_file_stays(
    inbox: Inbox, file: Path, atomic: str
) -> None:
    caught = failure(inbox.sender(atomic=atomic, marker="done/{filename}"), file)
    assert caught.kind == "no_path"
    assert caught.detail.startswith("the marker: opening ")
    assert "is the directory missing? (mkdir: true creates it)" in caught.detail
    assert "is delivered, but its marker " in caught.detail
    assert caught.detail.endswith(" is missing")
    assert caught.sent == 70_000
    assert inbox.files() == {"order.xml": digest(file.read_bytes())}


def test_a_marker_that_is_a_directory_fails_and_the_file_stays(inbox: Inbox, file: Path) -> None:
    (inbox.path / "order.xml.done").mkdir()
    caught = failure(inbox.sender(marker="{filename}.done"), file)
    assert caught.kind in ("remote", "permission")
    assert "is delivered, but its marker " in caught.detail
    assert inbox.files() == {"order.xml": digest(file.read_bytes())}


def test_a_file_that_fails_gets_no_marker(inbox: Inbox, file: Path) -> None:
    (inbox.path / "order.xml").mkdir()
    failure(inbox.sender(atomic="true", marker="{filename}.done"), file)
    assert inbox.files() == {}

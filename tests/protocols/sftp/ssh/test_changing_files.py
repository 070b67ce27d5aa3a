"""Keys and known_hosts on a file system that hangs while a job uses them."""

from __future__ import annotations

import shutil
from pathlib import Path

import gevent
import pytest

from fthg.errors import StartError, TransferError
from fthg.protocols.sftp.ssh.changing_files import ChangingFile
from tests.servers.hung_disk import hung_disk
from tests.servers.sshd import Sshd
from tests.waiting import until

from ..conftest import MakeSender, transfer


def _take_turns(turns: list[int]) -> None:
    while True:
        gevent.sleep(0.02)
        turns.append(0)


def test_logins_go_on_with_what_was_read_last(
    tmp_path: Path,
    shared_server: Sshd,
    make_sender: MakeSender,
    caplog: pytest.LogCaptureFixture,
) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"abc")
    with hung_disk(tmp_path) as disk:
        shutil.copy(shared_server.key, disk.behind / "id")
        shutil.copy(shared_server.known_hosts, disk.behind / "known")
        given = {"key": str(disk.path / "id"), "known_hosts": str(disk.path / "known")}
        sender = make_sender(shared_server, reuse=False, **given)
        disk.hang()
        turns: list[int] = []
        others = gevent.spawn(_take_turns, turns)
        for seq in range(3):  # only the first one waits, for a second
            sender.send(transfer(file, seq))
        others.kill()
        assert len(turns) > 10
        warnings = [record for record in caplog.records if "former content" in str(record.msg)]
        assert len(warnings) == 2
        (disk.behind / "known").write_text("")
        disk.go_on()

        def refused() -> bool:
            try:
                sender.send(transfer(file))
            except TransferError as error:
                return error.kind == "host_key"
            return False

        until(refused)


def test_a_new_host_key_that_cannot_be_written_delays_nobody_for_long(
    tmp_path: Path, shared_server: Sshd, make_sender: MakeSender, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"abc")
    with hung_disk(tmp_path) as disk:
        given = {"known_hosts": str(disk.path / "known"), "host_key": "accept-new"}
        sender = make_sender(shared_server, **given)
        disk.hang()
        turns: list[int] = []
        others = gevent.spawn(_take_turns, turns)
        sender.send(transfer(file))
        others.kill()
        assert len(turns) > 10
        assert any("known_hosts not written" in str(record.msg) for record in caplog.records)


def test_a_file_that_cannot_be_read_at_the_start_ends_it(tmp_path: Path) -> None:
    with hung_disk(tmp_path) as disk:
        (disk.behind / "f").write_text("content")
        path = str(disk.path / "f")
        assert ChangingFile(path, str).last == path
        disk.hang()
        with pytest.raises(StartError, match=f"{path}: the file system does not answer"):
            ChangingFile(path, str, timeout=0.2)

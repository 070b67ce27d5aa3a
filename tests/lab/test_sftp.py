from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Optional

import paramiko
import pytest
from paramiko.sftp import CMD_CLOSE

from fthg.lab.practice import HOST, Lab
from tests.waiting import until

from .conftest import OpenLab

ID = "0b5e7f0e-5c52-4f0e-9c2e-0d6f6b1f3a11"


@contextmanager
def session(lab: Lab, **login: Any) -> Iterator[paramiko.SFTPClient]:
    with closing(paramiko.SSHClient()) as client:
        client.load_host_keys(lab.path("known_hosts"))
        login = login or {"password": "practice"}
        client.connect(
            HOST, lab.sftp_port, "loader", allow_agent=False, look_for_keys=False, **login
        )
        with closing(client.open_sftp()) as sftp:
            yield sftp


def upload(sftp: paramiko.SFTPClient, name: str, content: bytes) -> Optional[str]:
    """Upload a file; return the error, or None."""
    try:
        file = sftp.open(name, "wb")
        file.write(content)
        file.flush()
        file._closed = True  # type: ignore[attr-defined] # its own close() hides a failure
        sftp._request(CMD_CLOSE, file.handle)  # type: ignore[attr-defined]
    except OSError as error:
        return str(error)
    return None


@pytest.mark.parametrize("way", ["password", "key"])
def test_a_file_goes_through_whoever_logs_in(open_lab: OpenLab, way: str) -> None:
    lab = open_lab()
    content = os.urandom(200_000)
    login = {"password": "practice"} if way == "password" else {"key_filename": str(lab.keys.user)}
    with session(lab, **login) as sftp:
        assert upload(sftp, f"{ID}_a.bin", content) is None
        until(lambda: lab.counts.egress == {"SUCCESS": 1})
    with open(lab.path("egress", f"{ID}_a.bin"), "rb") as file:
        assert file.read() == content


def test_wrong_passwords_and_keys_are_refused(open_lab: OpenLab) -> None:
    lab = open_lab()
    with pytest.raises(paramiko.AuthenticationException), session(lab, password="wrong"):
        pass
    host_key = {"key_filename": str(lab.keys.host)}
    with pytest.raises(paramiko.AuthenticationException), session(lab, **host_key):
        pass


def test_the_folder_can_be_worked_in(open_lab: OpenLab) -> None:
    lab = open_lab(processing=(60.0, 60.0))
    with session(lab) as sftp:
        sftp.mkdir("sub")
        assert upload(sftp, "sub/a", b"hello") is None
        assert sftp.stat("sub/a").st_size == 5
        assert sftp.listdir("sub") == ["a"]
        sftp.chmod("sub/a", 0o600)
        with sftp.open("sub/a", "rb") as file:
            assert file.read() == b"hello"
        with pytest.raises(OSError, match="Failure"):
            sftp.rename("sub/a", "sub/a")
        sftp.remove("sub/a")
        sftp.rmdir("sub")
        assert "No such file" in str(upload(sftp, "none/a", b"x"))
        assert sftp.listdir() == []


def test_no_path_leads_out_of_the_folder(open_lab: OpenLab) -> None:
    lab = open_lab(processing=(60.0, 60.0))
    with session(lab) as sftp:
        assert upload(sftp, "../../escape", b"x") is None
    assert os.listdir(lab.path("ingress")) == ["escape"]


@pytest.mark.parametrize("rename", ["rename", "posix_rename"])
def test_a_file_under_a_temporary_name_waits_for_its_last(open_lab: OpenLab, rename: str) -> None:
    lab = open_lab()
    with session(lab) as sftp:
        assert upload(sftp, f"a.csv.{ID}.part", b"x") is None
        assert lab.counts.received == {}
        getattr(sftp, rename)(f"a.csv.{ID}.part", "a.csv")
        until(lambda: lab.counts.egress == {"SUCCESS": 1})
    assert os.listdir(lab.path("egress")) == ["a.csv"]


def test_faults_come_in_their_shares_and_a_cut_upload_was_received(open_lab: OpenLab) -> None:
    lab = open_lab(error_rate=0.4)
    with session(lab) as sftp:
        failures = [upload(sftp, f"f{at}", b"x") for at in range(200)]
    assert lab.counts.refused == pytest.approx(40, abs=20)
    assert lab.counts.cut == pytest.approx(40, abs=20)
    assert 200 - failures.count(None) == lab.counts.refused + lab.counts.cut
    assert lab.counts.received == {"sftp": failures.count(None) + lab.counts.cut}


def test_one_that_hangs_never_answers(open_lab: OpenLab) -> None:
    lab = open_lab(hang_rate=1)
    with session(lab) as sftp:
        channel = sftp.get_channel()
        assert channel
        channel.settimeout(0.3)
        with pytest.raises(OSError, match=r"^$|timed out"):
            sftp.open("a", "wb")
    assert (lab.counts.hung, lab.counts.received) == (1, {})


def test_a_sender_that_aborts_leaves_nothing(
    open_lab: OpenLab, capfd: pytest.CaptureFixture[str]
) -> None:
    lab = open_lab()
    with session(lab) as sftp:
        file = sftp.open("a", "wb")
        file.write(b"half of it")
        file.flush()
        channel = sftp.get_channel()
        assert channel
        channel.get_transport().close()
        until(lambda: lab.counts.aborted == 1)
    assert os.listdir(lab.path("ingress")) == []
    assert capfd.readouterr() == ("", "")

from __future__ import annotations

import os
import socket
import threading
import time

import paramiko
import pytest
import requests

from fthg.lab.databases import Databases
from fthg.lab.messages import opening_message
from fthg.lab.passage import Observer, Passage
from fthg.lab.practice import HOST
from tests.waiting import until

from .conftest import OpenLab
from .test_sftp import session, upload


class Diary(Observer):
    """Records all events."""

    def __init__(self) -> None:
        self.lines: list[tuple[object, ...]] = []
        self.times: list[int] = []

    def _note(self, utc: int, *line: object) -> None:
        self.lines.append(line)
        self.times.append(utc)

    def enters_ingress(self, passage: Passage, utc: int) -> None:
        self._note(utc, "in", passage.filename)

    def leaves_ingress(self, passage: Passage, utc: int, status: str) -> None:
        self._note(utc, "taken", passage.filename, status)

    def enters_egress(self, passage: Passage, utc: int) -> None:
        self._note(utc, "out", passage.filename)

    def leaves_egress(self, passage: Passage, utc: int, status: str) -> None:
        self._note(utc, "given", passage.filename, status)


def test_an_observer_is_notified_of_each_step_in_its_time(open_lab: OpenLab) -> None:
    diary = Diary()
    lab = open_lab(diary, processing=(0.2, 0.2))
    started = time.time_ns()
    requests.put(lab.http_url + "a", data=b"x", timeout=30)
    until(lambda: len(diary.lines) == 4)
    assert diary.lines == [
        ("in", "a"),
        ("taken", "a", "SUCCESS"),
        ("out", "a"),
        ("given", "a", "SUCCESS"),
    ]
    assert diary.times == sorted(diary.times)
    assert started <= diary.times[0]
    assert diary.times[-1] - diary.times[1] >= 190_000_000


@pytest.mark.parametrize(
    ("fault", "last"),
    [("failed", ("given", "a", "FAILED")), ("timeout", ("given", "a", "TIMEOUT"))],
)
def test_a_file_that_fails_at_egress_is_not_delivered(
    open_lab: OpenLab, fault: str, last: tuple[str, ...]
) -> None:
    diary = Diary()
    lab = open_lab(diary, **{fault: 1.0})
    requests.put(lab.http_url + "a", data=b"x", timeout=30)
    until(lambda: len(diary.lines) == 4)
    assert diary.lines[-1] == last
    assert os.listdir(lab.path("egress")) == os.listdir(lab.path("ingress")) == []


def test_a_lost_file_never_enters_egress(open_lab: OpenLab) -> None:
    diary = Diary()
    lab = open_lab(diary, lost=1.0)
    requests.put(lab.http_url + "a", data=b"x", timeout=30)
    until(lambda: lab.counts.lost == 1)
    assert [line[0] for line in diary.lines] == ["in", "taken"]
    assert os.listdir(lab.path("egress")) == os.listdir(lab.path("ingress")) == []


def test_files_of_one_name_each_pass_though_the_last_one_stays(open_lab: OpenLab) -> None:
    lab = open_lab(processing=(0.05, 0.2))
    with requests.Session() as sender:
        for number in range(20):
            assert sender.put(lab.http_url + "a", data=str(number)).status_code == 201
    until(lambda: lab.counts.egress == {"SUCCESS": 20})
    with open(lab.path("egress", "a"), encoding="ascii") as file:
        assert file.read() == "19"


def test_delivered_files_can_be_discarded(open_lab: OpenLab) -> None:
    lab = open_lab(discard=True)
    requests.put(lab.http_url + "a", data=b"x", timeout=30)
    until(lambda: lab.counts.egress == {"SUCCESS": 1})
    assert os.listdir(lab.path("egress")) == []


def test_a_directory_of_ones_own_is_kept(open_lab: OpenLab, tmp_path: object) -> None:
    lab = open_lab(directory=str(tmp_path))
    lab.__exit__(None, None, None)
    assert os.path.exists(lab.path("known_hosts"))


def test_a_port_that_is_taken_is_an_error_and_leaves_nothing(
    open_lab: OpenLab, tmp_path: object
) -> None:
    with socket.create_server((HOST, 0)) as taken:
        before = _descriptors()
        with pytest.raises(OSError, match="cannot be opened: Address already in use"):
            open_lab(sftp_port=taken.getsockname()[1])
        until(lambda: _descriptors() == before)  # gevent closes folders a little later


def test_a_default_port_that_is_taken_gives_way_to_a_free_one(open_lab: OpenLab) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        lab = open_lab(http_port=port, movable=frozenset({"http"}))
        assert lab.http_port != port
        message = opening_message(lab, Databases(lab.settings))
        assert f"{lab.http_url}  (port {port} is taken)" in message


def test_closing_ends_all_connections_and_leaves_nothing(open_lab: OpenLab) -> None:
    _warm_up(open_lab)
    before, threads = _descriptors(), threading.active_count()
    lab = open_lab(processing=(60.0, 60.0))
    kept = requests.Session()
    kept.put(lab.http_url + "a", data=b"x")
    with session(lab) as sftp:
        assert upload(sftp, "b", b"x") is None
        lab.__exit__(None, None, None)
        with pytest.raises((OSError, EOFError, paramiko.SSHException)):
            sftp.stat("b")
    kept.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, lab.http_port))
    assert not os.path.exists(lab.directory)
    until(lambda: _descriptors() <= before and threading.active_count() <= threads)


def _warm_up(open_lab: OpenLab) -> None:
    """Use gevent and paramiko once, as the first use opens descriptors that stay open."""
    lab = open_lab()
    requests.put(lab.http_url, data=b"x", timeout=30)
    with session(lab) as sftp:
        upload(sftp, "a", b"x")
    lab.__exit__(None, None, None)


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))

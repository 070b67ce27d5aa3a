from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from fthg import cli
from fthg.clock import Clock
from fthg.config import settings
from fthg.errors import StartError
from fthg.load.planning import make_plan
from fthg.load.unusable import listed_names
from fthg.program import SECTIONS
from fthg.writing import Stamp

JOBS = """\
jobs:
  a: {url: "http://h/", files: pipe, rate: 1/s}
  b: {url: "http://h/", files: nowhere, rate: 1/s}
  c: {url: "http://h/", files: socket, rate: 1/s}
  d: {url: "http://h/", files: /dev/null, rate: 1/s}
  e: {url: "sftp://u@h:2222/", files: jobs.yaml, rate: 1/s, known_hosts: no such, password: x1234}
"""


def test_all_that_is_unusable_is_reported_together(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "jobs.yaml").write_text(JOBS)
    read = settings.read(cli.parse(["-c", str(tmp_path / "jobs.yaml")]), SECTIONS)
    plan = make_plan(read.run, read.jobs, Stamp("r", "", ""))
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(os.path.relpath(tmp_path / "socket"))
        with pytest.raises(StartError) as error:
            listed_names(plan, Clock())
    reasons = [line.partition(": ")[2].replace(str(tmp_path), "…") for line in error.value.errors]
    assert reasons == [
        "files: …/pipe cannot be read: it is a FIFO, not a directory or file",
        "files: …/nowhere cannot be read: No such file or directory",
        "files: …/socket cannot be read: it is a socket, not a directory or file",
        "files: /dev/null cannot be read: it is a device, not a directory or file",
        "known_hosts: …/no such does not exist; make it by `ssh-keyscan -p 2222 h >> "
        "'…/no such'` and compare the key, or set host_key: accept-new",
    ]

from __future__ import annotations

import os
import signal
import subprocess
from collections import Counter
from pathlib import Path

from tests.servers import need
from tests.servers.nginx import Nginx
from tests.waiting import until

from .runs import EXAMPLES, PATH, Runs

SCRIPT = EXAMPLES / "ssh" / "run-on-hosts"
START_IN = "8"  # seconds, for the slices to be ready on a machine with two CPUs


class Ended:
    """What the script left; `name` is that of the run, and of the directory."""

    def __init__(self, runs: Runs, process: subprocess.Popen[str]) -> None:
        self.said = process.communicate(timeout=60)[0]
        self.status = process.returncode
        (directory,) = (path for path in runs.directory.iterdir() if path.is_dir())
        self.name = directory.name
        runs.left = directory


def start(hosts: Path, runs: Runs, *names: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(SCRIPT), "-s", START_IN, "jobs.yaml", *names],
        env={**os.environ, "PATH": PATH, "SSH": f"ssh -F {hosts}"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        cwd=runs.directory, start_new_session=True,
    )  # fmt: skip


def test_four_hosts_are_one_run(hosts: Path, web: Nginx, tmp_path: Path) -> None:
    runs = Runs(tmp_path, web, rate=100, seconds=2)
    ended = Ended(runs, start(hosts, runs, *(f"host{number}" for number in range(4))))
    assert ended.status == 0, ended.said
    assert runs.stored() == Counter(range(200))
    lines = runs.lines(ended.name)
    assert Counter(line["slice"] for line in lines) == {f"{k}/4": 50 for k in range(4)}
    assert max(runs.errors_of_gaps(ended.name)) < 0.0001
    assert runs.total(ended.name)["ok"] == 200


def test_ctrl_c_ends_the_run_on_each_host_and_what_was_sent_is_merged(
    hosts: Path, web: Nginx, tmp_path: Path
) -> None:
    runs = Runs(tmp_path, web, rate=40, seconds=60)
    process = start(hosts, runs, "host0", "host1")
    until(lambda: len(runs.stored()) > 40)
    os.killpg(process.pid, signal.SIGINT)
    ended = Ended(runs, process)
    stored = runs.stored()
    assert set(stored.values()) == {1}
    total = runs.total(ended.name)
    assert total["ok"] == len(stored) == len(runs.lines(ended.name))
    assert total["cancelled"] == total["failed"] == 0
    # The hosts do not stop at the same moment.
    assert ended.status == (99 if total["missing"] else 0), ended.said


def test_a_host_that_cannot_be_reached_is_named_and_the_others_are_merged(
    hosts: Path, web: Nginx, tmp_path: Path
) -> None:
    runs = Runs(tmp_path, web, rate=40, seconds=2)
    ended = Ended(runs, start(hosts, runs, "host0", "host4", "host1"))
    assert "host4: no connection; slice 1/3 is lost" in ended.said
    assert runs.stored() == Counter(n for n in range(80) if n % 3 != 1)
    total = runs.total(ended.name)
    assert (total["ok"], total["missing"]) == (len(runs.stored()), 26)
    assert ended.status == 99


def test_its_lines_are_those_of_a_posix_shell() -> None:
    subprocess.run([need("shellcheck"), "--shell=sh", str(SCRIPT)], check=True, timeout=60)

from __future__ import annotations

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.servers import need
from tests.servers.nginx import Nginx

from .runs import EXAMPLES, PATH, Runs

SCRIPT = EXAMPLES / "ssh" / "run-on-hosts"
HOSTS = {
    "four": ["host0", "host1", "host2", "host3"],
    "stopped": ["host0", "host1"],
    "unreachable": ["host0", "host4", "host1"],
}


class Started:
    """A run of the script."""

    def __init__(self, hosts: Path, runs: Runs, lead: int, *names: str) -> None:
        self.runs = runs
        self.process = subprocess.Popen(
            [str(SCRIPT), "-s", str(lead), "jobs.yaml", *names],
            env={**os.environ, "PATH": PATH, "SSH": f"ssh -F {hosts}"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            cwd=runs.directory, start_new_session=True,
        )  # fmt: skip

    def end(self) -> tuple[str, int, str]:
        """Return the name of the run, its status and what the script said, once it has ended."""
        said = self.process.communicate(timeout=200)[0]
        (self.runs.left,) = (path for path in self.runs.directory.iterdir() if path.is_dir())
        return self.runs.left.name, self.process.returncode, said

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.communicate()


@pytest.fixture(scope="module")
def started(
    hosts: Path, web: Nginx, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Started]]:
    """Yield all runs, begun at the same time: each waits for its moment most of the time."""
    runs = {
        name: Runs(tmp_path_factory.mktemp(name), web, rate=40, seconds=seconds)
        for name, seconds in (("four", 2), ("stopped", 600), ("unreachable", 2))
    }
    lead = runs["four"].lead(sum(len(names) for names in HOSTS.values()))
    begun = {name: Started(hosts, one, lead, *HOSTS[name]) for name, one in runs.items()}
    yield begun
    for one in begun.values():
        one.kill()


def test_four_hosts_are_one_run(started: Mapping[str, Started]) -> None:
    runs = started["four"].runs
    name, status, said = started["four"].end()
    assert status == 0, said
    assert runs.stored() == Counter(range(80))
    lines = runs.lines(name)
    assert Counter(line["slice"] for line in lines) == {f"{k}/4": 20 for k in range(4)}
    assert max(runs.errors_of_gaps(name)) < 0.0001
    assert runs.total(name)["ok"] == 80


def test_ctrl_c_ends_the_run_on_each_host_and_what_was_sent_is_merged(
    started: Mapping[str, Started],
) -> None:
    runs = started["stopped"].runs
    runs.has_sent(41)
    os.killpg(started["stopped"].process.pid, signal.SIGINT)
    name, status, said = started["stopped"].end()
    stored = runs.stored()
    assert set(stored.values()) == {1}
    total = runs.total(name)
    assert total["ok"] == len(stored) == len(runs.lines(name))
    assert total["cancelled"] == total["failed"] == 0
    # The hosts do not stop at the same moment.
    assert status == (99 if total["missing"] else 0), said


def test_a_host_that_cannot_be_reached_is_named_and_the_others_are_merged(
    started: Mapping[str, Started],
) -> None:
    runs = started["unreachable"].runs
    name, status, said = started["unreachable"].end()
    assert "host4: no connection; slice 1/3 is lost" in said
    assert runs.stored() == Counter(n for n in range(80) if n % 3 != 1)
    total = runs.total(name)
    assert (total["ok"], total["missing"]) == (len(runs.stored()), 26)
    assert status == 99


def test_its_lines_are_those_of_a_posix_shell() -> None:
    subprocess.run([need("shellcheck"), "--shell=sh", str(SCRIPT)], check=True, timeout=60)

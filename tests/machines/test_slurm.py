from __future__ import annotations

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.servers import need
from tests.servers.nginx import Nginx
from tests.servers.slurm import Slurm

from .runs import EXAMPLES, PATH, Runs

SCRIPT = EXAMPLES / "slurm" / "fthg.sbatch"
NODES = {"four": 4, "stopped": 2, "killed": 3, "joined": 2, "refused": 2}


class Submitted:
    """A job of the example."""

    def __init__(self, cluster: Slurm, runs: Runs, lead: int, nodes: int, *options: str) -> None:
        self.cluster = cluster
        self.runs = runs
        self.job = cluster.call(
            *("sbatch", "--parsable", "--requeue", f"--nodes={nodes}"),
            *(f"--chdir={runs.directory}", f"--export=ALL,PATH={PATH},START_IN={lead}"),
            *(str(SCRIPT), "jobs.yaml", *options),
        )
        self.run = f"slurm-{self.job}"

    def process(self, slice_: str) -> int:
        """Return the id of the process of a slice."""
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = path.read_text().split("\0")
            except OSError:
                continue
            if {self.run, slice_} <= set(words) and "sh" not in words[0]:
                return int(path.parent.name)
        raise AssertionError(f"{slice_} does not run")

    def end(self) -> str:
        """Return its state once it has ended."""
        return self.cluster.wait(self.job)

    @property
    def said(self) -> str:
        """The output of the job and its slices."""
        paths = [*self.runs.directory.glob("*.out"), *self.runs.directory.glob("*.log")]
        return "\n".join(f"{path.name}: {path.read_text()}" for path in sorted(paths))


@pytest.fixture(scope="module")
def jobs(
    cluster: Slurm, web: Nginx, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Submitted]:
    """All jobs, begun at the same time: each waits for its moment most of the time.

    What happens to them has happened, but they have not ended.
    """
    loads = {"four": (200, 3), "stopped": (20, 600), "killed": (30, 30), "joined": (20, 30)}
    loads["refused"] = (20, 60)
    runs = {
        name: Runs(tmp_path_factory.mktemp(name), web, rate=rate, seconds=seconds)
        for name, (rate, seconds) in loads.items()
    }
    lead = runs["four"].lead(sum(NODES.values()))
    options = {"joined": ["--join"]}
    found = {
        name: Submitted(cluster, one, lead, NODES[name], *options.get(name, ()))
        for name, one in runs.items()
    }
    for one in found.values():
        one.runs.has_sent(40)
    os.kill(found["killed"].process("1/3"), signal.SIGKILL)
    cluster.call("scancel", "--signal=TERM", found["stopped"].job)
    again = [found[name].job for name in ("joined", "refused")]
    for job in again:
        cluster.call("scontrol", "requeue", job)
    for job in again:
        cluster.wait(job, "PENDING")
    return found


@pytest.fixture(scope="module")
def sent_before(jobs: Mapping[str, Submitted]) -> Mapping[str, int]:
    """Return the number of arrivals that were sent before their jobs began again."""
    return {name: sum(jobs[name].runs.stored().values()) for name in ("joined", "refused")}


def test_a_requeued_job_is_refused_and_sends_nothing_twice(
    jobs: Mapping[str, Submitted], sent_before: Mapping[str, int]
) -> None:
    refused = jobs["refused"]
    assert refused.end() == "COMPLETED", refused.said  # nothing below the last number is missing
    assert sum(refused.runs.stored().values()) == sent_before["refused"]
    assert "--start-at" in refused.said


def test_a_requeued_job_that_joins_sends_the_rest_and_nothing_twice(
    jobs: Mapping[str, Submitted], sent_before: Mapping[str, int]
) -> None:
    joined = jobs["joined"]
    state = joined.end()
    stored = joined.runs.stored()
    assert set(stored.values()) == {1}
    assert len(stored) > sent_before["joined"]
    total = joined.runs.total(joined.run)
    assert total["missing"] == max(stored) + 1 - len(stored)
    assert total["dropped"] == 0
    assert state == "FAILED", joined.said


def test_four_tasks_are_one_run_at_exact_times(jobs: Mapping[str, Submitted]) -> None:
    four = jobs["four"]
    assert four.end() == "COMPLETED", four.said
    assert four.runs.stored() == Counter(range(600))
    lines = four.runs.lines(four.run)
    assert [line["seq"] for line in lines] == list(range(600))
    assert Counter(line["slice"] for line in lines) == {f"{k}/4": 150 for k in range(4)}
    assert max(four.runs.errors_of_gaps(four.run)) < 0.0001
    total = four.runs.total(four.run)
    assert (total["scheduled"], total["ok"], total["missing"]) == (600, 600, 0)


def test_a_signal_ends_all_slices_in_order(jobs: Mapping[str, Submitted]) -> None:
    stopped = jobs["stopped"]
    state = stopped.end()
    total = stopped.runs.total(stopped.run)
    # The nodes do not stop at the same moment.
    assert state == ("FAILED" if total["missing"] else "COMPLETED"), stopped.said
    assert stopped.runs.stored() == Counter(line["seq"] for line in stopped.runs.lines(stopped.run))
    assert total["ok"] == sum(stopped.runs.stored().values())
    assert total["failed"] == total["dropped"] == total["cancelled"] == 0


def test_one_killed_slice_is_missing_and_no_other(
    cluster: Slurm, jobs: Mapping[str, Submitted]
) -> None:
    killed = jobs["killed"]
    assert killed.end() == "FAILED", killed.said
    assert cluster.field(killed.job, "ExitCode") == "99:0"
    slices = Counter(line["slice"] for line in killed.runs.lines(killed.run))
    assert slices == {"0/3": 300, "1/3": slices["1/3"], "2/3": 300}
    assert 0 < slices["1/3"] < 300
    assert killed.runs.total(killed.run)["missing"] == 300 - slices["1/3"]
    assert "1/3" in (killed.runs.directory / f"{killed.run}.out").read_text()


def test_its_lines_are_those_of_a_posix_shell() -> None:
    subprocess.run([need("shellcheck"), "--shell=sh", str(SCRIPT)], check=True, timeout=60)

from __future__ import annotations

import os
import signal
import subprocess
from collections import Counter
from pathlib import Path

from tests.servers import need
from tests.servers.nginx import Nginx
from tests.servers.slurm import NODES, Slurm
from tests.waiting import until

from .runs import EXAMPLES, PATH, Runs

SCRIPT = EXAMPLES / "slurm" / "fthg.sbatch"
START_IN = 8  # seconds, for four processes to become ready on a machine with two CPUs


def submit(cluster: Slurm, runs: Runs, *options: str, sbatch: tuple[str, ...] = ()) -> str:
    """Submit the example, and return the id of the job."""
    chdir = f"--chdir={runs.directory}"
    export = f"--export=ALL,PATH={PATH},START_IN={START_IN}"
    return cluster.call(
        "sbatch", "--parsable", chdir, export, *sbatch, str(SCRIPT), "jobs.yaml", *options
    )


def processes(run: str) -> dict[str, int]:
    """Return the process of each slice of a run."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_text().split("\0")
        except OSError:
            continue
        if run in words and "--slice" in words and "sh" not in words[0]:
            found[words[words.index("--slice") + 1]] = int(path.parent.name)
    return found


def test_four_tasks_are_one_run_at_exact_times(cluster: Slurm, web: Nginx, tmp_path: Path) -> None:
    runs = Runs(tmp_path, web, rate=200, seconds=3)
    job = submit(cluster, runs)
    assert cluster.wait(job) == "COMPLETED", said(runs)
    run = f"slurm-{job}"
    assert runs.stored() == Counter(range(600))
    lines = runs.lines(run)
    assert [line["seq"] for line in lines] == list(range(600))
    assert Counter(line["slice"] for line in lines) == {f"{k}/{NODES}": 150 for k in range(NODES)}
    assert max(runs.errors_of_gaps(run)) < 0.0001
    total = runs.total(run)
    assert (total["scheduled"], total["ok"], total["missing"]) == (600, 600, 0)


def test_a_signal_ends_all_slices_in_order(cluster: Slurm, web: Nginx, tmp_path: Path) -> None:
    runs = Runs(tmp_path, web, rate=40, seconds=60)
    job = submit(cluster, runs)
    until(lambda: len(runs.stored()) >= 40)
    cluster.call("scancel", "--signal=TERM", job)
    state = cluster.wait(job)
    total = runs.total(f"slurm-{job}")
    # The nodes do not stop at the same moment.
    assert state == ("FAILED" if total["missing"] else "COMPLETED"), said(runs)
    assert runs.stored() == Counter(line["seq"] for line in runs.lines(f"slurm-{job}"))
    assert total["ok"] == sum(runs.stored().values())
    assert total["failed"] == total["dropped"] == total["cancelled"] == 0


def test_one_killed_slice_is_missing_and_no_other(
    cluster: Slurm, web: Nginx, tmp_path: Path
) -> None:
    runs = Runs(tmp_path, web, rate=40, seconds=5)
    job = submit(cluster, runs)
    until(lambda: len(runs.stored()) >= 60)
    os.kill(processes(f"slurm-{job}")["2/4"], signal.SIGKILL)
    assert cluster.wait(job) == "FAILED", said(runs)
    assert cluster.field(job, "ExitCode") == "99:0"
    slices = Counter(line["slice"] for line in runs.lines(f"slurm-{job}"))
    assert slices == {"0/4": 50, "1/4": 50, "3/4": 50, "2/4": slices["2/4"]}
    assert 0 < slices["2/4"] < 50
    assert runs.total(f"slurm-{job}")["missing"] == 50 - slices["2/4"]
    assert "2/4" in (tmp_path / f"slurm-{job}.out").read_text()


def test_a_requeued_job_joins_or_is_refused_and_sends_nothing_twice(
    cluster: Slurm, web: Nginx, tmp_path: Path
) -> None:
    (tmp_path / "joined").mkdir()
    (tmp_path / "refused").mkdir()
    joined = Runs(tmp_path / "joined", web, rate=20, seconds=25)
    refused = Runs(tmp_path / "refused", web, rate=20, seconds=60)
    again = ("--requeue", "--nodes=2")  # both jobs at the same time
    jobs = [
        submit(cluster, joined, "--join", sbatch=again), submit(cluster, refused, sbatch=again)
    ]  # fmt: skip
    until(lambda: all(len(runs.stored()) > 20 for runs in (joined, refused)))
    for job in jobs:
        cluster.call("scontrol", "requeue", job)
    for job in jobs:
        cluster.wait(job, "PENDING")
    before = [sum(runs.stored().values()) for runs in (joined, refused)]
    states = [cluster.wait(job) for job in jobs]

    assert sum(refused.stored().values()) == before[1]
    assert "--start-at" in said(refused)
    assert states[1] == "COMPLETED", said(refused)  # nothing below the last number is missing

    stored = joined.stored()
    assert set(stored.values()) == {1}
    assert len(stored) > before[0]
    total = joined.total(f"slurm-{jobs[0]}")
    assert total["missing"] == max(stored) + 1 - len(stored)
    assert total["dropped"] == 0
    assert states[0] == "FAILED", said(joined)


def test_its_lines_are_those_of_a_posix_shell() -> None:
    subprocess.run([need("shellcheck"), "--shell=sh", str(SCRIPT)], check=True, timeout=60)


def said(runs: Runs) -> str:
    """Return what the job and its slices printed."""
    paths = [*runs.directory.glob("*.out"), *runs.directory.glob("*.log")]
    return "\n".join(f"{path.name}: {path.read_text()}" for path in sorted(paths))

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from fthg.lab.demo_jobs import write_jobs
from tests.waiting import until

ADDRESSES = {"http": "http://a/", "https": "https://a/", "sftp": "sftp://loader@a/"}
DATABASES = {"ingress": "mysql://fthg:x@a/t", "egress": "mysql://fthg:x@b/t"}


@contextmanager
def running(directory: Path, temporary: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "fthg.lab.demo", *options],
        cwd=directory,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def lines(results: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in results.read_text().splitlines()]


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    made = tmp_path / "t"  # short, for the path of a Unix socket in it
    made.mkdir()
    return made


def test_it_runs_through_both_acts_and_leaves_what_it_says(tmp_path: Path, temporary: Path) -> None:
    with running(tmp_path, temporary, "--duration=2s") as process:
        said, complaints = process.communicate(timeout=90)
    assert process.returncode == 0, complaints
    results = lines(tmp_path / "demo/results.jsonl")
    jobs = {result["job"] for result in results}
    assert jobs == {"http-open", "https-certificate", "sftp-password", "sftp-key"}
    accepted = sum(result["outcome"] == "ok" for result in results)
    summary = json.loads((tmp_path / "demo/summary.json").read_text())
    assert summary["total"]["ok"] == accepted > 0.8 * len(results)
    received = int(said.split("received   ")[1].split()[0])
    assert accepted <= received <= len(results)
    # 10/s for a third of a second, then up to 80/s within a second, then 80/s: ⌈3.3 + 45 + 53.4⌉.
    assert sum(result["job"] == "http-open" for result in results) == 102
    assert "http-open starts at 10/s, rises to 80/s" in said
    for name in ("jobs.yaml", "results.jsonl", "summary.json", "fthg.log", "lab.log"):
        assert f"demo/{name}" in said
    assert ("demo/report.html" in said) != ("There is no act two" in said)
    assert list(temporary.iterdir()) == []


def test_a_signal_reaches_fthg_which_drains_and_all_is_cleaned_up(
    tmp_path: Path, temporary: Path
) -> None:
    with running(tmp_path, temporary, "--act-one", "--duration=5m") as process:
        results = tmp_path / "demo/results.jsonl"
        until(lambda: process.poll() is not None or (results.exists() and results.stat().st_size))
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "The lab is closed" in said
    assert "cancelled" not in {result["outcome"] for result in lines(results)}
    assert list(temporary.iterdir()) == []


def test_a_lab_that_does_not_open_is_reported(tmp_path: Path) -> None:
    missing = tmp_path / "none"
    with running(tmp_path, missing, "--directory=/proc/none") as process:
        _, complaints = process.communicate(timeout=60)
    assert process.returncode == 3
    assert complaints.startswith("demo: ")
    assert "/proc/none" in complaints


def test_the_configuration_has_a_tracking_part_only_with_databases(tmp_path: Path) -> None:
    path = str(tmp_path / "jobs.yaml")
    write_jobs(path, "/lab", {**ADDRESSES}, duration="30s", grace="10s")
    without = yaml.safe_load(Path(path).read_text())
    write_jobs(path, "/lab", {**ADDRESSES, **DATABASES}, duration="30s", grace="10s")
    with_databases = yaml.safe_load(Path(path).read_text())
    assert "track" not in without
    assert with_databases["track"]["egress"] == DATABASES["egress"]
    assert with_databases["jobs"] == without["jobs"]
    ramp = "10/s for 5s, to 80/s over 15s, 80/s for 10s"
    assert without["jobs"]["http-open"]["rate"] == ramp
    assert with_databases["run"]["results"] == str(tmp_path / "results.jsonl")
    assert with_databases["jobs"]["sftp-key"]["remote_name"] == "{uuid}_{filename}"

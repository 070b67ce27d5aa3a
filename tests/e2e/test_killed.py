"""The results of a run that was killed hard, and the summary made of them."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.servers.nginx import Nginx
from tests.servers.sshd import Sshd
from tests.waiting import until_ended, until_written

from .program import Ended, figures, fthg, start

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
LEFTOVER = re.compile(rf"(?P<name>.+)\.(?P<uuid>{UUID})\.part")
SEEDS = [1, 2, 3]


def make_files(directory: Path, sizes: list[int]) -> dict[str, bytes]:
    """Files with content of their own, and what is in each."""
    directory.mkdir()
    dice = random.Random(7)
    made = {f"f{number}": dice.randbytes(size) for number, size in enumerate(sizes)}
    for name, content in made.items():
        (directory / name).write_bytes(content)
    return made


def kill_at_some_moment(process: subprocess.Popen[str], results: Path, seed: int) -> None:
    """End it and its workers by SIGKILL, within two seconds after its first results."""
    until_written(results)
    time.sleep(random.Random(seed).uniform(0, 2))
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)], check=False, capture_output=True
    )
    workers = [*map(int, found.stdout.split())]
    for pid in (process.pid, *workers):
        os.kill(pid, signal.SIGKILL)
    process.communicate()
    for worker in workers:
        until_ended(worker)  # one that is writing ends with its last line


def whole_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


def summed_up(directory: Path, *words: str) -> tuple[Ended, dict[str, Any]]:
    done = fthg("--from-results", "r.jsonl", "--summary", "s.json", *words, cwd=directory)
    return done, figures(directory / "s.json")


@pytest.mark.parametrize(("seed", "workers"), [(1, 1), (2, 1), (3, 2)])
def test_after_a_kill_the_results_are_those_of_what_lies_at_the_server(
    tmp_path: Path, web: Nginx, seed: int, workers: int
) -> None:
    made = make_files(tmp_path / "files", [0, 100, 5000, 200_000])
    place = f"{tmp_path.name}"
    (tmp_path / "jobs.yaml").write_text(f"""
run: {{results: r.jsonl, summary: own.json, workers: {workers}}}
defaults: {{files: files, method: PUT, timeout: 5s}}
jobs:
  paced: {{url: "{web.url}/{place}/{{uuid}}", rate: 100/s, thresholds: [failed < 1%]}}
  wrong: {{url: "{web.url}/nowhere", method: GET, rate: 20/s, thresholds: [failed < 1%]}}
""")
    kill_at_some_moment(start("-c", "jobs.yaml", cwd=tmp_path), tmp_path / "r.jsonl", seed)

    lines = whole_lines(tmp_path / "r.jsonl")
    assert {line["outcome"] for line in lines if line["job"] == "paced"} == {"ok"}
    stored = web.directory / "files" / place
    for line in lines:
        if line["outcome"] == "ok":
            assert (stored / line["uuid"]).read_bytes() == made[line["file"]]

    done, summary = summed_up(tmp_path, "-c", "jobs.yaml")
    assert done.status == 99, done.err
    assert not (tmp_path / "own.json").exists()
    counts = Counter((line["job"], line["outcome"]) for line in lines)
    for job in ("paced", "wrong"):
        for outcome in ("ok", "failed", "dropped", "cancelled"):
            assert summary["jobs"][job][outcome] == counts[job, outcome]
        # Two workers write one after the other: of one that was killed before, some are missing.
        known = [line["seq"] for line in lines if line["job"] == job]
        assert summary["jobs"][job]["missing"] == max(known) + 1 - len(known)
        assert summary["jobs"][job]["scheduled"] == max(known) + 1
    assert summary["total"]["scheduled"] == len(lines) + summary["total"]["missing"]
    assert summary["total"]["bytes"] == sum(line["bytes"] for line in lines)
    assert summary["jobs"]["paced"]["target_rate"] == 100
    assert [one["ok"] for one in summary["thresholds"] if one["job"] == "wrong"] == [False]
    cut = (tmp_path / "r.jsonl").read_bytes().rpartition(b"\n")[2]
    assert summary["lines_left_out"] == bool(cut)
    assert ("the last line is cut off" in done.err) == bool(cut)


def test_a_run_that_goes_on_after_a_kill_in_the_same_file_is_summed_up_with_it(
    tmp_path: Path, web: Nginx
) -> None:
    make_files(tmp_path / "files", [10])
    path = tmp_path / "r.jsonl"
    send = ["--url", f"{web.url}/again/{{uuid}}", "-X", "PUT", "--files", "files"]
    send += ["--rate", "50/s", "--results", "r.jsonl"]
    kill_at_some_moment(start(*send, cwd=tmp_path), path, 4)
    with path.open("rb+") as file:
        file.truncate(path.stat().st_size - 30)
    before = len(whole_lines(path))
    assert fthg(*send, "--count", "20", cwd=tmp_path).status == 0
    done, summary = summed_up(tmp_path)
    assert (done.status, summary["total"]["ok"]) == (0, before + 20)
    assert (summary["runs"], summary["lines_left_out"]) == (2, 1)
    assert f"r.jsonl:{before + 1}: it is cut off" in done.err
    last = json.loads(path.read_text().splitlines()[-1])["run"]
    done, summary = summed_up(tmp_path, "--run", last)
    assert (summary["run"], summary["total"]["ok"]) == (last, 20)


def test_an_atomic_upload_is_whole_or_not_there_and_its_leftover_says_what_it_is(
    tmp_path: Path, ssh: Sshd
) -> None:
    made = make_files(tmp_path / "files", [100, 40_000, 3_000_000])
    leftovers = 0
    for seed in SEEDS:
        place = ssh.root / f"night{seed}"
        place.mkdir()
        results = tmp_path / f"r{seed}.jsonl"
        (tmp_path / "jobs.yaml").write_text(f"""
run: {{results: {results.name}}}
jobs:
  ssh:
    url: "{ssh.url(str(place))}"
    key: {ssh.key}
    known_hosts: {ssh.known_hosts}
    files: files
    remote_name: "{{filename}}-{{seq}}"
    atomic: true
    model: closed
    senders: 12
    rate: max
""")
        kill_at_some_moment(start("-c", "jobs.yaml", cwd=tmp_path), results, seed)
        _until_nobody_serves(ssh)
        for path in place.iterdir():
            content = path.read_bytes()
            if leftover := LEFTOVER.fullmatch(path.name):
                leftovers += 1
                assert made[leftover["name"]].startswith(content)
            else:
                assert content == made[path.name.partition("-")[0]]
        for line in whole_lines(results):
            if line["outcome"] == "ok":
                assert (place / f"{line['file']}-{line['seq']}").exists()
    assert leftovers


def _until_nobody_serves(ssh: Sshd) -> None:
    limit = time.monotonic() + 30
    while ssh.children():
        assert time.monotonic() < limit
        time.sleep(0.05)

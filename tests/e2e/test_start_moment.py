"""The start moment, and joining after it: what lies at a real server, by number and time."""

from __future__ import annotations

import itertools
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from fthg.clock import SECOND
from fthg.text import iso_millis
from tests.servers.nginx import Nginx

from .program import end, figures, fthg, results, soon, start

RATE = 50
JOINED = 15
"""Seconds of a run that is joined after 3: enough for four to become ready on a busy host."""

TICK = 0.02
"""The time that the clock of a file system may be behind."""


class Arrived(NamedTuple):
    """The files that the server stored: their numbers, with the time at which each was there."""

    seqs: list[int]
    times: dict[int, float]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return with_files(tmp_path)


def with_files(home: Path) -> Path:
    (home / "files").mkdir()
    for number in range(7):
        (home / "files" / f"f{number}").write_text(f"content {number}")
    return home


def words(home: Path, web: Nginx, *more: str) -> list[str]:
    url = f"{web.url}/{home.name}/{{seq}}-{{uuid}}"
    files = ["--url", url, "-X", "PUT", "--files", "files"]
    return [*files, "--rate", f"{RATE}/s", "--run", "r1", "--results", "r.jsonl", *more]


def arrived(home: Path, web: Nginx) -> Arrived:
    stored = list((web.directory / "files" / home.name).glob("*-*"))
    numbers = [int(path.name.partition("-")[0]) for path in stored]
    times = dict(zip(numbers, (path.stat().st_mtime for path in stored)))
    return Arrived(sorted(numbers), times)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_all_hangs_on_the_start_moment(home: Path, web: Nginx, workers: str) -> None:
    moment = int(soon(*words(home, web), cwd=home, processes=2))
    run = ["--start-at", str(moment), "--count", "50", "--workers", workers]
    run += ["--summary", "s.json", "--set", "run.status_interval=1s"]
    done = fthg(*words(home, web, *run), cwd=home)
    assert done.status == 0, done.err
    found = arrived(home, web)
    assert found.seqs == list(range(50))
    assert min(found.times.values()) >= moment - TICK
    assert "waiting for the start at 20" in done.err
    assert figures(home / "s.json")["started"] == iso_millis(moment * SECOND)
    for line in results(home / "r.jsonl"):
        due = moment + line["seq"] / RATE
        assert line["due"] == pytest.approx(due, abs=20e-6)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_moment_that_is_over_ends_it_before_anything_is_sent(
    home: Path, web: Nginx, workers: str
) -> None:
    run = ["--start-at", str(time.time() - 3), "--count", "50", "--workers", workers]
    done = fthg(*words(home, web, *run), cwd=home)
    assert done.status == 3
    assert re.search(r"the start moment, 20.*Z, was over \d.*s ago", done.err)
    assert "--join" in done.err
    assert arrived(home, web).seqs == []


class Joining(NamedTuple):
    """A run that joins late."""

    home: Path
    moment: float
    process: subprocess.Popen[str]


@pytest.fixture(scope="module")
def joining(
    web: Nginx, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[tuple[str, str], Joining]]:
    """Yield such runs, begun at the same time, by their model and number of workers."""
    moment = time.time() - 3
    begun = {}
    for model, workers in itertools.product(("open", "closed"), ("1", "2")):
        home = with_files(tmp_path_factory.mktemp(f"{model}-{workers}"))
        run = ["--start-at", f"{moment:.6f}", "--join", "--duration", f"{JOINED}s"]
        run += ["--summary", "s.json", "--model", model, "--workers", workers]
        begun[model, workers] = Joining(home, moment, start(*words(home, web, *run), cwd=home))
    yield begun
    for one in begun.values():
        one.process.kill()


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("model", ["open", "closed"])
def test_who_joins_late_sends_the_rest_at_the_rate_of_the_schedule(
    joining: Mapping[tuple[str, str], Joining], web: Nginx, model: str, workers: str
) -> None:
    home, moment, process = joining[model, workers]
    done = end(process)
    assert done.status == 0, done.err
    found = arrived(home, web)
    first = found.seqs[0]
    assert first > 3 * RATE
    last = found.seqs[-1]
    assert found.seqs == list(range(first, last + 1))
    if model == "open":  # in the other one, what finds no free sender moves all that follows
        assert last == JOINED * RATE - 1
    assert all(at >= moment + seq / RATE - TICK for seq, at in found.times.items())
    job = figures(home / "s.json")["jobs"]["cli"]
    assert job["joined"]["missed"] == first
    assert job["sent"] == len(found.seqs)
    assert "joined late" in done.err
    assert " missed: due before" in done.out


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_ends_the_waiting_and_nothing_was_sent(
    home: Path, web: Nginx, number: signal.Signals, workers: str
) -> None:
    run = words(home, web, "--start-at", "now+1h", "--summary", "s.json", "--workers", workers)
    process = start(*run, cwd=home)
    assert process.stderr is not None
    assert "waiting for the start" in process.stderr.readline()
    for harmless in (signal.SIGHUP, signal.SIGUSR1):
        process.send_signal(harmless)
    assert "waiting for the start" in process.stderr.readline()  # that of SIGUSR1
    process.send_signal(number)
    done = end(process)
    assert done.status == 0
    assert f"stopped by {number.name}, none sent" in done.out
    assert figures(home / "s.json")["total"]["scheduled"] == 0
    assert arrived(home, web).seqs == []


def test_what_cannot_start_says_so_before_it_waits(home: Path, web: Nginx) -> None:
    done = fthg(*words(home, web, "--start-at", "now+1h", "--files", "nowhere"), cwd=home)
    assert done.status == 3
    assert "nowhere" in done.err

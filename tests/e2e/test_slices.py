"""Several processes, each with a slice of one run and the same start moment, are as one."""

from __future__ import annotations

import io
import json
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from fthg.load.from_results import Choice, summarize_results
from fthg.load.plan import Plan
from tests.servers import sshd
from tests.servers.nginx import Nginx, nginx
from tests.waiting import until

from .program import Ended, end, figures, fthg, results, soon, start

RATE, SECONDS, SLICES = 200, 4, 4
COUNT = RATE * SECONDS
TENTH_OF_A_MILLISECOND = 0.0001


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    with nginx(tmp_path_factory.mktemp("web")) as server:
        yield server


def configured(home: Path, keys: str, **run: str) -> None:
    (home / "a").write_text("content")
    settings = "".join(f", {key}: {value}" for key, value in run.items())
    (home / "jobs.yaml").write_text(f"""
run: {{duration: {SECONDS}s{settings}}}
jobs:
  orders: {{files: a, rate: {RATE}/s, {keys}}}
""")


def put(web: Nginx, name: str) -> str:
    return f'url: "{web.url}/{name}/{{seq}}", method: PUT'


def begin(
    home: Path, part: int, moment: float, *words: str, slices: int = SLICES
) -> subprocess.Popen[str]:
    whose = ["--run", "r1", "--slice", f"{part}/{slices}", "--start-at", f"{moment:.6f}"]
    return start("-c", "jobs.yaml", *whose, "--results", "{slice}.jsonl", *words, cwd=home)


def when_ready(home: Path) -> float:
    return soon("-c", "jobs.yaml", cwd=home, processes=SLICES)


def carried_out(home: Path, *words: str) -> Sequence[Ended]:
    moment = when_ready(home)
    ended = [end(one, 200) for one in [begin(home, n, moment, *words) for n in range(SLICES)]]
    assert [one.status for one in ended] == [0] * SLICES, [one.err for one in ended]
    return ended


def all_begun(home: Path, keys: str) -> tuple[float, list[subprocess.Popen[str]]]:
    """Return the start moment, and a process for each slice."""
    configured(home, keys)
    moment = when_ready(home)
    return moment, [begin(home, n, moment) for n in range(SLICES)]


def paths(home: Path) -> list[str]:
    return sorted(path.name for path in home.glob("*-of-*.jsonl"))


def merged(home: Path, *words: str) -> tuple[Ended, dict[str, Any]]:
    done = fthg(
        *("-c", "jobs.yaml", "--from-results", *paths(home), "--summary", "s.json", *words),
        cwd=home,
    )
    return done, figures(home / "s.json")


def lines_of(home: Path) -> list[dict[str, Any]]:
    return [line for path in paths(home) for line in results(home / path)]


def requests(web: Nginx, name: str, count: int) -> Counter[int]:
    """Return the count of each number at the server."""
    return Counter(int(fields[1].rpartition("/")[2]) for fields in web.log(f"/{name}/", count))


def nearest_rank(values: Sequence[float], percent: int) -> float:
    return sorted(values)[ceil(len(values) * percent / 100) - 1]


def check_against_all_lines(home: Path, total: dict[str, Any], count: int = COUNT) -> None:
    lines = lines_of(home)
    assert sorted(line["seq"] for line in lines) == list(range(count))
    assert {line["slice"] for line in lines} == {f"{n}/{SLICES}" for n in range(SLICES)}
    due = sorted(line["due"] for line in lines)
    gaps = [after - before for before, after in zip(due, due[1:])]
    # What each process makes of its two clocks differs by the time between two readings of them.
    assert max(abs(gap - 1 / RATE) for gap in gaps) < TENTH_OF_A_MILLISECOND
    assert (total["scheduled"], total["ok"], total["missing"]) == (count, count, 0)
    for name, since in (("service_time", "start"), ("response_time", "due")):
        took = [line["end"] - line[since] for line in lines]
        for percent in (50, 90, 95, 99):
            exact = nearest_rank(took, percent)
            assert total[name][f"p{percent}"] == pytest.approx(exact, rel=0.01, abs=2e-6)


@pytest.mark.parametrize("workers", [1, 2])
def test_every_arrival_of_four_slices_is_at_the_server_once_and_on_time(
    tmp_path: Path, web: Nginx, workers: int
) -> None:
    name = f"even-{workers}"
    configured(tmp_path, put(web, name), workers=str(workers), thresholds='["missing == 0"]')
    carried_out(tmp_path)
    assert requests(web, name, COUNT) == dict.fromkeys(range(COUNT), 1)
    done, found = merged(tmp_path)
    assert done.status == 0, done.err
    check_against_all_lines(tmp_path, found["total"])
    assert found["jobs"]["orders"]["achieved_rate"] == pytest.approx(RATE, rel=1e-4)


def test_four_slices_share_the_arrivals_over_sftp_too(tmp_path: Path) -> None:
    (tmp_path / "sshd").mkdir()
    with sshd.running(tmp_path / "sshd") as server:
        keys = f"""url: "{server.url()}", user: {server.user}, key: {server.key},
    known_hosts: {server.known_hosts}, remote_name: "{{seq}}" """
        configured(tmp_path, keys)
        carried_out(tmp_path, "--rate", "50/s")
        stored = sorted(int(path.name) for path in server.root.iterdir())
    assert stored == list(range(50 * SECONDS))
    done, found = merged(tmp_path)
    assert done.status == 0, done.err
    assert (found["total"]["ok"], found["total"]["missing"]) == (50 * SECONDS, 0)


def test_what_a_killed_slice_left_undone_is_missing_and_the_slice_is_named(
    tmp_path: Path, web: Nginx
) -> None:
    _, processes = all_begun(tmp_path, put(web, "killed"))
    until_lines(tmp_path / "2-of-4.jsonl", COUNT // SLICES // 4)
    processes[2].kill()
    statuses = [end(one, 200).status for one in processes]
    assert statuses == [0, 0, -9, 0]
    left = {line["seq"] for path in paths(tmp_path) for line in whole_lines(tmp_path / path)}
    gone = set(range(COUNT)) - left
    assert gone == {seq for seq in gone if seq % SLICES == 2}
    assert 0 < len(gone) < COUNT / SLICES
    done, found = merged(tmp_path)
    assert done.status == 0, done.err
    assert found["total"]["missing"] == len(gone)
    assert found["total"]["scheduled"] == COUNT
    read = [str(tmp_path / path) for path in paths(tmp_path)]
    reading = summarize_results(read, io.BytesIO(), Plan("", ()), Choice()).reading
    assert reading is not None
    assert [(str(one.slice), one.missing) for one in reading.incomplete] == [("2/4", len(gone))]
    judged, _ = merged(tmp_path, "--threshold", "missing == 0", "--job", "orders")
    assert judged.status == 99


def until_lines(path: Path, count: int) -> None:
    until(lambda: path.exists() and path.read_bytes().count(b"\n") >= count, seconds=120)


def whole_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The results of a process that was killed: its last line may be cut off."""
    for line in path.read_text().splitlines(keepends=True):
        if line.endswith("\n"):
            yield json.loads(line)


def test_a_slice_that_is_run_again_is_refused_or_joins_and_sends_nothing_twice(
    tmp_path: Path, web: Nginx
) -> None:
    moment, processes = all_begun(tmp_path, put(web, "again"))
    mine = tmp_path / "1-of-4.jsonl"
    until_lines(mine, 1)
    processes[1].kill()
    assert [end(one, 200).status for one in processes] == [0, -9, 0, 0]
    refused = end(begin(tmp_path, 1, moment))
    assert (refused.status, "--join" in refused.err) == (3, True)
    left = mine.read_bytes().count(b"\n")
    joined = begin(tmp_path, 1, moment, "--join", "--duration", "2h")
    until_lines(mine, left + RATE // SLICES)
    joined.terminate()
    again = end(joined)
    assert again.status == 0, again.err
    assert set(requests(web, "again", 1).values()) == {1}
    seen = {line["seq"] for path in paths(tmp_path) for line in whole_lines(tmp_path / path)}
    late = {seq for seq in seen if seq >= COUNT}
    assert len(late) >= RATE // SLICES
    assert {seq % SLICES for seq in late} == {1}
    done, found = merged(tmp_path)
    assert done.status == 0, done.err
    assert found["total"]["missing"] == max(seen) + 1 - len(seen)

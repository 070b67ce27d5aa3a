"""The merge of a run's files: the same however its lines are divided among files and processes."""

from __future__ import annotations

import io
import os
import random
import resource
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.errors import StartError
from fthg.load.merging.choice import Choice
from fthg.load.merging.merge import Merged, merge
from fthg.load.plan import Plan
from fthg.load.stats.metrics import Metrics
from fthg.peer import Peer
from fthg.results.reread import rereadable
from fthg.results.write import result_lines, standstill_line
from fthg.standstill import Standstill
from fthg.transfer import Result
from tests.load.results_of import MS, dropped, result
from tests.load.snapshots import job
from tests.load.stats.staged import stages

STAGED = Plan("", (job(name="staged", pacer=stages("50/s for 2s, to 200/s over 8s")), job()))
NOT_WORTH_IT = 1 << 62


def merged(
    *paths: Path, plan: Plan = STAGED, worth: int = NOT_WORTH_IT, record: Any = None
) -> Merged:
    with ExitStack() as stack:
        files = rereadable([str(path) for path in paths], io.BytesIO(), stack)
        return merge(files, plan, Choice(), record, worth)


def counts(metrics: Metrics) -> dict[str, Any]:
    found = {**metrics.figures(None, 0.0), **metrics.more()}
    # Of details that are equally common, the order is that in which they were read.
    found["details"] = {kind: sorted(some) for kind, some in found["details"].items()}
    return found


def everything(found: Merged) -> dict[str, Any]:
    """All that a merge says, in a form that can be compared."""
    counted = found.counted
    return {
        "began": found.basis.began,
        "jobs": {name: counts(metrics) for name, metrics in counted.metrics.items()},
        "spans": {
            (run, name): (one.began, one.last_due, one.ended, one.scheduled)
            for run, of_run in counted.intervals.items()
            for name, one in of_run.items()
        },
        "stages": {
            (run, name, stage): (some.outcomes, some.sent, [times.count for times in some.times])
            for run, of_run in counted.intervals.items()
            for name, one in of_run.items()
            if one.stages
            for stage, some in one.stages.metrics.stages.items()
        },
        "staged": {
            (run, name): one.stages.staged.until
            for run, of_run in counted.intervals.items()
            for name, one in of_run.items()
            if one.stages
        },
        "arrivals": {
            key: (one.numbers.count, one.numbers.greatest, sorted(one.slices), one.due_times.rise)
            for key, one in counted.arrivals.items()
        },
        "outages": found.outages,
        "standstills": {
            run: sorted(one.standstill for one in some)
            for run, some in found.basis.standstills.items()
        },
        "twice": counted.twice,
    }


def arrival(dice: random.Random, name: str, seq: int) -> Result:
    """An arrival at 100/s: its server is away from second 3 to 5, and sometimes at odds."""
    due = SECOND + seq * 10 * MS
    end = due + MS + dice.choice([0, 20 * MS, 20 * MS, 700 * MS])
    usual = {"job": name, "seq": seq, "due": due, "start": due + MS, "end": end}
    fate = dice.random()
    if fate < 0.02:
        return dropped(job=name, seq=seq, due=due, detail="no room")
    if 4 * SECOND <= end < 6 * SECOND or fate < 0.1:
        kind = dice.choice(["refused", "timeout"])
        return result(**usual, outcome="failed", error=kind, code=None, detail=f"{kind} there")
    peer = Peer(f"192.0.2.{seq % 3}:443", 40_000, reused=True)
    return result(**usual, peer=peer, phases={"waiting": 0.02})


def lines_of(seed: int, runs: int) -> list[tuple[int, bytes]]:
    """The lines of runs, with the times at which they were written."""
    dice = random.Random(seed)
    found = []
    for run in range(runs):
        for name in ("orders", "staged"):
            for seq in range(600):
                one = arrival(dice, name, seq)
                written = (one.end or one.due) + dice.randrange(SECOND // 2)
                found += [(written, each) for each in result_lines([one], f"r{run}", 0)]
        stood = Standstill(7 * SECOND, 2 * SECOND, 3, "the disk")
        found.append((9 * SECOND, standstill_line(stood, f"r{run}", 0, {"orders": (1, 3)})))
    return sorted(found)


def divided(
    lines: list[tuple[int, bytes]], dice: random.Random, files: int, room: Path
) -> list[Path]:
    """Write each line to any of some files."""
    texts: list[list[bytes]] = [[] for _ in range(files)]
    for _, line in lines:
        dice.choice(texts).append(line)
    room.mkdir(exist_ok=True)
    paths = [room / f"{files}-{number}" for number in range(files)]
    for path, text in zip(paths, texts):
        path.write_bytes(b"".join(text))
    return paths


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 1 << 32), st.integers(2, 9), st.integers(1, 2))
@example(0, 2, 1)
def test_lines_divided_in_any_way_and_read_by_any_processes_give_the_same(
    tmp_path: Path, seed: int, files: int, runs: int
) -> None:
    dice, lines = random.Random(seed), lines_of(seed, runs)
    (whole,) = divided(lines, dice, 1, tmp_path)
    some = divided(lines, dice, files, tmp_path)
    wanted = everything(merged(whole))
    assert len(wanted["outages"].listed) >= 2 * runs
    assert wanted["stages"]
    assert everything(merged(*some)) == wanted
    assert everything(merged(*some, worth=1)) == wanted
    ends: list[tuple[int, str, int]] = []

    def take(results: Any) -> None:
        ends.extend((one.end or one.due, one.job, one.seq) for one in results)

    assert everything(merged(*some, record=take)) == wanted
    assert ends == sorted(ends)
    assert len(ends) == 1200 * runs


@pytest.mark.parametrize("worth", [1, NOT_WORTH_IT])
def test_of_an_arrival_with_two_lines_the_first_to_end_counts(tmp_path: Path, worth: int) -> None:
    one, other = tmp_path / "0", tmp_path / "1"
    early = [result(seq=n, end=2 * SECOND + n) for n in range(5)]
    late = [result(seq=n, end=9 * SECOND + n, outcome="failed", error="reset") for n in range(3, 7)]
    one.write_bytes(b"".join(result_lines(late, "r1", 0)))
    other.write_bytes(b"".join(result_lines(early, "r1", 0)))
    found = merged(one, other, worth=worth)
    assert found.counted.twice == 2
    assert found.counted.metrics["orders"].outcomes == {
        "ok": 5, "failed": 2, "dropped": 0, "cancelled": 0,
    }  # fmt: skip


def test_a_file_is_read_once_by_whatever_names_it_is_given(tmp_path: Path) -> None:
    path = tmp_path / "r"
    path.write_bytes(b"".join(result_lines([result()], "r1", 0)))
    (tmp_path / "soft").symlink_to(path)
    os.link(path, tmp_path / "hard")
    found = merged(path, tmp_path / "." / "r", tmp_path / "soft", tmp_path / "hard")
    assert found.counted.metrics["orders"].scheduled == 1
    assert found.counted.twice == 0


def test_thousands_of_files_need_no_more_descriptors_than_one(tmp_path: Path) -> None:
    paths = [tmp_path / str(number) for number in range(1500)]
    for number, path in enumerate(paths):
        some = [result(seq=number + 1500 * n, end=(2 + n) * SECOND) for n in range(2)]
        path.write_bytes(b"".join(result_lines(some, "r1", 0)) if number % 10 else b"")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, limits[1]))
    try:
        for record in (None, lambda _: None):
            found = merged(*paths, record=record)
            assert found.counted.metrics["orders"].scheduled == 2700
        found = merged(*paths, worth=1)
        assert found.counted.metrics["orders"].scheduled == 2700
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.mark.parametrize("worth", [1, NOT_WORTH_IT])
def test_what_cannot_be_read_is_named(tmp_path: Path, worth: int) -> None:
    (tmp_path / "r").write_bytes(b"".join(result_lines([result()], "r1", 0)))
    with pytest.raises(StartError, match="gone cannot be read: No such file"):
        merged(tmp_path / "r", tmp_path / "gone", worth=worth)
    with pytest.raises(StartError, match=r"no results file matches .*/out/\*\.jsonl"):
        merged(tmp_path / "r", tmp_path / "out" / "*.jsonl", worth=worth)

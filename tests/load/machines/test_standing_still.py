"""Processes that stand still: all at the same time, or one only."""

from __future__ import annotations

from pathlib import Path

import pytest

from fthg.clock import SECOND
from fthg.slices import Slice
from tests.fakes import FakeClock

from .divided import Disturb, Done, Target, divided
from .equality import written

REFUSED_LATER = Target(away=[(8, 10)], sometimes=0.0)


def all_of_them(clock: FakeClock, _: Slice) -> None:
    clock.sleep_until(3 * SECOND)
    clock.stand_still(4 * SECOND)


def only_one(clock: FakeClock, slice_: Slice) -> None:
    if slice_.part == 0:
        all_of_them(clock, slice_)


def run(home: Path, name: str, slices: int, disturb: Disturb, workers: int = 1) -> Done:
    config = home / "jobs.yaml"
    if not config.exists():
        written(home, [{"rate": "70/s", "files": "files"}])
    return divided(config, home / name, slices, workers, REFUSED_LATER, disturb)


@pytest.mark.parametrize(("slices", "workers"), [(1, 4), (7, 1), (7, 4)])
def test_one_standstill_of_all_processes_is_that_of_one(
    tmp_path: Path, slices: int, workers: int
) -> None:
    whole = run(tmp_path, "whole", 1, all_of_them)
    parts = run(tmp_path, "parts", slices, all_of_them, workers)
    assert sorted(parts.files) == sorted(whole.files)
    assert parts.arrivals() == whole.arrivals()
    assert parts.figures() == whole.figures()
    (standstill,) = parts.figures()["standstills"]
    dropped = [line["seq"] for line in parts.lines() if line["outcome"] == "dropped"]
    assert standstill["seconds"] == 4
    assert standstill["dropped"] == len(dropped) == 3 * 70
    assert len(parts.figures()["outages"]) == 1


def test_of_rare_arrivals_each_process_sends_its_last(tmp_path: Path) -> None:
    written(tmp_path, [{"rate": "1/s", "files": "files"}])
    sent = {}
    for slices in (1, 3):
        done = run(tmp_path, f"{slices}", slices, all_of_them)
        sent[slices] = [line["seq"] for line in done.lines() if line["outcome"] != "dropped"]
        assert sorted(line["seq"] for line in done.lines()) == list(range(10))
    assert set(sent[1]) <= set(sent[3])


def test_one_process_that_stands_still_drops_only_its_own(tmp_path: Path) -> None:
    done = run(tmp_path, "parts", 7, only_one)
    dropped = {line["seq"] for line in done.lines() if line["outcome"] == "dropped"}
    assert dropped == set(range(217, 217 + 3 * 70, 7))
    found = done.figures()
    (standstill,) = found["standstills"]
    assert (standstill["seconds"], standstill["dropped"]) == (4, 30)
    assert found["total"]["missing"] == 0
    assert found["total"]["scheduled"] == 700
    assert len(found["outages"]) == 1

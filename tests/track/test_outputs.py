"""The files of tracking: one that cannot be written does not stop the others, nor the polls."""

from __future__ import annotations

import csv
import json
import logging
from pathlib import Path
from uuid import UUID

import pytest

from fthg.errors import DatabaseError

from .world import END, SECOND, START, JumpingClock, World

FULL = "/dev/full"


def _insert_pair(world: World, start: int = START + SECOND) -> None:
    for side in ("ingress", "egress"):
        world.insert(side, (str(UUID(int=start)), "f1", start, start + SECOND, "SUCCESS"))


def _page(world: World) -> Path:
    return world.directory / "report.html"


@pytest.mark.parametrize("failing", ["csv", "summary", "output"])
def test_an_output_that_fails_at_the_end_is_status_3_and_all_others_are_written(
    world: World, failing: str
) -> None:
    _insert_pair(world)
    plan = world.plan(**{"output": str(_page(world)), failing: FULL})
    assert world.run(plan) == 3
    assert f"fthg: {FULL} cannot be written: No space left on device" in world.progress
    assert "The only transfer passed." in world.out.getvalue()
    written = {path.name for path in world.directory.iterdir()}
    names = {"csv": "all.csv", "summary": "summary.json", "output": "report.html"}
    assert written == {*names.values()} - {names[failing]}
    if failing != "summary":
        assert world.summary["state"] == "final"


def test_two_outputs_that_fail_are_both_named(world: World) -> None:
    assert world.run(world.plan(csv=FULL, summary="/dev/./full")) == 3
    for path in (FULL, "/dev/./full"):
        assert f"fthg: {path} cannot be written" in world.progress


def test_an_output_that_fails_meanwhile_is_one_warning_and_is_tried_again(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    _insert_pair(world)
    place = world.directory / "place"
    place.mkdir()
    path = place / "s.json"
    written: list[bool] = []

    def take_away() -> None:
        _insert_pair(world, START + 2 * SECOND)
        path.unlink()
        place.rmdir()

    def bring_back() -> None:
        written.append(path.exists())
        place.mkdir()

    def observe() -> None:
        written.append(path.exists())

    clock = JumpingClock(END - 40 * SECOND, [take_away, observe, bring_back, observe])
    with caplog.at_level(logging.WARNING):
        assert world.run(world.plan(summary=str(path)), clock) == 0
    assert written == [False, False, True]
    (record,) = caplog.records
    assert record.getMessage() == "a file is tried again after each poll"
    assert "s.json cannot be written" in vars(record)["fields"]["error"]
    assert json.loads(path.read_text())["state"] == "final"


def test_what_was_whole_stays_whole_when_it_cannot_be_written_again(world: World) -> None:
    _insert_pair(world)
    logo = world.directory / "logo.svg"
    logo.write_text("<svg/>")
    plan = world.plan(output=str(_page(world)), logo=str(logo))
    clock = JumpingClock(END - 10 * SECOND, [logo.unlink])
    assert world.run(plan, clock) == 3
    page = _page(world).read_text()
    assert page.startswith("<!doctype html>")
    assert "logo.svg" in world.progress
    assert world.summary["state"] == "final"


def test_a_database_that_fails_goes_before_an_output_that_fails(world: World) -> None:
    plan = world.plan(csv=FULL)

    def lose() -> None:
        world.egress.run("DROP TABLE tracking.transfers")

    with pytest.raises(DatabaseError):
        world.run(plan, JumpingClock(START + SECOND, [lose]))
    assert world.summary["state"] == "running"


def test_standard_output_or_a_pipe_gets_the_last_report_only(world: World) -> None:
    _insert_pair(world)
    with open(world.directory / "shown", "w+", encoding="utf-8") as shown:
        plan = world.plan(csv=f"/dev/fd/{shown.fileno()}", output=str(_page(world)))
        clock = JumpingClock(END - 20 * SECOND, [lambda: _insert_pair(world, START)])
        assert world.run(plan, clock) == 0
        shown.seek(0)
        assert [line["result"] for line in csv.DictReader(shown)] == ["passed", "passed"]
    assert world.summary["state"] == "final"

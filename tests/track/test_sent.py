"""Tracking the transfers of results files alone, without a period that is given."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Optional
from uuid import UUID

import pytest
import voluptuous as vol

from fthg.errors import ConfigError, StartError
from fthg.track.options import TRACK_KEYS
from fthg.track.plan import TrackPlan, track_plan
from fthg.track.sent_files import SKEW, span

from .world import GRACE, SECOND, START, JumpingClock, World

NOW = datetime(2026, 1, 2, tzinfo=timezone.utc)


def _name(n: int) -> str:
    return str(UUID(int=n + 1))


def _line(n: int, start: Optional[int], seconds: int = 2) -> str:
    entry: dict[str, object] = {
        "run": "r", "job": "orders", "seq": n, "uuid": _name(n), "file": f"f{n}", "size": 1000,
        "outcome": "dropped" if start is None else "ok", "due": START / 1e6, "start": None,
        "end": None,
    }  # fmt: skip
    if start is not None:
        entry.update(start=start / 1e6, end=start / 1e6 + seconds)
    return json.dumps(entry) + "\n"


def _file(world: World, *lines: str) -> str:
    path = world.directory / "r.jsonl"
    path.write_text("".join(lines))
    return str(path)


def _pair(world: World, n: int, start: int, *, done: bool = True) -> None:
    world.insert("ingress", (_name(n), f"f{n}", start, start + SECOND, "SUCCESS"))
    end, status = (start + 5 * SECOND, "SUCCESS") if done else (None, None)
    world.insert("egress", (_name(n), f"f{n}", start + 2 * SECOND, end, status))


def _plan(world: World, path: str, **changes: Any) -> TrackPlan:
    start, end = span([path])
    return world.plan(start=start - SKEW, end=end + SKEW, sent=(path,), only_sent=True, **changes)


def test_the_span_of_results_files_is_from_the_first_start_to_the_last_end(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text(_line(1, START + 50 * SECOND) + _line(2, START + 20 * SECOND, 90) + "{cut")
    second.write_text(_line(3, START + 60 * SECOND) + _line(4, None) + "nonsense\n")
    assert span([str(first), str(second)]) == (START + 20 * SECOND, START + 110 * SECOND)


def test_files_without_a_transfer_have_no_span(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(_line(4, None))
    with pytest.raises(StartError, match="give --from"):
        span([str(tmp_path / "a")])
    with pytest.raises(StartError, match=r"nowhere.* cannot be read"):
        span([str(tmp_path / "nowhere")])


def test_without_from_the_period_is_that_of_the_results_files_with_a_margin(
    tmp_path: Path,
) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(_line(1, START) + _line(2, START + 100 * SECOND))
    data = vol.Schema(dict(TRACK_KEYS))(  # with the defaults of the keys
        {
            "ingress": {"host": "h", "user": "u", "database": "d"},
            "egress": {"host": "h", "user": "u", "database": "e"},
            "output": "r.html",
            "sent": [str(path)],
        }
    )
    plan = track_plan(data, NOW)
    assert plan.only_sent
    assert (plan.start, plan.end) == (START - 30 * SECOND, START + 132 * SECOND)
    assert plan.deadline == START + 102 * SECOND + plan.grace
    given = track_plan({**data, "from": "-2h"}, NOW)
    assert not given.only_sent
    assert given.deadline == given.end + given.grace
    with pytest.raises(ConfigError, match="without --from the period is that of the results files"):
        track_plan({**data, "to": "now"}, NOW)


def test_only_the_transfers_of_the_results_files_count(world: World) -> None:
    for n in (1, 2, 7, 8):
        _pair(world, n, START + n * SECOND)
    world.insert("ingress", (_name(9), "lost of others", START, None, None))
    world.insert("egress", (_name(10), "lost of others", START, None, None))
    world.insert("egress", (_name(3), "f3", START + SECOND, START + SECOND, "SUCCESS"))
    path = _file(world, *(_line(n, START + n * SECOND) for n in (1, 2, 3)))
    assert world.run(_plan(world, path)) == 5  # one is missing at ingress
    assert world.results() == {"f1": "passed", "f2": "passed", "f3": "unpaired"}
    assert world.summary["sent"] == {"accepted": 3, "missing": 1, "unexpected": 0}


@pytest.mark.parametrize("match", ["uuid", "filename"])
def test_polling_ends_when_none_of_the_files_is_open(world: World, match: str) -> None:
    _pair(world, 1, START + SECOND, done=False)
    _pair(world, 2, START + SECOND, done=False)  # of others: never ends
    path = _file(world, _line(1, START + SECOND))

    def finish() -> None:
        where = f"WHERE UUID = '{_name(1)}'"
        world.egress.run(
            f"UPDATE tracking.transfers SET endTime = startTime, status = 'SUCCESS' {where}"
        )

    plan = _plan(world, path, match=match)
    clock = JumpingClock(plan.end + SECOND, [lambda: None, finish])
    assert world.run(plan, clock) == 0
    assert clock.slept == [10, 10]
    assert world.summary["state"] == "final"
    assert world.results() == {"f1": "passed"}


def test_a_file_that_is_missing_is_waited_for_until_its_end_and_the_grace(world: World) -> None:
    path = _file(world, _line(1, START + SECOND))
    plan = _plan(world, path)
    clock = JumpingClock(plan.end)
    assert world.run(plan, clock) == 5
    last_end = START + 3 * SECOND
    assert clock.utc() == (last_end + GRACE) * 1000
    assert world.summary["state"] == "final"


def test_a_missing_file_that_arrives_ends_the_wait(world: World) -> None:
    path = _file(world, _line(1, START + SECOND))
    plan = _plan(world, path)
    clock = JumpingClock(plan.end, [lambda: _pair(world, 1, START + SECOND)])
    assert world.run(plan, clock) == 0
    assert clock.slept == [10]

from __future__ import annotations

import logging
from typing import Any, Optional

import pytest

from fthg.clock import SECOND
from fthg.lag import Pause, Sample
from fthg.load.outputs.transfer_log import TransferLog
from fthg.load.standstills import STOOD_STILL, Standstills, cause
from fthg.standstill import Standstill
from tests.fakes import FakeClock

from .logged import logged
from .results_of import dropped


def pause(
    seconds: int, suspended: int = 0, cpu: int = 0, waited: Optional[int] = 0, collecting: int = 0
) -> Pause:
    """A pause of so many seconds, and what the process did meanwhile."""
    before = Sample(9 * SECOND, 20 * SECOND, 3 * SECOND, 4 * SECOND, 5 * SECOND)
    return Pause(
        before,
        Sample(
            before.now + seconds * SECOND,
            before.boot + (seconds + suspended) * SECOND,
            before.cpu + cpu * SECOND,
            None if waited is None else (4 + waited) * SECOND,
            before.collecting + collecting * SECOND,
        ),
    )


@pytest.mark.parametrize(
    ("spent", "continued", "expected"),
    [
        ({"suspended": 40}, False, "the host was suspended"),
        ({"suspended": 40}, True, "the host was suspended"),
        ({}, True, "the process was stopped (SIGSTOP or Ctrl-Z)"),
        ({"waited": 4}, False, "no CPU of this host was free for fthg"),
        ({"waited": None, "cpu": 4}, False, "fthg itself was busy computing"),
        ({"cpu": 4, "collecting": 4}, False, "garbage collection of fthg itself"),
        ({"cpu": 4, "waited": 1}, False, "fthg itself was busy computing"),
        (
            {"cpu": 1, "waited": 1},
            False,
            "unknown: fthg was frozen, or blocked by a disk",
        ),
    ],
)
def test_the_cause_is_what_took_most_of_the_time(
    spent: dict[str, Any], continued: bool, expected: str
) -> None:
    assert cause(pause(6, **spent), continued) == expected


class Watched:
    """The standstills of a process on the fake clock, whose jobs are overdue until `caught_up`."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.caught_up = 0.0
        self.reported: list[Standstill] = []
        self.all = Standstills(self.clock, self._overdue, self.reported.append)
        self.all.start()

    def _overdue(self, _: int) -> bool:
        return self.clock.now() < self.caught_up * SECOND


def test_a_standstill_is_reported_once_all_that_fell_due_is_dispatched() -> None:
    watched = Watched()
    watched.caught_up = 9
    watched.clock.sleep_until(2 * SECOND)
    watched.clock.stand_still(5 * SECOND)
    for seq in range(3):
        watched.all.count(dropped(seq=seq, due=(3 + seq) * SECOND, detail=STOOD_STILL))
    watched.all.count(dropped(due=3 * SECOND, detail="256 in flight already (max_in_flight)"))
    watched.clock.sleep_until(round(8.9 * SECOND))
    assert watched.reported == []
    watched.clock.sleep_until(round(9.3 * SECOND))
    (one,) = watched.reported
    assert one[:3] == (2 * SECOND, 5 * SECOND, 3)
    watched.all.stop()
    assert watched.reported == [one] == watched.all.found


def test_a_standstill_at_the_end_of_a_run_is_reported_at_the_end() -> None:
    watched = Watched()
    watched.caught_up = 100
    watched.clock.stand_still(5 * SECOND)
    watched.all.stop()
    assert [one.length for one in watched.reported] == [5 * SECOND]


def test_a_shorter_pause_is_no_standstill() -> None:
    watched = Watched()
    watched.clock.stand_still(SECOND - 1)
    watched.all.stop()
    assert watched.reported == []


def test_a_pause_counts_by_the_clock_that_goes_on_while_the_host_is_suspended() -> None:
    before = Sample(0, 0, 0, 0, 0)
    assert Pause(before, Sample(SECOND // 2, 3 * SECOND, 0, 0, 0)).length == 3 * SECOND


def test_a_standstill_is_logged_with_its_figures() -> None:
    clock = FakeClock(utc=0)
    with logged(logging.WARNING) as lines:
        TransferLog(clock).standstill(Standstill(SECOND, 5 * SECOND // 2, 7, "unknown"))
    (line,) = lines
    assert (line.level, line.event) == (logging.WARNING, "fthg stood still")
    assert line.fields == {
        "start": "1970-01-01T00:00:01.000Z", "seconds": 2.5, "dropped": 7, "cause": "unknown",
    }  # fmt: skip

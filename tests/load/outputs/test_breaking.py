from __future__ import annotations

from dataclasses import replace
from typing import Any, Optional

import pytest

from fthg.clock import SECOND
from fthg.load.outputs.breaking import breaking_rows, breaking_sentence
from fthg.load.stats.snapshot import TOTAL, BreakingPoint, RunSnapshot
from fthg.standstill import Standstill
from fthg.verdicts.thresholds import Verdict

from ..results_of import result
from ..snapshots import job_snapshot, limits, run_snapshot


def broken(job: str = "orders", rate: Optional[float] = 82.45, **changes: Any) -> BreakingPoint:
    threshold, *_ = limits("failed < 1%").thresholds
    verdict = Verdict(threshold, 1.5, ok=False)
    usual = {"at": 67.5, "held": 82.25}
    return BreakingPoint(job, verdict, rate=rate, **{**usual, **changes})


def run(point: Optional[BreakingPoint]) -> RunSnapshot:
    return run_snapshot(job_snapshot([result()]), breaking=point)


def rows(point: Optional[BreakingPoint]) -> list[str]:
    return [line.plain for line in breaking_rows(run(point))]


def test_it_answers_how_much_the_system_takes() -> None:
    assert rows(broken()) == [
        "    broke at.........: 82.4/s      after 1m 07s, at 16:01:07",
        "    crossed..........: orders: failed < 1%, found 1.50% then",
        "    held.............: 82.2/s      the highest target that passed",
    ]
    assert breaking_sentence(broken()) == (
        "ended the run at a target of 82.4/s after 1m 07s, found 1.50% then; "
        "held until then: 82.2/s"
    )


def test_what_was_found_then_stands_without_the_baseline() -> None:
    threshold, *_ = limits("failed < 10% of baseline").thresholds
    point = broken()._replace(verdict=Verdict(threshold, 12.5, ok=False, before=11.5))
    assert ", found 12.50% then; " in breaking_sentence(point)


def test_without_a_target_it_says_when() -> None:
    assert rows(broken(TOTAL, rate=None, held=None)) == [
        "    broke after......: 1m 07s      at 16:01:07; there was no target rate",
        "    crossed..........: total: failed < 1%, found 1.50% then",
    ]
    assert breaking_sentence(broken(TOTAL, rate=None, held=None)) == (
        "ended the run after 1m 07s, found 1.50% then"
    )


@pytest.mark.parametrize(("second", "warned"), [(66, True), (68, False)])
def test_it_warns_of_a_standstill_of_fthg_before_the_system_seemed_to_break(
    second: int, warned: bool
) -> None:
    paused = Standstill(second * SECOND, 3 * SECOND, 32, "suspended")
    found = list(breaking_rows(replace(run(broken()), standstills=[paused])))[3:]
    row = "    but..............: fthg stood still for 3s before: see below"
    assert [line.plain for line in found] == [row] * warned


def test_a_run_that_ended_otherwise_has_no_such_rows() -> None:
    assert rows(None) == []

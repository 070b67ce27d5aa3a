from __future__ import annotations

from fthg.load.outputs.job_text import status_line

from ..results_of import dropped, result
from ..snapshots import running_job


def test_a_status_line_holds_all_in_one_line() -> None:
    failed = result(outcome="failed", error="status")
    line = status_line(running_job([result()] * 8 + [failed, dropped()]), 9.9)
    assert line == (
        "orders running 12s (40%), 9.9/s of 10/s, 8 ok, 1 failed, 1 dropped, 3 in flight, p95 20ms"
    )


def test_a_waiting_job_says_when_it_starts() -> None:
    assert status_line(running_job(state="waiting", dispatching=0.0, starts_in=90.0), 0) == (
        "orders waiting, starts in 1m 31s"
    )


def test_a_job_without_an_end_shows_no_share() -> None:
    line = status_line(running_job(duration=None, rate=None, dispatching=0.2), 0.0)
    assert line.startswith("orders running 0s, 0/s of max, 0 ok")

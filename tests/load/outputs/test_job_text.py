from __future__ import annotations

from dataclasses import replace

from fthg.load.outputs.job_text import status_line, target

from ..results_of import dropped, result
from ..snapshots import job, running_job, senders, stages


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


def test_the_target_and_the_number_of_senders_are_those_of_the_moment() -> None:
    staged = job(
        pacer=stages("10/s for 5m, max for 5s, 0/s for 60s"),
        open=False,
        senders=senders("10 for 5s, to 50 over 10m"),
    )
    one = replace(running_job(dispatching=20.0), job=staged)
    assert "9/s of 10/s, 0 ok" in status_line(one, 9)
    assert "3/11 in flight" in status_line(one, 9)
    assert target(replace(one, dispatching=302.0)) == "max"
    assert target(replace(one, dispatching=306.0)) == "0/s"


def test_stages_that_are_over_have_no_target() -> None:
    over = replace(running_job(state="done"), job=job(pacer=stages("10/s for 12s")))
    assert target(over) == "–"
    assert target(running_job(state="done")) == "10/s"

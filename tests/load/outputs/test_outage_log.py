"""The log of outages alone, as an output of a whole run that has several workers."""

from __future__ import annotations

import logging

from fthg.clock import SECOND
from fthg.load.outputs.outage_log import OutageLog
from fthg.load.stats.outages import Outage, OutageList
from fthg.load.stats.snapshot import Reading
from tests.fakes import FakeClock

from ..logged import logged
from ..results_of import result
from ..snapshots import job_snapshot, run_snapshot

OPEN = Outage("orders", SECOND, 3 * SECOND, None, {"refused": 6, "reset": 1}, "reset", "it is gone")


def test_the_beginning_names_the_failure_that_made_it_an_outage() -> None:
    with logged(logging.WARNING) as lines:
        OutageLog(FakeClock()).outage(OPEN)
    (line,) = lines
    assert line.event == "outage began"
    assert (line.fields["job"], line.fields["kind"]) == ("orders", "reset")
    assert line.fields["detail"] == "since 14:13:21.000Z: it is gone"


def test_the_end_says_how_long_it_was_and_what_failed() -> None:
    with logged(logging.WARNING) as lines:
        OutageLog(FakeClock()).outage(OPEN._replace(end=5 * SECOND))
    (line,) = lines
    assert line.event == "outage ended"
    assert line.fields["detail"] == "after 4s, 7 transfers failed: refused 6, reset 1"


def test_results_files_are_no_run_whose_outages_are_logged() -> None:
    run = run_snapshot(job_snapshot([result()]), outages=OutageList((OPEN,)))
    read = run_snapshot(
        job_snapshot([result()]), outages=run.outages, reading=Reading("r.jsonl", 1, 0, 1.0)
    )
    with logged(logging.WARNING) as lines:
        OutageLog(FakeClock()).end(run)
        OutageLog(FakeClock()).end(read)
    assert [line.event for line in lines] == ["outage has not ended"]

from __future__ import annotations

from dataclasses import replace

from fthg.clock import SECOND
from fthg.load.page.over_time import charts
from fthg.load.page.timeline import timeline
from fthg.load.stats.outages import Outage, OutageList
from fthg.report.formats import Formats

from ..snapshots import job_snapshot, run_snapshot
from .runs import mixed, week


def test_outages_at_the_same_time_are_one_band_so_that_the_chart_stays_readable() -> None:
    found = [Outage(f"j{n}", n * SECOND // 10, SECOND, SECOND, {"reset": 5}) for n in range(9)]
    later = Outage("j9", 3 * SECOND, 4 * SECOND, None, {"reset": 5})
    run = replace(mixed(), outages=OutageList((*found, later)))
    first, second = charts(run, timeline(run), Formats())
    bands = first.bands
    assert bands is second.bands
    assert [band.kind for band in bands] == ["outage", "outage"]
    assert "outage of j0 and others for 1s" in bands[0].title


def test_a_standstill_is_wide_enough_to_be_seen_and_within_the_chart() -> None:
    run = week(1, 100)
    for band in charts(run, timeline(run), Formats())[0].bands:
        assert band.width >= 0.4
        assert 0 <= band.x <= band.x + band.width <= 100


def test_without_an_ok_transfer_there_are_no_percentiles() -> None:
    run = run_snapshot(job_snapshot([]))
    assert [chart.title for chart in charts(run, timeline(run), Formats())] == ["Rate over time"]

from __future__ import annotations

import html
import re
from dataclasses import replace

from fthg.load.outputs.slice_findings import slice_findings, state_of
from fthg.load.page.report import render
from fthg.load.stats.snapshot import IncompleteSlice, Reading
from fthg.zones import zone_to_show

from ..snapshots import job_snapshot, run_snapshot
from .runs import HOSTILE, mixed, week


def test_a_week_of_sixty_jobs_stays_small() -> None:
    assert len(render(week(60, 300)).encode()) < 500_000


def test_the_page_is_the_same_each_time() -> None:
    assert render(mixed()) == render(mixed())


def test_what_a_server_says_is_escaped_and_visible() -> None:
    page = render(mixed())
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;⟨U+202E⟩&amp;␀" in page


def test_secrets_are_masked_wherever_they_come_from() -> None:
    run = mixed()
    run = replace(run, plan=replace(run.plan, secrets=["alert(1)", "hunter2"]))
    page = render(run, "password: hunter2")
    assert "hunter2" not in page
    assert "alert(1)" not in page


def test_times_are_in_the_zone_of_the_run_which_is_named() -> None:
    run = mixed()
    page = render(replace(run, plan=replace(run.plan, zone=zone_to_show("Asia/Tokyo"))))
    assert "2025-11-25 01:00:00" in page
    assert "All times are in Asia/Tokyo." in page


def test_nothing_is_loaded_and_only_its_own_script_runs() -> None:
    page = render(mixed())
    assert "default-src 'none'; script-src 'sha256-" in html.unescape(page)
    assert not re.findall(r"<[^>]+ (?:src|href)=\"(?!#|data:)", page)


def test_a_run_without_transfers_has_a_page() -> None:
    assert "Nothing was due" in render(run_snapshot(job_snapshot([])))


def test_a_thousand_jobs_are_listed_and_more_are_bounded() -> None:
    page = render(run_snapshot(*(job_snapshot([], name=f"j{n}") for n in range(1_001))))
    assert "The JSON summary has all 1,001 jobs." in page


def test_incomplete_slices_and_lines_that_are_there_twice_read_as_on_the_terminal() -> None:
    absent = IncompleteSlice("r1", "orders", "3/4", 25, absent=True)
    lacking = IncompleteSlice("r1", "orders", "1/4", 3, absent=False)
    reading = Reading("r-*.jsonl", 1, 0, 1.0, [absent, lacking], twice=12)
    run = replace(mixed(), reading=reading)
    page = render(run)
    assert [f"<td>{state_of(one)}</td>" in page for one in (absent, lacking)] == [True, True]
    assert [one for one in list(slice_findings(run))[-2:] if one not in page] == []

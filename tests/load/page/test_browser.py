from __future__ import annotations

from pathlib import Path

import pytest

from fthg.load.page.report import render
from tests.servers.chromium import Tab
from tests.track.page.test_print import pages

from .runs import mixed, week

_CELLS = "[...document.querySelectorAll('#jobs tbody tr th')].map(cell => cell.textContent)"


def _open(tab: Tab, path: Path, page: str) -> None:
    path.write_text(page, "utf-8")
    tab.open(path)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(tab: Tab, path: Path, axe: str, scheme: str) -> None:
    tab.media(scheme=scheme)
    _open(tab, path, render(mixed(thresholds=["failed == 0"]), "jobs: {}"))
    tab.run(axe)
    found = tab.run("axe.run().then(r => r.violations.map(v => v.id + ' ' + v.nodes[0].html))")
    assert found == []


def test_a_phone_shows_the_page_without_scrolling_sideways(tab: Tab, path: Path) -> None:
    tab.width(390)
    _open(tab, path, render(week(3, 100)))
    assert tab.run("document.documentElement.scrollWidth") <= 390


def test_a_click_on_a_head_sorts_all_jobs_and_a_second_one_turns_them(tab: Tab, path: Path) -> None:
    _open(tab, path, render(week(30, 20)))
    click = "document.querySelector('#jobs th button').click()"
    names = [f"partner-{n:04}" for n in range(30)]
    tab.run(click)
    assert [cell[:12] for cell in tab.run(_CELLS)] == names
    tab.run(click)
    assert [cell[:12] for cell in tab.run(_CELLS)] == names[::-1]
    assert tab.run("document.querySelectorAll('#jobs tbody')[0].rows.length") == 20


def test_without_a_script_every_job_is_there(tab: Tab, path: Path) -> None:
    tab.without_javascript()
    _open(tab, path, render(week(30, 20)))
    assert len(tab.run(_CELLS)) == 30


def test_on_paper_each_page_of_the_jobs_has_their_head_without_the_small_charts(
    tab: Tab, path: Path
) -> None:
    _open(tab, path, render(week(30, 20)))
    jobs = [page for page in pages(tab, path) if "partner-00" in page.split("Times")[0]]
    assert len([page for page in jobs if "Dropped Missing Median p95 Thresholds" in page]) == 2
    assert "Over time" not in "".join(jobs).split("Method and glossary")[0]

"""Tiles, bars, groups and cells of the report lead to the table with their transfers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timezone
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Optional

import pytest

from fthg.track.figures import Group
from fthg.track.outcomes import RESULTS
from fthg.track.report import write_report
from fthg.track.tracked import SECOND, Row, Tracked
from fthg.zones import named_zone
from tests.servers.chromium import Tab
from tests.track.page import examples
from tests.track.page.browsing import READY, click, column, fill, show, status
from tests.track.page.examples import START
from tests.track.page.whole import everything

SOME = examples.transfers(1200, seed=2)
SPAN = everything(SOME).failure_spans[0]
FAILURES = SPAN.failed + SPAN.timeout


def count(condition: Callable[[Tracked], bool]) -> int:
    return sum(map(condition, SOME))


def shows(tab: Tab, rows: int, of: int = len(SOME)) -> None:
    """Wait until the table has so many rows."""
    some = f"Showing 1 – {min(rows, 50)} of {rows:,}" if rows else "No transfer fits the filter"
    wanted = f"{some}, filtered from {of:,}" if 0 < rows < of else some
    tab.until(lambda: status(tab).startswith(wanted), 5)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("links") / "report.html"
    write_report(everything(SOME), SOME, path)
    return path


@pytest.fixture
def page(tab: Tab, report: Path) -> Tab:
    tab.open(report)
    tab.until(lambda: tab.run(READY))
    return tab


def follow(tab: Tab, text: str, within: str) -> None:
    """Click the link that begins with this text."""
    assert tab.run(
        f"(() => {{ const links = [...document.querySelectorAll({json.dumps(within + ' a')})];"
        f"const link = links.find((link) => link.textContent.startsWith({json.dumps(text)}));"
        "link?.click(); return Boolean(link) })()"
    )


@pytest.mark.parametrize(
    ("tile", "results"),
    [
        ("Failed", {"failed"}),
        ("Timeout", {"timeout"}),
        ("Still open", {"in_progress", "pending"}),
        ("Unpaired", {"unpaired"}),
        ("Pass rate", {"passed"}),
        ("Transfers", set(RESULTS)),
    ],
)
def test_a_tile_leads_to_its_transfers(page: Tab, tile: str, results: set[str]) -> None:
    follow(page, tile, ".tile")
    wanted = count(lambda t: t.result in results)
    assert wanted
    shows(page, wanted)
    assert page.run("document.getElementById('transfers').getBoundingClientRect().top") < 120
    assert page.run("document.activeElement.id") == "transfers"


def test_the_slowest_come_first_by_the_tile_of_the_longest_transit(page: Tab) -> None:
    follow(page, "Transit, max", ".tile")
    slowest = max(SOME, key=lambda t: t.transit or 0)
    page.until(lambda: column(page, "uuid")[0] == slowest.uuid)
    follow(page, "Transit, p95", ".tile")
    p95 = everything(SOME).transit
    assert p95
    shows(page, count(lambda t: (t.transit or 0) >= p95.p95))


def test_the_service_level_leads_to_what_was_late(page: Tab) -> None:
    late = count(
        lambda t: (
            t.result in ("failed", "timeout", "unpaired")
            or (t.result == "passed" and (t.transit or 0) > 4 * SECOND)
        )
    )
    follow(page, str(late), "#sla")
    shows(page, late)


def test_an_hour_of_the_service_level_leads_to_what_started_in_it(page: Tab) -> None:
    page.run(
        "document.querySelectorAll('.by-step .slot')[1]"
        ".dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )
    low = START + examples.HOUR // 4
    shows(page, count(lambda t: low <= (t.start or 0) < low + examples.HOUR // 4))


def test_every_cell_of_the_matrix_leads_to_as_many_transfers_as_it_has(page: Tab) -> None:
    cells = page.run("document.querySelectorAll('.matrix .cell a').length")
    assert cells >= 5
    for index in range(cells):
        number = page.run(
            f"(() => {{ const link = document.querySelectorAll('.matrix .cell a')[{index}];"
            "link.click(); return Number(link.textContent.replace(',', '')) })()"
        )
        shows(page, number)


def test_a_status_in_other_letters_is_found_by_its_cell(tab: Tab, path: Path) -> None:
    row = Row("x", "f", START, START + 5, "SUCCESS")
    odd = [" failed ", "Failed", "", "done", None]
    some = [Tracked("failed", row, row._replace(status=status)) for status in odd]
    show(tab, path, some)
    for wanted, rows in (("FAILED", 2), ("UNKNOWN", 2), ("NONE", 1), ("NO_ROW", 0)):
        tab.run(f"location.hash = '#transfers?egress={wanted}'")
        shows(tab, rows, of=5)


def test_a_group_leads_to_its_files_and_its_failures(page: Tab) -> None:
    follow(page, "orders", "#groups")
    shows(page, count(lambda t: (t.filename or "").startswith("orders-")))
    follow(page, "orders", "#groups")  # again, as the address stays the same
    shows(page, count(lambda t: (t.filename or "").startswith("orders-")))


def test_failures_close_together_lead_to_the_period_that_they_have(page: Tab) -> None:
    follow(page, f"{FAILURES} failures", ".spans")
    shows(page, FAILURES)


def test_back_returns_to_the_unfiltered_table_and_forward_to_the_filter(page: Tab) -> None:
    follow(page, "Failed", ".tile")
    failed = count(lambda t: t.result == "failed")
    shows(page, failed)
    page.run("history.back()")
    shows(page, len(SOME))
    page.run("history.forward()")
    shows(page, failed)


def test_an_address_with_a_filter_opens_with_it(tab: Tab, report: Path) -> None:
    tab.open(report, "#transfers?result=unpaired")
    tab.until(lambda: tab.run(READY))
    shows(tab, count(lambda t: t.result == "unpaired"))


def test_what_a_link_set_is_cleared_and_changed_by_hand(page: Tab) -> None:
    follow(page, f"{FAILURES} failures", ".spans")
    shows(page, FAILURES)
    fill(page, "filter-result", "")
    shows(page, count(lambda t: SPAN.start <= (t.start or 0) <= SPAN.end))
    click(page, "#actions [type=reset]")
    shows(page, len(SOME))


def test_the_keyboard_follows_a_tile(page: Tab) -> None:
    page.run("document.querySelectorAll('.tile a')[2].focus()")
    page.press("Enter")
    shows(page, count(lambda t: t.result == "failed"))


def test_without_javascript_links_lead_to_the_section(tab: Tab, report: Path) -> None:
    tab.without_javascript()
    tab.open(report)
    assert tab.run("document.querySelectorAll('.tile a[href=\"#transfers\"]').length") >= 6
    tab.run("document.querySelector('.tile a').focus()")
    tab.press("Enter")
    tab.until(lambda: tab.run("location.hash") == "#transfers")


PATTERNS = (
    "*", "?", "a*", "*.xml", "[ab]*", "[^ab]*", "[a-c]?", "[!a]*", "[]]*", "[!]]*", "[a-]*",
    "[-a]*", "[!-a]*", "[b-a]", "[z-a]*", "[!z-a]*", "[b-az]*", "[", "[a", "a[", "[]", "[!]",
    "*[*]*", "*[?]", "A*", "ä*", "?🎉*", "*.x?l", "a.b", "**b", "[a-c-e]*", "[a--c]*", "[]-a]*",
    "[--a]*", "[\\\\]*", "[\\]]*", "{a}", "(a|b)", "^a$", "a+", "[^", "[a-\U0001f600]*", "[[]*",
)  # fmt: skip
FILES = (
    "a", "b", "ab", "abc", "A", "ä1", "x🎉y", "a.xml", "b.xml", "a-1", "-a", "]", "[", "[]", "[a",
    "a[", "^a$", "{a}", "(a|b)", "a+", "aa", "a.b", "axb", "a*b", "*", "?", "a?", "!a", "\\",
    "a\nb.xml", "z", "e", "d-", "🎉",
)  # fmt: skip
ROWS_OF_GROUP = """
(async () => {
  const field = document.getElementById("filter-group");
  field.value = "NAME";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await new Promise((done) => setTimeout(done, 110));
  const text = document.getElementById("status").textContent;
  return text.startsWith("No") ? 0 : Number(/ of (\\d+)/.exec(text)[1]);
})()
"""


def fitting(pattern: str) -> Optional[int]:
    """Return the number of files that fit; None for ranges that Python 3.9 refuses."""
    try:
        return sum(fnmatchcase(name, pattern) for name in FILES)
    except re.error:
        return None


def test_patterns_of_groups_fit_as_those_of_python_do(tab: Tab, path: Path) -> None:
    row = Row("x", None, START, START, "SUCCESS")
    some = [Tracked("passed", row._replace(filename=name), row) for name in FILES]
    some.append(Tracked("passed", row, row))  # without a name it is in no group
    nothing = examples.count([])
    groups = tuple(Group(f"g{n}", (one,), nothing, None) for n, one in enumerate(PATTERNS))
    show(tab, path, some, groups=groups)
    found = [tab.run(ROWS_OF_GROUP.replace("NAME", group.name)) for group in groups]
    wanted = {one: fitting(one) for one in PATTERNS}
    assert {one: n for one, n in zip(PATTERNS, found) if wanted[one] is not None} == {
        one: n for one, n in wanted.items() if n is not None
    }


def test_other_files_are_those_in_no_group(tab: Tab, path: Path) -> None:
    nothing = examples.count([])
    row = Row("x", None, START, START, "SUCCESS")
    some = [Tracked("passed", row._replace(filename=name), row) for name in FILES]
    some.append(Tracked("passed", row, row))  # without a name
    groups = (Group("a", ("a*",), nothing, None), Group("other files", (), nothing, None))
    show(tab, path, some, groups=groups)
    follow(tab, "other files", "#groups")
    shows(tab, len(some) - (fitting("a*") or 0), of=len(some))


def test_several_patterns_make_one_group(tab: Tab, path: Path) -> None:
    nothing = examples.count([])
    show(tab, path, SOME, groups=(Group("both & <b>", ("orders-*", "*.csv"), nothing, None),))
    follow(tab, "both", "#groups")
    shows(
        tab,
        count(
            lambda t: (t.filename or "").startswith("orders-") or (t.filename or "")[-4:] == ".csv"
        ),
    )


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp()) * SECOND


def nightly(*starts: str) -> list[Tracked]:
    made = []
    for start in map(at, starts):
        row = Row(str(start), "f", start, start + 500, "SUCCESS")
        made.append(Tracked("passed", row, row))
    return made


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_times_are_in_the_zone_of_the_report_through_both_changes_of_the_clocks(
    tab: Tab, path: Path, zone: str
) -> None:
    year = [START + hour * examples.HOUR // 2 for hour in range(-9000, 9000, 79)]
    row = Row("x", "f", START, START, "SUCCESS")
    some = [
        Tracked("passed", row._replace(start=start, end=start), row._replace(start=start))
        for start in year
    ]
    show(tab, path, some, zone=named_zone(zone), zone_name=zone)
    tab.run("document.getElementById('page-size').value = '250'")
    click(tab, "#actions [type=reset]")
    tab.until(lambda: len(column(tab, "ingress_start")) == len(year))
    moments = [datetime.fromtimestamp(start // SECOND, named_zone(zone)) for start in year]
    local = [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in moments]
    found = [text.split(" +")[0].split(" -")[0] for text in column(tab, "ingress_start")]
    assert found == local


def test_the_filter_takes_times_of_the_zone_and_windows_have_each_row_once(
    tab: Tab, path: Path
) -> None:
    some = nightly(
        *(f"2026-10-{25:02d}T{hour:02d}:{minute:02d}" for hour in range(4) for minute in (0, 30))
    )
    show(tab, path, some, zone=named_zone("Europe/Berlin"), zone_name="Europe/Berlin")
    assert "Started from (Europe/Berlin)" in tab.run(
        "document.getElementById('filters').textContent"
    )
    found = []
    for hour in range(1, 6):
        tab.run(f"document.getElementById('filter-from').value = '2026-10-25T{hour:02d}:00'")
        fill(tab, "filter-to", f"2026-10-25T{hour + 1:02d}:00")
        text = status(tab)
        found.append(0 if text.startswith("No") else int(text.split(" of ")[1].split(",")[0]))
        click(tab, "#actions [type=reset]")
        shows(tab, 8, of=8)
    # The hour from 2 to 3 occurs twice.
    assert found == [0, 4, 2, 2, 0]


def test_a_link_tells_the_second_pass_of_a_repeated_hour_from_the_first(
    tab: Tab, path: Path
) -> None:
    some = nightly("2026-10-25T00:30", "2026-10-25T01:30")  # both 02:30 in Berlin
    show(tab, path, some, zone=named_zone("Europe/Berlin"), zone_name="Europe/Berlin")
    tab.run(f"location.hash = '#transfers?from={at('2026-10-25T01:00')}'")
    shows(tab, 1, of=2)
    assert column(tab, "uuid") == [some[1].uuid]


def leads_to(tab: Tab, wanted: str) -> None:
    tab.until(lambda: tab.run("location.hash") == f"#transfers?{wanted}")


def test_bars_of_charts_and_the_rows_of_their_data_lead_to_what_they_stand_for(page: Tab) -> None:
    for chart in ("volume", "percentiles", "histogram"):
        for place in (".slot[data-filter]", ".data a"):
            filters = page.run(
                f"[...document.querySelectorAll('.{chart} {place}')].map((e) => e.dataset.filter)"
            )
            assert filters, (chart, place)
            page.run(
                f"document.querySelectorAll('.{chart} {place}')[3]"
                ".dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))"
            )
            leads_to(page, filters[3])
    volume = everything(SOME).timeline.buckets[3]
    page.run("document.querySelectorAll('.volume .data a')[3].click()")
    shows(page, volume.counts.transfers)

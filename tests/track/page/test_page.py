"""The report in a real browser."""

from __future__ import annotations

import csv
import time
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Optional

import pytest

from fthg.track.figures import Reconciliation, SentFiles, Source, State
from fthg.track.report import write_report
from fthg.track.tracked import SECOND, Row, SentFile, Tracked
from tests.servers.chromium import Chromium, Tab
from tests.track.page import examples
from tests.track.page.browsing import (
    READY,
    click,
    column,
    exported,
    fill,
    show,
    show_figures,
    status,
)
from tests.track.page.examples import START
from tests.track.page.whole import everything
from tests.track.paired_ledgers import in_order, write_csv

HOSTILE = (
    '<script>document.title = "owned"</script>',
    "</script><script>alert(1)</script>",
    "<!--<script>",
    '"><img src=x onerror="document.title=1">',
    "' onmouseover='alert(1)",
    "=cmd|' /C calc'!A0",
    '+1, "two"\nlines',
    "🎉 👩‍👧 emoji.txt",
    "مرحبا بالعالم.pdf",
    "\u202egpj.exe",
    "a\u061cb\u200bc\xad\U000e0041.xml",
    "control\x00\x1b[31m\r\n\t.txt",
    "{{ 7 * 7 }}{% raw %}",
    "lone \ud800 surrogate",
    "x" * 4096,
)


def test_the_table_pages_through_all_transfers(tab: Tab, path: Path) -> None:
    show(tab, path, examples.transfers(330))
    assert status(tab) == "Showing 1 – 50 of 330"
    assert len(column(tab, "uuid")) == 50
    assert tab.run("document.querySelector('[data-page=previous]').disabled")
    first = column(tab, "uuid")
    click(tab, "[data-page=next]")
    assert status(tab) == "Showing 51 – 100 of 330"
    assert not set(first) & set(column(tab, "uuid"))
    click(tab, "[data-page=last]")
    assert status(tab) == "Showing 301 – 330 of 330"
    assert tab.run("document.querySelector('[data-page=next]').disabled")
    click(tab, "[data-page=first]")
    assert column(tab, "uuid") == first


TICKLISH = (
    0, 1, 999, 1_000, 9_995, 12_350, 12_250, 766_500, 767_500, 999_999, 1_125_000, 1_375_000,
    12_250_000, 59_999_999, 60_000_000, 3_599_999_999, 172_800_000_000, 900_000_000_000, -1_500,
)  # fmt: skip


def lasting(*transits: int) -> list[Tracked]:
    """Return a transfer for each transit time."""
    row = Row("x", "f", START, START, "SUCCESS")
    return [Tracked("passed", row, row._replace(end=START + transit)) for transit in transits]


def test_the_browser_shows_rows_as_the_plain_table_does(tab: Tab, path: Path) -> None:
    some = [*examples.transfers(1200)[:20], *lasting(*TICKLISH)]
    write_report(examples.figures(some), some, path)
    tab.without_javascript()
    tab.open(path)
    cells = "[...document.querySelectorAll('#all tbody td')].map((cell) => cell.outerHTML)"
    plain = tab.run(cells)
    tab.call("Emulation.setScriptExecutionDisabled", value=False)
    tab.open(path)
    tab.until(lambda: tab.run(READY))
    assert tab.run(cells) == plain
    assert len(plain) == 13 * len(some)


def test_every_column_sorts_both_ways(tab: Tab, path: Path) -> None:
    show(tab, path, examples.transfers(120))
    keys = tab.run("[...document.querySelectorAll('#all th')].map((head) => head.dataset.key)")
    assert len(keys) == 13
    for key in keys:
        for order in ("ascending", "descending"):
            click(tab, f"th[data-key={key}] button")
            assert tab.run(f"document.querySelector('th[data-key={key}]').ariaSort") == order
    assert tab.run("document.querySelectorAll('#all th[aria-sort]').length") == 1


def test_sorting_is_right_and_what_is_unknown_comes_last(tab: Tab, path: Path) -> None:
    some = examples.transfers(400)
    show(tab, path, some)
    tab.run("document.getElementById('page-size').value = '250'")
    click(tab, "th[data-key=file] button")
    names = sorted(transfer.filename or "" for transfer in some)
    assert column(tab, "file") == names[:250]
    click(tab, "th[data-key=transit] button")
    click(tab, "[data-page=last]")
    unknown = sum(transfer.transit is None for transfer in some)
    assert unknown
    assert column(tab, "transit")[-unknown - 1 :].count("–") == unknown
    click(tab, "th[data-key=transit] button")
    slowest = max(some, key=lambda transfer: transfer.transit or 0)
    assert column(tab, "uuid")[0] == slowest.uuid


def test_filters_narrow_by_text_result_time_and_duration(tab: Tab, path: Path) -> None:
    some = examples.transfers(600, seed=4)
    show(tab, path, some)
    fill(tab, "filter-text", "PAYROLL")
    wanted = [t for t in some if "payroll" in (t.filename or "")]
    assert status(tab) == f"Showing 1 – 50 of {len(wanted)}, filtered from 600"
    fill(tab, "filter-result", "not-passed")
    wanted = [t for t in wanted if t.result != "passed"]
    assert column(tab, "uuid") == [t.uuid for t in wanted]
    click(tab, "#actions [type=reset]")
    tab.until(lambda: status(tab) == "Showing 1 – 50 of 600")
    fill(tab, "filter-text", str(some[500].uuid))
    assert column(tab, "file") == [some[500].filename]
    fill(tab, "filter-text", "nothing like it")
    assert status(tab) == "No transfer fits the filter, of 600"
    click(tab, "#actions [type=reset]")
    tab.until(lambda: status(tab) == "Showing 1 – 50 of 600")
    fill(tab, "filter-from", "2026-11-08T17:00:00")
    fill(tab, "filter-to", "2026-11-08T17:30:00")
    low, high = START + examples.HOUR, START + examples.HOUR * 3 // 2
    within = [t for t in some if low <= (t.start or 0) < high]
    assert f"of {len(within)}, filtered" in status(tab)
    fill(tab, "filter-least", "2.5")
    fill(tab, "filter-most", "3")
    within = [t for t in within if t.transit and 2_500_000 <= t.transit <= 3_000_000]
    assert f"of {len(within)}, filtered" in status(tab)


def test_the_export_is_the_very_csv_that_fthg_writes(tab: Tab, path: Path, tmp_path: Path) -> None:
    some = in_order([*hostile(), *examples.transfers(300)])
    show(tab, path, some)
    write_csv(some, tmp_path / "own.csv")
    own = (tmp_path / "own.csv").read_bytes().decode()
    # What is no character at all each writes in its own way.
    assert exported(tab, tmp_path).replace("\ufffd", "?") == own


def test_the_export_holds_what_the_filter_left(tab: Tab, path: Path, tmp_path: Path) -> None:
    some = examples.transfers(600)
    show(tab, path, some)
    fill(tab, "filter-result", "failed")
    lines = list(csv.DictReader(exported(tab, tmp_path).splitlines()))
    assert [line["uuid"] for line in lines] == [t.uuid for t in some if t.result == "failed"]


def hostile() -> list[Tracked]:
    """Return transfers with every hostile text in every column, of all results."""
    made = []
    for index, text in enumerate(HOSTILE):
        row = Row(text, text, START + index, START + index + 900, text)
        made.append(Tracked("unpaired", row, None))
        made.append(Tracked("failed", row, row._replace(start=START + 2000, end=START + 5000)))
    return made


def test_hostile_text_neither_runs_nor_breaks_the_page(tab: Tab, path: Path) -> None:
    some = hostile()
    evil = HOSTILE[0]
    source = Source("ingress", evil, 3306, evil, HOSTILE[3], 1)
    lost = SentFile(evil, HOSTILE[1], HOSTILE[2], 1, START, START, "ok", None)
    sent = Reconciliation(1, SentFiles(1, (lost,)), examples.first(some), examples.first(some))
    show(
        tab,
        path,
        some,
        title=evil,
        ingress=source,
        quality=examples.findings(some),
        sent=sent,
        csv=HOSTILE[3],
    )
    assert tab.run("document.title") == evil
    assert tab.run("document.querySelector('h1').textContent") == evil
    assert tab.run("document.querySelectorAll('main img, main script, [onerror]').length") == 0
    names = column(tab, "file")
    assert names[0] == evil
    assert names[HOSTILE.index("\u202egpj.exe") * 2] == "⟨U+202E⟩gpj.exe"
    assert len(names[-1]) > 4096
    assert tab.run("document.querySelectorAll('h2').length") == 11
    assert not tab.run(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )


def test_a_script_in_a_logo_does_not_run(tab: Tab, path: Path, tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="alert(1)">'
        "<script>alert(2)</script><image href='http://127.0.0.1:9/x.png'/></svg>"
    )
    show(tab, path, examples.transfers(5), logo=str(tmp_path / "logo.svg"))
    assert tab.run("document.querySelector('.logo').naturalWidth") == 9


def test_without_javascript_all_but_the_rest_of_the_table_is_there(tab: Tab, path: Path) -> None:
    some = examples.transfers(1200)
    write_report(examples.figures(some), some, path)
    tab.without_javascript()
    tab.open(path)
    assert tab.run("document.querySelectorAll('#all tbody tr').length") == 1000
    assert "the first 1,000 are shown." in tab.run("document.getElementById('extent').textContent")
    assert tab.run("getComputedStyle(document.getElementById('actions')).display") == "none"
    assert tab.run("document.querySelectorAll('svg.plot').length") == 5


def test_the_keyboard_reaches_and_works_everything(tab: Tab, path: Path) -> None:
    show(tab, path, examples.transfers(300))
    tab.press("Tab")
    assert tab.run("document.activeElement.textContent") == "Skip to the report"
    tab.run("document.querySelector('th[data-key=transit] button').focus()")
    tab.press("Enter")
    assert tab.run("document.querySelector('th[data-key=transit]').ariaSort") == "ascending"
    tab.press(" ")
    assert tab.run("document.querySelector('th[data-key=transit]').ariaSort") == "descending"
    assert tab.run("document.activeElement.textContent") == "Transit"
    tab.run("document.getElementById('filter-text').focus()")
    tab.type("xml")
    tab.until(lambda: "filtered" in status(tab))
    reached = set()
    for _ in range(60):
        tab.press("Tab")
        reached.add(
            tab.run("document.activeElement.dataset?.page ?? document.activeElement.id ?? ''")
        )
    assert {"filter-result", "filter-from", "export", "page-size", "next"} <= reached


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(tab: Tab, path: Path, axe: str, scheme: str) -> None:
    some = examples.transfers(1200, seed=2)
    tab.media(scheme=scheme)
    failed = examples.first([t._replace(result="failed") for t in some[:60]], most=40)
    state = State.RUNNING if scheme == "dark" else State.ENDED_EARLY
    show_figures(tab, path, some, everything(some, state=state, failures=failed))
    tab.run("document.querySelectorAll('details').forEach((part) => part.open = true)")
    tab.run("document.getElementById('transfers').style.contentVisibility = 'visible'")
    tab.run(axe)
    findings = tab.run(
        "axe.run(document, {resultTypes: ['violations']}).then((found) => found.violations.map("
        "(rule) => [rule.impact, rule.id, rule.nodes.slice(0, 3).map((node) => "
        "node.target.join(' ') + ' ' + node.failureSummary)]))"
    )
    assert findings == []


def test_dark_mode_follows_the_system_and_paper_stays_white(tab: Tab, path: Path) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    show(tab, path, examples.transfers(20))
    tab.media(scheme="light")
    assert tab.run(background) == "rgb(255, 255, 255)"
    tab.media(scheme="dark")
    assert tab.run(background) == "rgb(16, 21, 28)"
    tab.media("print", scheme="dark")
    assert tab.run(background) == "rgb(255, 255, 255)"


def test_it_prints_to_a_pdf_without_its_controls(tab: Tab, path: Path) -> None:
    show(tab, path, examples.transfers(300))
    document = tab.pdf()
    assert document.startswith(b"%PDF")
    assert 3 <= document.count(b"/Type /Page\n") <= 20
    tab.media("print")
    assert tab.run("getComputedStyle(document.getElementById('filters')).display") == "none"


def test_nothing_sticks_out_on_a_narrow_screen(tab: Tab, path: Path) -> None:
    tab.width(360)
    show(tab, path, examples.transfers(800), title="A" * 80)
    assert tab.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_sides_of_unpaired_rows_stand_one_below_the_other_on_a_narrow_screen(
    tab: Tab, path: Path
) -> None:
    tab.width(360)
    show(tab, path, examples.transfers(2000))
    lefts = tab.run(
        "[...document.querySelectorAll('#unpaired .side')]"
        ".map((side) => side.getBoundingClientRect().left)"
    )
    assert len(lefts) == 2
    assert lefts[0] == lefts[1]


def test_no_field_of_the_filter_lies_on_another(tab: Tab, path: Path) -> None:
    show(tab, path, examples.transfers(60))
    fields = (
        "[...document.querySelectorAll('.field')].map((field) => field.getBoundingClientRect())"
        ".map(({ left, right, top, bottom }) => [left, right, top, bottom])"
    )
    for width in (1280, 800, 360):
        tab.width(width)
        boxes = tab.run(fields)
        assert len(boxes) == 9
        for (left, right, top, bottom), other in combinations(boxes, 2):
            beside = left >= other[1] or right <= other[0]
            assert beside or top >= other[3] or bottom <= other[2], width


def test_all_columns_of_the_table_fit_where_times_have_an_offset(tab: Tab, path: Path) -> None:
    some = examples.transfers(60)
    start = 1_792_879_200 * SECOND  # 2026-10-24T22:00:00Z, the day when summer time ends
    shift = start - examples.START
    moved = [moved_by(t, shift) for t in some]
    figures = replace(
        examples.figures(some),
        start=start,
        end=start + 25 * examples.HOUR,
        zone=examples.BERLIN,
        zone_name="Europe/Berlin",
    )
    show_figures(tab, path, moved, figures)
    assert "+02:00" in tab.run("document.querySelector('#all .when').innerText")
    assert tab.run(
        "(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)"
        "(document.getElementById('all').closest('.scroll'))"
    )


def moved_by(transfer: Tracked, shift: int) -> Tracked:
    """Return a transfer whose times are later."""

    def moved(row: Optional[Row]) -> Optional[Row]:
        return row and row._replace(
            start=row.start and row.start + shift, end=row.end and row.end + shift
        )

    return transfer._replace(ingress=moved(transfer.ingress), egress=moved(transfer.egress))


def test_sent_files_bring_their_columns(tab: Tab, path: Path, tmp_path: Path) -> None:
    some = in_order(
        t._replace(
            sent=SentFile(t.uuid, "orders", "f", 50_000, (t.start or 0) - 500, t.start, "ok", None)
        )
        for t in examples.transfers(60)
    )
    nothing = examples.first([])
    show(tab, path, some, sent=Reconciliation(60, SentFiles(0, ()), nothing, nothing))
    assert column(tab, "size") == ["48.8 KiB"] * 50
    assert column(tab, "throughput")[-1].endswith("KiB/s")
    write_csv(some, tmp_path / "own.csv", sent=True)
    assert exported(tab, tmp_path) == (tmp_path / "own.csv").read_bytes().decode()


def test_a_hundred_thousand_transfers_are_usable_soon(chromium: Chromium, path: Path) -> None:
    some = examples.transfers(100_000)
    write_report(examples.figures(some[:5000], counts=examples.count(some)), some, path)
    assert path.stat().st_size < 8_000_000
    tab = chromium.tab()
    began = time.monotonic()
    tab.open(path)
    tab.until(lambda: tab.run(READY))
    # Three seconds are the goal on a machine of one's own; this one may be shared.
    assert time.monotonic() - began < 12
    assert status(tab) == "Showing 1 – 50 of 100,000"
    for width in (1280, 360):
        tab.width(width)
        assert tab.run(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
    took = tab.run(
        "(() => { const began = performance.now();"
        "document.querySelector('th[data-key=file] button').click();"
        "return performance.now() - began })()"
    )
    assert took < 1500
    assert tab.complaints == []
    tab.close()

"""The report on paper, printed by Chromium and read by poppler."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from fthg.track.figures import Counts, Figures, Reconciliation, SentFiles, Transfers
from fthg.track.report import write_report
from fthg.track.tracked import SentFile, Tracked
from tests.servers import need
from tests.servers.chromium import Tab
from tests.track.page import examples
from tests.track.page.browsing import READY
from tests.track.page.whole import everything


def printed(
    tab: Tab, path: Path, some: Sequence[Tracked], figures: Figures, before: str = "0"
) -> list[str]:
    """Return the text of each page; `before` runs before it is printed."""
    write_report(figures, some, path)
    tab.open(path)
    tab.until(lambda: tab.run(READY) or not some)
    tab.run(before)
    return pages(tab, path)


def pages(tab: Tab, path: Path) -> list[str]:
    document = path.with_suffix(".pdf")
    document.write_bytes(tab.pdf())
    text = subprocess.run(
        [need("pdftotext"), "-layout", str(document), "-"],
        capture_output=True,
        check=True,
        timeout=30,
        text=True,
    ).stdout
    return [re.sub(r"[^\S\n]+", " ", page) for page in text.split("\f")[:-1]]


FIRST_PAGE = (
    "Nightly partner exchange", "2026-11-08 16:00:00 – 18:00:00 UTC",  # the period
    "db-in.example.com:3306", "db-out.example.com:3306", "2,000 rows",  # the sources
    "2026-11-08 18:05:12 UTC",  # the snapshot
    "of 2,000 transfers passed", "3 unpaired rows: 1 at ingress, 2 at egress",
    "pass_rate >= 99%", "unpaired == 0", "found", "Note 1 The median transit",
    "Pass rate", "Timeout", "Still open", "Transit, p95", "Transit, max",
    "Service level", "Target missed", "95% within 4s", "By hour",
    "Volume over time", "Transit time over time",
)  # fmt: skip


def test_the_first_page_is_complete_by_itself(tab: Tab, path: Path) -> None:
    some = examples.transfers(2000)
    first, *others = printed(tab, path, some, everything(some))
    assert [text for text in FIRST_PAGE if text not in first] == []
    assert "Spread of transit times" in others[0]


def test_the_first_page_is_complete_without_javascript_too(tab: Tab, path: Path) -> None:
    some = examples.transfers(2000)
    write_report(everything(some), some, path)
    tab.without_javascript()
    tab.open(path)
    first, *others = pages(tab, path)
    assert [text for text in FIRST_PAGE if text not in first] == []
    assert "On paper: the first 20 of 2,000." in " ".join(others)
    assert len(others) < 8


def test_every_page_names_the_report_the_period_and_its_number(tab: Tab, path: Path) -> None:
    some = examples.transfers(300)
    found = printed(tab, path, some, everything(some, title='Ein "Titel" \\ ä 🎉 </style>'))
    for number, page in enumerate(found, 1):
        last = page.strip().splitlines()[-1].strip()
        assert last.startswith('2026-11-08 16:00:00 – 18:00:00 UTC · Ein "Titel" \\ ä')
        assert "</style>" in last
        assert re.search(rf" {number} ?/ ?{len(found)}$", last)


def test_few_pages_hold_the_report_of_many_transfers_and_say_what_they_leave_out(
    tab: Tab, path: Path
) -> None:
    some = examples.transfers(2500)
    failed = [t._replace(result="failed") for t in some[:1000]]
    lone = [Tracked("unpaired", t.ingress or t.egress, None) for t in some[:1000]]
    lost = SentFile("u", "orders", "lost.xml", 2_000, examples.START, None, "ok", None)
    nothing = examples.first([])
    figures = everything(
        some,
        counts=Counts(passed=42_000, failed=2000, unpaired=2000),
        failures=Transfers(2000, tuple(failed)),
        unpaired_ingress=Transfers(1500, tuple(lone)),
        unpaired_egress=Transfers(500, tuple(lone[:500])),
        failure_spans=everything(some).failure_spans[:1] * 300,
        sent=Reconciliation(2500, SentFiles(900, (lost,) * 900), nothing, nothing),
    )
    found = printed(
        tab,
        path,
        some,
        figures,
        "document.querySelectorAll('input.all').forEach((box) => box.click())",
    )
    text = " ".join(found)
    assert len(found) <= 12
    assert "The latest 20 of 2,000." in text
    assert "The oldest 20 of 1,500." in text
    assert "The oldest 20 of 500." in text
    assert "The first 20 of 900." in text
    assert "The first 20 of 300 groups." in text
    assert "On paper: 1 – 20 of 2,500." in text  # which the file has


def test_the_heading_of_a_list_stands_on_each_of_its_pages(tab: Tab, path: Path) -> None:
    some = [
        t._replace(
            result="failed", ingress=t.ingress._replace(uuid="u" * 70, filename="long name " * 7)
        )
        for t in examples.transfers(40, trouble=False)
        if t.ingress
    ]
    figures = everything(some, failures=Transfers(40, tuple(some)), slowest=())
    found = [page for page in printed(tab, path, some, figures) if "long name long" in page]
    lists = ["Started (UTC)", "Ingress start"]
    assert [[head in page for head in lists] for page in found] == [
        [True, False],
        [True, False],
        [False, True],
        [False, True],
    ]


def test_paper_has_no_controls_and_the_filter_that_the_screen_has(tab: Tab, path: Path) -> None:
    some = examples.transfers(2000)
    found = " ".join(
        printed(tab, path, some, everything(some), "location.hash = '#transfers?result=failed'")
    )
    failed = sum(t.result == "failed" for t in some)
    assert f"On paper: 1 – {failed} of {failed}, filtered from 2,000." in found
    for control in ("Export CSV", "Clear filter", "Show all", "Page 1 of", "Skip to"):
        assert control not in found


def test_labels_at_the_edge_of_charts_are_whole(tab: Tab, path: Path) -> None:
    some = examples.transfers(2000)
    first, second, *_ = printed(tab, path, some, everything(some))
    assert re.search(r"16:00 .*18:00", first)
    assert "longer" in second


def test_an_empty_period_is_one_page_and_the_method(tab: Tab, path: Path) -> None:
    found = printed(tab, path, [], examples.figures([]))
    assert "No transfer started in this period" in found[0]
    assert len(found) <= 4

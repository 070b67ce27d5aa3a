"""The report as a file: what it says without a browser."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Optional

import pytest

from fthg.errors import StartError
from fthg.track.figures import Counts, Reconciliation, SentFiles, Sla, State
from fthg.track.report import PLAIN_ROWS, write_report
from fthg.track.tracked import SECOND, SentFile
from tests.track.page import examples


class Text(HTMLParser):
    """The words of a page, its headings, and every attribute that could run or load something."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.words: list[str] = []
        self.active: list[str] = []
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Optional[str]]]) -> None:
        self._within.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "src", "srcset", "action"):
                self.active.append(f"{name}={value}")
            if name == "href" and not (value or "").startswith(("#", "data:,")):
                self.active.append(f"{name}={value}")
        if tag == "h2":
            self.headings.append("")

    def handle_endtag(self, tag: str) -> None:
        while self._within and self._within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "h2" in self._within:
            self.headings[-1] += data
        if not {"script", "style"} & set(self._within):
            self.words.append(data)


def read(path: Path) -> Text:
    page = Text()
    page.feed(path.read_text("utf-8"))
    return page


def report(tmp_path: Path, count: int = 200, **changes: Any) -> Text:
    some = examples.transfers(count)
    write_report(examples.figures(some, **changes), some, tmp_path / "report.html")
    return read(tmp_path / "report.html")


def test_sections_stand_in_the_order_of_the_contract(tmp_path: Path) -> None:
    headings = [re.sub(r"[\d,\s]+$", "", heading) for heading in report(tmp_path).headings]
    assert headings == [
        "Overview",
        "Service level",
        "Charts",
        "Status at ingress and egress",
        "Failures",
        "Unpaired rows",
        "Slowest transfers",
        "Data quality",
        "All transfers",
        "Method and glossary",
    ]


def test_nothing_on_the_page_loads_or_runs_but_its_own_script(tmp_path: Path) -> None:
    assert report(tmp_path).active == []
    policy = re.search(
        r'http-equiv="Content-Security-Policy" content="([^"]+)"',
        (tmp_path / "report.html").read_text("utf-8"),
    )
    assert policy
    assert policy.group(1).startswith("default-src &#39;none&#39;; script-src &#39;sha256-")
    assert "unsafe" not in policy.group(1)


def test_the_file_is_for_owner_and_group_only(tmp_path: Path) -> None:
    report(tmp_path)
    assert (tmp_path / "report.html").stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_an_earlier_report_stays_whole_when_a_new_one_fails(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("earlier")
    some = examples.transfers(10)

    def broken() -> Any:
        yield some[0]
        raise RuntimeError("the ledger broke")

    with pytest.raises(RuntimeError, match="the ledger broke"):
        write_report(examples.figures(some), broken(), path)
    assert path.read_text() == "earlier"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_path_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "report.html"
    with pytest.raises(StartError, match=r"missing/report\.html cannot be written: No such file"):
        write_report(examples.figures([]), [], path)


def test_the_first_transfers_are_plain_html_and_those_that_failed_come_first(
    tmp_path: Path,
) -> None:
    report(tmp_path, 1500)
    page = (tmp_path / "report.html").read_text("utf-8")
    table = page[page.index('<table id="all"') : page.index("</table>", page.index('id="all"'))]
    results = re.findall(r"badge is-(\w+)", table)
    assert len(results) == PLAIN_ROWS
    assert results[0] == "unpaired"
    assert results[-1] == "passed"
    assert "Without JavaScript the first 1,000 are shown." in page


def test_an_empty_period_is_a_valid_report_that_says_so(tmp_path: Path) -> None:
    text = " ".join(report(tmp_path, 0).words)
    assert "No transfer started in this period." in text
    assert "None. No transfer failed or timed out." in text
    assert "None. No row without a partner is older" in text


def test_a_report_between_polls_is_marked(tmp_path: Path) -> None:
    assert "Still running" in " ".join(report(tmp_path, state=State.RUNNING).words)
    text = " ".join(report(tmp_path).words)
    assert "Still running" not in text
    assert "Final report" in text


def test_the_page_says_where_the_rest_is_when_not_all_fit(tmp_path: Path) -> None:
    some = examples.transfers(20)
    counts = Counts(passed=250_000)
    figures = examples.figures(some, counts=counts, csv="/srv/reports/all.csv")
    write_report(figures, some, tmp_path / "report.html")
    text = " ".join(" ".join(read(tmp_path / "report.html").words).split())
    assert "The table holds 20 of 250,000 transfers" in text
    assert "All are in the CSV file /srv/reports/all.csv" in text


def test_the_service_level_shows_how_many_were_within_the_limit(tmp_path: Path) -> None:
    sla = Sla(60 * SECOND, 98, 99, 2)
    text = " ".join(" ".join(report(tmp_path, sla=sla).words).split())
    assert "98.98% 98 of 99 transfers passed within 1m 00s; 1 did not. 2 still open" in text
    assert "Service level" not in report(tmp_path, sla=None).headings


def test_files_that_were_sent_and_never_seen_are_named(tmp_path: Path) -> None:
    lost = SentFile("u-1", "orders", "lost.xml", 2_000, examples.START, None, "ok", None)
    nothing = examples.first([])
    sent = Reconciliation(201, SentFiles(1, (lost,)), nothing, nothing)
    page = report(tmp_path, sent=sent)
    assert "Sent by fthg" in page.headings
    text = " ".join(" ".join(page.words).split())
    assert "1 sent file never arrived" in text
    assert "lost.xml" in page.words
    assert "Send to end" in text


def test_data_quality_findings_are_explained_with_examples(tmp_path: Path) -> None:
    findings = examples.findings(examples.transfers(100))
    text = " ".join(" ".join(report(tmp_path, quality=findings).words).split())
    assert "Duplicate UUID 3 At ingress: further rows with a UUID of their side" in text
    assert "Negative transit 41 In both: pairs whose egress ends" in text


def test_a_logo_is_embedded(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    page = report(tmp_path, logo=str(tmp_path / "logo.svg"))
    assert [src[:30] for src in page.active] == ["src=data:image/svg+xml;base64,"]

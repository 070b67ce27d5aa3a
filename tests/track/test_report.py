"""The report as a file: what it says without a browser."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Optional

import pytest

from fthg.errors import StartError
from fthg.track.figures import Counts, FailureSpan, Hint, Reconciliation, SentFiles, Sla, State
from fthg.track.quality import KINDS
from fthg.track.report import PLAIN_ROWS, write_report
from fthg.track.tracked import SECOND, Row, SentFile, Tracked
from fthg.zones import named_zone
from tests.track.page import examples
from tests.track.page.whole import everything


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


def whole(tmp_path: Path, **changes: Any) -> str:
    """Return the text of a report with every section."""
    some = examples.transfers(2000)
    write_report(everything(some, **changes), some, tmp_path / "report.html")
    return " ".join(" ".join(read(tmp_path / "report.html").words).split())


def test_optional_sections_stand_in_the_order_of_the_contract(tmp_path: Path) -> None:
    whole(tmp_path)
    headings = [re.sub(r"[\d,\s]+$", "", text) for text in read(tmp_path / "report.html").headings]
    assert headings[2:5] == ["Charts", "Groups", "Status at ingress and egress"]
    assert headings[-4:] == [
        "Data quality",
        "Comparison with the baseline",
        "All transfers",
        "Method and glossary",
    ]


def test_thresholds_are_listed_with_what_was_found(tmp_path: Path) -> None:
    text = whole(tmp_path)
    assert "pass_rate >= 99% passed: found 99.44%" in text
    assert "unpaired == 0 failed: found 3" in text
    assert "transit p95 < 5s passed: found 4.08s" in text


def test_a_hint_is_a_note_at_the_figures_that_it_makes_doubtful(tmp_path: Path) -> None:
    text = whole(tmp_path)
    assert "Note 1 The median transit is negative: the clocks of both servers differ." in text
    assert text.count("doubtful: note 1") == 5  # four tiles of transit times, service level
    assert "doubtful" not in whole(tmp_path, hints=())


def test_the_service_level_says_whether_its_target_was_met(tmp_path: Path) -> None:
    assert "Target missed 95% within 4s 1,873 of 1,995 transfers passed" in whole(tmp_path)
    met = Sla(60 * SECOND, 98, 99, 0, Fraction(98, 100))
    assert "Target met 98% within 1m 00s 98 of 99 transfers passed" in whole(tmp_path, sla=met)
    assert "Target" not in " ".join(report(tmp_path, sla=Sla(SECOND, 98, 99, 0)).words)


def test_a_target_that_nothing_has_met_or_missed_yet_has_no_tick(tmp_path: Path) -> None:
    text = whole(tmp_path, sla=Sla(60 * SECOND, 0, 0, 3, Fraction(98, 100)))
    assert "Target 98% within 1m 00s No transfer is decided; the limit is 1m 00s. 3 still" in text


def test_notes_and_meanings_of_findings_are_whole_sentences(tmp_path: Path) -> None:
    text = whole(tmp_path, hints=(Hint("empty_side", "egress has no rows; check its host"),))
    assert "Note 1 Egress has no rows; check its host." in text
    assert not [kind for kind, meaning in KINDS.items() if not meaning[-1].isalpha()]


def test_the_service_level_by_hour_is_a_table_too(tmp_path: Path) -> None:
    text = whole(tmp_path)
    assert "From (UTC) In time Of Share 2026-11-08 16:00:00" in text
    assert "By hour" in text
    days = everything(examples.transfers(2000)).sla
    assert days
    assert "By day" in whole(tmp_path, sla=replace(days, by_day=True))


def test_failures_close_together_are_summed_up_above_the_list(tmp_path: Path) -> None:
    span = FailureSpan(examples.START, examples.START + 300 * SECOND, 30, 6)
    single = FailureSpan(examples.START, examples.START, 1, 0)
    text = whole(tmp_path, failure_spans=(span, single))
    assert "36 failures 2026-11-08 16:00:00 – 16:05:00, 30 failed and 6 timed out" in text
    assert "1 further failure stands alone." in text


def test_groups_have_their_figures(tmp_path: Path) -> None:
    text = whole(tmp_path)
    assert "orders orders-* 338 335 1 – 1 1 99.70%" in text
    assert "payroll payroll-*.xml payroll-*.csv 328" in text


def test_the_comparison_marks_what_is_worse(tmp_path: Path) -> None:
    text = whole(tmp_path)
    assert "Pass rate 99.91% 99.44% −0.5% Worse" in text
    assert "Unpaired 0 3 – Worse" in text
    assert "Transit p95 4.5s 4.08s −9.3% Better" in text
    assert "Transit p50 2.16s 2.16s ±0%" in text


def test_lists_say_how_many_they_show(tmp_path: Path) -> None:
    some = examples.transfers(60, trouble=False)
    text = whole(tmp_path, failures=examples.first(some, most=50))
    assert "The latest 20 of 60." in text
    assert "Show the first 50" in text
    text = whole(tmp_path, failures=examples.first(some, most=60))
    assert "Show all 60" in text


def test_the_page_names_its_zone_and_carries_the_changes_of_its_clocks(tmp_path: Path) -> None:
    zone = named_zone("Europe/Berlin")
    text = whole(tmp_path, zone=zone, zone_name="Europe/Berlin")
    assert "All times are in Europe/Berlin." in text
    assert "the CSV has UTC" in text
    assert "in a period with such a change each time names its offset" in text
    changing = {"start": examples.START - 30 * 24 * examples.HOUR}  # with the end of summer time
    text = whole(tmp_path, zone=zone, zone_name="Europe/Berlin", **changing)
    assert "each time names its offset from UTC, which tells the two passes apart" in text
    text = whole(tmp_path, zone=zone, zone_name="Europe/Berlin")
    page = (tmp_path / "report.html").read_text("utf-8")
    offsets = re.search(r'data-zone="\[\[(\d+), (\d+)\]', page)
    assert offsets
    assert int(offsets[2]) == 3600
    assert int(offsets[1]) <= examples.START


def test_times_of_a_thousand_years_do_not_make_the_page_large_or_slow(tmp_path: Path) -> None:
    row = Row("x", "f", -(10**16), 10**17, "SUCCESS")  # from 1653 to 5138
    some = [Tracked("passed", row, row._replace(start=examples.START))]
    figures = examples.figures(some, zone=named_zone("Europe/Berlin"))
    write_report(figures, some, tmp_path / "report.html")
    assert (tmp_path / "report.html").stat().st_size < 300_000

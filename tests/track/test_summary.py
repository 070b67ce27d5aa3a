from __future__ import annotations

import io
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from fthg.track.ending import exit_status, print_end
from fthg.track.figures import (
    Counts,
    Figures,
    Group,
    Hint,
    Reconciliation,
    SentFiles,
    Sla,
    State,
    Transfers,
)
from fthg.track.plan import TrackPlan
from fthg.track.side import Side
from fthg.track.tracked import SECOND
from fthg.track.vocabulary import VOCABULARY, named_figures
from fthg.verdicts.baseline import Change
from fthg.verdicts.thresholds import judge, parse
from tests.track.page import examples

SIDE = Side("ingress", "h", "u", "d")
PLAN = TrackPlan(SIDE, SIDE, 0, 1, output="r.html", junit="j.xml")
NOTHING = Transfers(0, ())
MISSING = Reconciliation(5, SentFiles(2, ()), NOTHING, Transfers(1, ()))


def _figures(counts: Counts, *limits: str, **changes: Any) -> Figures:
    figures = examples.figures([], **{"counts": counts, "sla": None, **changes})
    thresholds = [parse(text, VOCABULARY) for text in limits]
    object.__setattr__(figures, "thresholds", judge(thresholds, named_figures(figures)))
    return figures


def _printed(figures: Figures, quiet: bool = False, width: int = 80) -> tuple[list[str], str]:
    """Return the lines of the summary, and what the terminal shows besides."""
    out, terminal = io.StringIO(), io.StringIO()
    console = Console(file=out, width=width)
    print_end(figures, PLAN, None if quiet else console, Console(file=terminal, width=width))
    return out.getvalue().splitlines(), terminal.getvalue()


def _busy(title: str = "Night") -> Figures:
    return _figures(
        Counts(passed=1719, failed=250, timeout=31, in_progress=7, pending=5, unpaired=4),
        "pass_rate >= 99%",
        "unpaired < 10",
        title=title,
        transit=examples.spread([n * SECOND for n in range(1, 90)]),
        sla=Sla(5 * SECOND, 1719, 2004, 3),
        unpaired_ingress=Transfers(3, ()),
        unpaired_egress=Transfers(1, ()),
        sent=MISSING,
        groups=(
            Group("orders", ("order-*",), Counts(passed=9), examples.spread([SECOND] * 9), 9),
            Group(f"long {title} " * 9, ("*",), Counts(), None),
        ),
        hints=(
            Hint("same_table", "both sides are the same table"),
            Hint("index", "there is no index on startTime at ingress; " * 4, ("transit",)),
        ),
        baseline=(
            Change("pass_rate", "share", 0.98, 0.8595, True),
            Change("unpaired", "count", 0, 4, True),
            Change("transit p95", "time", 4.0, 5.0, True),
            Change("sla", "share", None, 0.8, None),
        ),
    )


def test_the_verdict_comes_first_then_thresholds_hints_and_figures() -> None:
    lines, besides = _printed(_busy())
    text = "\n".join(lines)
    order = [
        "tracking  Night", "1,719 of 2,016 transfers passed: the threshold pass_rate >= 99%",
        "check the set-up: both sides are the same\n    table.",
        "✗ pass_rate >= 99%  85.95%", "✓ unpaired < 10     4", "  ! there is no index",
        "period...........: 2026-11-08 16:00:00 +0000 to 2026-11-08 18:00:00 +0000",
        "transfers........: 2,016", "passed...........: 1,719        85.95%",
        "failed...........: 250          12.50%", "timeout..........: 31            1.55%",
        "in progress......: 7", "pending..........: 5",
        "unpaired.........: 4           3 at ingress, 1 at egress", "sent, accepted...: 5",
        "missing..........: 2", "unexpected.......: 1",
        "sla..............: 1,719 of 2,004 within 5s 85.77%",
        "transit..........:        45s     1m 25s     1m 29s     1m 29s",
        "orders...........:          9    100.00%          0         1s         1s",
        "pass_rate..........:      98.00%      85.95%   -12.05 pp",
        "unpaired...........:           0           4         new",
        "transit p95........:          4s          5s      +25.0%",
        "sla................:           –      80.00%           –",
        "report...........: r.html", "junit............: j.xml",
    ]  # fmt: skip
    places = [text.find(words) for words in order]
    assert -1 not in places, [words for words, place in zip(order, places) if place < 0]
    assert places == sorted(places)
    assert not besides


@pytest.mark.parametrize("title", ["Night", "N" * 300, "a\x1b[2Jb\nc\u202e"])
def test_nothing_is_wider_than_80_columns_or_drives_the_terminal(title: str) -> None:
    lines, _ = _printed(_busy(title))
    assert max(map(len, lines)) <= 80
    assert all(line.isprintable() for line in lines)


def test_times_are_in_the_zone() -> None:
    zone = {"zone": ZoneInfo("Europe/Berlin"), "zone_name": "Europe/Berlin"}
    lines, _ = _printed(_figures(Counts(), **zone))
    assert "    period...........: 2026-11-08 17:00:00 +0100 to 2026-11-08 19:00:00 +0100" in lines


def test_a_failed_threshold_is_printed_even_where_no_summary_is() -> None:
    figures = _figures(Counts(passed=1, failed=1), "pass_rate >= 99%", "failed < 2")
    assert _printed(figures, quiet=True) == (
        [], "fthg: threshold failed: pass_rate >= 99%, found 50.00%\n",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("figures", "status"),
    [
        (_figures(Counts(passed=1)), 0),
        (_figures(Counts(failed=1)), 0),
        (_figures(Counts(failed=1), "failed == 0"), 99),
        (_figures(Counts(failed=1, unpaired=1), "failed == 0"), 5),
        (_figures(Counts(passed=1), sent=MISSING), 5),
        (_figures(Counts(), "pass_rate > 1%"), 99),
        (_figures(Counts(failed=1), "failed == 0", state=State.ENDED_EARLY), 99),
    ],
)
def test_the_status_is_the_first_that_applies(figures: Figures, status: int) -> None:
    assert exit_status(figures) == status
    assert exit_status(figures, unwritten=True) == 3

from __future__ import annotations

from zoneinfo import ZoneInfo

from fthg.track.check import describe_plan
from fthg.track.plan import TrackPlan
from fthg.track.side import Side
from fthg.track.tracked import SECOND
from fthg.track.vocabulary import VOCABULARY
from fthg.verdicts.baseline import Baseline
from fthg.verdicts.thresholds import parse

START = 1_792_886_400 * SECOND  # 2026-10-25T00:00Z


def _plan(**changes: object) -> TrackPlan:
    side = Side("ingress", "db", "u", "d", password="geheim")
    return TrackPlan(side, side, START, START + 7200 * SECOND, **changes)  # type: ignore[arg-type]


def test_the_plan_says_what_is_read_judged_and_written() -> None:
    plan = _plan(
        sla=60 * SECOND,
        thresholds=(parse("pass_rate >= 99%", VOCABULARY), parse("failed < 3", VOCABULARY)),
        groups=(("orders", ("order-*", "*.ord")),),
        baseline=Baseline("before.json", {}),
        output="r.html",
        junit="j.xml",
        zone=ZoneInfo("Europe/Berlin"),
        zone_name="Europe/Berlin",
    )
    assert list(describe_plan(plan)) == [
        "ingress: db:3306, database d, table transfers",
        "ingress: db:3306, database d, table transfers",
        "period: 2026-10-25 02:00:00 +0200 to 2026-10-25 03:00:00 +0100 (Europe/Berlin)",
        "poll: every 10s, grace 5m 00s",
        "sla: 1m 00s",
        "threshold: pass_rate >= 99%",
        "threshold: failed < 3",
        "group orders: order-*, *.ord",
        "baseline: before.json",
        "writes: r.html",
        "writes: j.xml",
        "The configuration is right.",
    ]


def test_what_is_not_asked_for_is_left_out() -> None:
    lines = list(describe_plan(_plan(once=True)))
    assert "poll: once, grace 5m 00s" in lines
    assert len(lines) == 5

"""Figures with every section that a report can have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import Any

from fthg.track.figures import FailureSpan, Figures, Group, Hint, SlaStep
from fthg.track.tracked import SECOND, Tracked
from fthg.verdicts.baseline import Change
from fthg.verdicts.thresholds import Threshold, Verdict
from tests.track.page import examples
from tests.track.page.examples import HOUR, START


def everything(some: Sequence[Tracked], period: int = 2 * HOUR, **changes: Any) -> Figures:
    """Return figures with every section that a report can have."""
    plain = examples.figures(some, period)
    assert plain.sla
    known: dict[str, Any] = {
        "sla": replace(plain.sla, target=Fraction(95, 100), steps=steps(some, period)),
        "thresholds": (
            Verdict(
                Threshold("pass_rate >= 99%", "pass_rate", None, ">=", 99, "count", "decided"),
                99.44,
                True,
            ),
            Verdict(Threshold("unpaired == 0", "unpaired", None, "==", 0, "count"), 3, False),
            Verdict(Threshold("transit p95 < 5s", "transit", "p95", "<", 5, "time"), 4.08, True),
        ),
        "groups": (
            group("orders", some, "orders-*"),
            group("payroll", some, "payroll-*.xml", "payroll-*.csv"),
        ),
        "hints": (
            Hint(
                "clock_skew",
                "The median transit is negative: the clocks of both servers differ",
                ("transit", "sla"),
            ),
        ),
        "failure_spans": (
            failure_span(some, START + period // 8, START + period // 2),
            FailureSpan(START + period - SECOND, START + period - SECOND, 1, 0),
        ),
        "quality": examples.findings(some) if len(some) > 20 else (),
        "baseline": (
            Change("pass_rate", "share", 0.9991, 0.9944, True),
            Change("unpaired", "count", 0, 3, True),
            Change("transit p95", "time", 4.5, 4.08, False),
            Change("transit p50", "time", 2.16, 2.16),
        ),
    }
    return replace(plain, **{**known, **changes})


def steps(some: Sequence[Tracked], period: int, step: int = HOUR // 4) -> tuple[SlaStep, ...]:
    """Return the service level by step, of those that have transfers."""
    found = []
    for start in range(START, START + period, step):
        part = [t for t in some if t.start is not None and start <= t.start < start + step]
        decided = [t for t in part if t.result not in ("in_progress", "pending")]
        within = sum(t.result == "passed" and (t.transit or 0) <= 4 * SECOND for t in decided)
        if decided:
            found.append(SlaStep(start, start + step, within, len(decided)))
    return tuple(found)


def failure_span(some: Sequence[Tracked], start: int, end: int) -> FailureSpan:
    """Return the failures of one part of the period."""
    part = examples.count(t for t in some if start <= (t.start or 0) <= end)
    return FailureSpan(start, end, part.failed, part.timeout)


def group(name: str, some: Sequence[Tracked], *patterns: str) -> Group:
    """Return the figures of the transfers whose names fit."""
    part = [t for t in some if any(fnmatchcase(t.filename or "", one) for one in patterns)]
    within = sum(t.result == "passed" and (t.transit or 0) <= 4 * SECOND for t in part)
    transit = examples.spread(t.transit for t in part)
    return Group(name, patterns, examples.count(part), transit, within)

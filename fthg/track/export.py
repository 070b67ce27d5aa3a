"""Figures → JSON for other programs; no file is ever incomplete."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, Optional

from ..text import iso_micros
from ..writing import replacing
from .figures import Figures, QualityFinding, Spread
from .tracked import SECOND


def write_summary(figures: Figures, path: str) -> None:
    """Write the figures as JSON; times ISO 8601 UTC, durations in seconds."""
    with replacing(path) as file:
        json.dump(summary(figures), file, indent=2)
        file.write("\n")


def summary(figures: Figures) -> dict[str, Any]:
    """Return the content of the summary file."""
    counts = figures.counts
    found: dict[str, Any] = {
        "title": figures.title,
        "from": show_moment(figures.start),
        "to": show_moment(figures.end),
        "snapshot": show_moment(figures.snapshot),
        "state": figures.state.value,
        "transfers": counts.transfers,
        "passed": counts.passed,
        "failed": counts.failed,
        "timeout": counts.timeout,
        "in_progress": counts.in_progress,
        "pending": counts.pending,
        "pass_rate": counts.pass_rate,
        "unpaired": {
            "ingress": figures.unpaired_ingress.total,
            "egress": figures.unpaired_egress.total,
        },
        "transit": _spread(figures.transit),
        "data_quality": _quality(figures.quality),
    }
    if figures.sla:
        sla = figures.sla
        found["sla"] = {
            "limit": sla.limit / SECOND,
            "within": sla.within,
            "due": sla.due,
            "overdue": sla.overdue,
        }
    if figures.sent:
        found["sent"] = {
            "accepted": figures.sent.accepted,
            "missing": figures.sent.missing.total,
            "unexpected": figures.sent.unexpected.total,
        }
    return found


def show_moment(microseconds: int) -> str:
    """`2026-01-31T14:00:00.000000Z`."""
    return iso_micros(microseconds * 1000)


def _spread(spread: Optional[Spread]) -> dict[str, Optional[float]]:
    names = ("min", "mean", "p50", "p90", "p95", "p99", "max")
    if spread is None:
        return dict.fromkeys(names)
    found: dict[str, Optional[float]] = {name: getattr(spread, name) / SECOND for name in names}
    found["mean"] = spread.total / (spread.count * SECOND)
    return found


def _quality(findings: Iterable[QualityFinding]) -> dict[str, int]:
    totals: Counter[str] = Counter()
    for finding in findings:
        totals[finding.kind] += finding.total
    return dict(totals)

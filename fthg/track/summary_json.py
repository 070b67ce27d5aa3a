"""The figures of a period as JSON, and its checks as JUnit XML, for other programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Optional

from ..text import iso_micros
from ..verdicts.baseline import changes_json
from ..verdicts.junit import Case, cases_of, junit
from ..verdicts.thresholds import Verdict
from ..writing import replacing
from .figures import Counts, Figures, Group, Hint, QualityFinding, Reconciliation, Sla
from .tracked import SECOND
from .verdict import judge_period
from .vocabulary import transit_seconds

SCHEMA = 1
"""The version of the format; keys may come, but none changes its meaning."""


def write_summary(figures: Figures, path: str) -> None:
    """Write the figures as JSON; StartError if that fails."""
    with replacing(path) as file:
        json.dump(summary(figures), file, indent=2)
        file.write("\n")


def write_junit(figures: Figures, path: str) -> None:
    """Write thresholds, unpaired rows and missing files as JUnit XML; StartError if that fails."""
    with replacing(path) as file:
        file.write(junit("fthg", junit_cases(figures)))


def junit_cases(figures: Figures) -> list[Case]:
    """Return a case for each threshold, and for what makes the exit status 5."""
    unpaired = figures.counts.unpaired
    cases = [
        *cases_of(figures.title, figures.thresholds),
        Case(figures.title, "every row has a partner", f"{unpaired} unpaired", not unpaired),
    ]
    if figures.sent:
        missing = figures.sent.missing.total
        found = f"{missing} missing"
        cases.append(Case(figures.title, "every sent file arrived", found, not missing))
    return cases


def summary(figures: Figures) -> Mapping[str, Any]:
    """Return the content of the summary file.

    Times are ISO 8601 UTC, durations in seconds, shares from 0 to 1; null: no value.
    """
    return {
        "schema": SCHEMA,
        "title": figures.title,
        "verdict": judge_period(figures)._asdict(),
        "state": figures.state.value,
        "from": _time(figures.start),
        "to": _time(figures.end),
        "snapshot": _time(figures.snapshot),
        **_counts(figures.counts),
        "unpaired": {
            "ingress": figures.unpaired_ingress.total,
            "egress": figures.unpaired_egress.total,
        },
        "transit": transit_seconds(figures.transit),
        "sla": _sla(figures.sla),
        "groups": {group.name: _group(group) for group in figures.groups},
        "thresholds": [_threshold(one) for one in figures.thresholds],
        "baseline": changes_json(figures.baseline) or None,
        "data_quality": _quality(figures.quality),
        "hints": [_hint(hint) for hint in figures.hints],
        "sent": _sent(figures.sent),
    }


def _time(micros: int) -> str:
    return iso_micros(micros * 1000)


def _counts(counts: Counts) -> Mapping[str, Any]:
    return {
        "transfers": counts.transfers,
        "passed": counts.passed,
        "failed": counts.failed,
        "timeout": counts.timeout,
        "in_progress": counts.in_progress,
        "pending": counts.pending,
        "pass_rate": counts.pass_rate,
    }


def _sla(sla: Optional[Sla]) -> Optional[Mapping[str, Any]]:
    if sla is None:
        return None
    return {
        "limit": sla.limit / SECOND,
        "target": None if sla.target is None else float(sla.target),
        "within": sla.within,
        "due": sla.due,
        "overdue": sla.overdue,
        "met": sla.met if sla.due else None,
        "steps": [
            {
                "from": _time(step.start),
                "to": _time(step.end),
                "within": step.within,
                "due": step.due,
            }
            for step in sla.steps
        ],
    }


def _group(group: Group) -> Mapping[str, Any]:
    return {
        "patterns": group.patterns,
        **_counts(group.counts),
        "unpaired": group.counts.unpaired,
        "transit": transit_seconds(group.transit),
        "within": group.within,
    }


def _threshold(verdict: Verdict) -> Mapping[str, Any]:
    return {"text": verdict.threshold.text, "found": verdict.found, "ok": verdict.ok}


def _quality(findings: Iterable[QualityFinding]) -> Mapping[str, int]:
    totals: Counter[str] = Counter()
    for finding in findings:
        totals[finding.kind] += finding.total
    return totals


def _hint(hint: Hint) -> Mapping[str, Any]:
    return asdict(hint)


def _sent(sent: Optional[Reconciliation]) -> Optional[Mapping[str, int]]:
    if sent is None:
        return None
    return {
        "accepted": sent.accepted,
        "missing": sent.missing.total,
        "unexpected": sent.unexpected.total,
    }

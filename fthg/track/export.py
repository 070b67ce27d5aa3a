"""Figures and transfers → JSON and CSV for other programs; no file is ever incomplete."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, Optional

from ..text import iso_micros
from ..writing import replacing
from .figures import Figures, QualityFinding, Spread
from .tracked import SECOND, Row, Tracked

_COLUMNS = (
    "uuid", "filename", "result",
    "ingress_start", "ingress_end", "egress_start", "egress_end",
    "ingress_seconds", "hand_over_seconds", "egress_seconds", "transit_seconds",
    "ingress_status", "egress_status",
)  # fmt: skip
_SENT_COLUMNS = ("sent_start", "sent_end", "size", "delivery_seconds", "bytes_per_second")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NO_ROW = Row(None, None, None, None, None)


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


def write_csv(transfers: Iterable[Tracked], path: str, sent: bool) -> None:
    """Write every transfer as CSV (RFC 4180), safe to open in a spreadsheet."""
    with replacing(path) as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS + _SENT_COLUMNS if sent else _COLUMNS)
        writer.writerows(_line(transfer, sent) for transfer in transfers)


def _line(transfer: Tracked, sent: bool) -> list[Any]:
    ingress, egress = transfer.ingress or _NO_ROW, transfer.egress or _NO_ROW
    line: list[Any] = [
        _safe(transfer.uuid),
        _safe(transfer.filename),
        transfer.result,
        *map(_time, (ingress.start, ingress.end, egress.start, egress.end)),
        _seconds(ingress.duration),
        _seconds(transfer.hand_over),
        _seconds(egress.duration),
        _seconds(transfer.transit),
        _safe(ingress.status),
        _safe(egress.status),
    ]
    if sent:
        file = transfer.sent
        line += [_time(file.start), _time(file.end), file.size] if file else [None] * 3
        line += [_seconds(transfer.delivery), transfer.throughput]
    return line


def _safe(text: Optional[str]) -> Optional[str]:
    """Quote a text that a spreadsheet would take for a formula."""
    if text is not None and text.lstrip(" ").startswith(_FORMULA):
        return "'" + text
    return text


def _seconds(microseconds: Optional[int]) -> Optional[str]:
    if microseconds is None:
        return None
    sign = "-" if microseconds < 0 else ""
    seconds, rest = divmod(abs(microseconds), SECOND)
    return f"{sign}{seconds}.{rest:06d}"


def _time(microseconds: Optional[int]) -> Optional[str]:
    return None if microseconds is None else show_moment(microseconds)


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

"""Transfers → CSV for other programs; the file is never incomplete."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import Any, Optional

from ..text import iso_micros
from ..writing import replacing
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

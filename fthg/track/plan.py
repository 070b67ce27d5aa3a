"""The plan of a tracking run, read from the `track:` section: frozen, in plain units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone, tzinfo
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Optional

import voluptuous as vol

from .. import units
from ..config import values
from ..config.schema import key
from ..errors import ConfigError
from ..verdicts.thresholds import Threshold
from .sent import SKEW, span
from .side import SIDE_KEYS, Side, make_side, side_section
from .tracked import SECOND

SIDES = ("ingress", "egress")


@dataclass(frozen=True)
class TrackPlan:
    """One tracking run; times in microseconds since 1970 UTC."""

    ingress: Side
    egress: Side
    start: int  # of the period, inclusive
    end: int  # of the period, exclusive
    poll: float = 10.0  # seconds from the end of one poll to the next
    grace: int = 300 * SECOND  # time that a row may be without a partner, in microseconds
    sla: Optional[int] = None  # microseconds
    sla_target: Optional[Fraction] = None  # the least share that must be within; None: no target
    thresholds: tuple[Threshold, ...] = ()
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()  # name and patterns of file names
    once: bool = False
    title: str = "File transfer report"
    output: Optional[str] = None  # paths
    csv: Optional[str] = None
    summary: Optional[str] = None
    logo: Optional[str] = None
    ledger: Optional[str] = None  # None: a temporary file
    sent: tuple[str, ...] = field(default=())
    match: str = "uuid"  # or filename
    junit: Optional[str] = None
    baseline: Optional[str] = None  # the summary of an earlier run
    zone: tzinfo = timezone.utc  # in which the report shows times
    zone_name: str = "UTC"
    only_sent: bool = False  # transfers of others do not count, nor does the margin of the period

    @property
    def deadline(self) -> int:
        """Return the time after which nothing is waited for: the end and the grace."""
        return self.end + self.grace - (SKEW if self.only_sent else 0)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Return the files that each poll replaces."""
        return tuple(path for path in (self.output, self.csv, self.summary) if path)


def _period_edge(value: Any) -> str:
    text = values.filled(value)
    try:
        units.moment(text, datetime(2000, 1, 1, tzinfo=timezone.utc))
    except ValueError as error:
        raise vol.Invalid(str(error)) from None
    return text


TRACK_KEYS: Mapping[Any, Any] = MappingProxyType(
    {
        key("ingress", "the database at ingress: a mapping, or mysql://user@host/database"): (
            side_section
        ),
        key("egress", "the database at egress: a mapping, or mysql://user@host/database"): (
            side_section
        ),
        key("from", "start of the period: ISO 8601, today, yesterday or -2h"): _period_edge,
        key(
            "to", "end of the period, exclusive; in the future: poll until then", "now"
        ): _period_edge,
        key(
            "poll", "time between two polls, at least ten times what one takes", "10s"
        ): values.some_duration,
        key("grace", "time that a row may be without a partner", "5m"): values.duration,
        key("sla", "transit time that was promised"): values.some_duration,
        key("once", "poll once, whatever is still open", "false"): values.boolean,
        key("title", "title of the report", TrackPlan.title): values.filled,
        key("output", "the HTML report"): values.output_path,
        key("csv", "every transfer as CSV"): values.output_path,
        key("summary", "the figures as JSON"): values.output_path,
        key("logo", "an image file for the report's head"): values.input_path,
        key("ledger", "keep the paired rows in this SQLite file"): values.output_path,
        key(
            "sent", "results files of fthg, to reconcile with; without `from` the only transfers"
        ): (values.list_of(values.input_path)),
        key("match", "key that joins a sent file and a row: uuid or filename", "uuid"): (
            values.one_of("uuid", "filename")
        ),
    }
)
"""The keys of the `track:` section, each with its reader, default and description."""

__all__ = ["SIDES", "SIDE_KEYS", "TRACK_KEYS", "Side", "TrackPlan", "track_plan"]


def track_plan(data: Mapping[str, Any], now: datetime) -> TrackPlan:
    """Return the plan of a section that TRACK_KEYS has read; `now` is aware, in local time.

    Raises ConfigError with all errors found.
    """
    errors: list[str] = []
    sides = [make_side(name, data.get(name), errors) for name in SIDES]
    start, end = _period(data, now, errors)
    options = {name: data[name] for name in _AS_READ if data.get(name) is not None}
    if not any(data.get(name) for name in ("output", "csv", "summary")):
        errors.append("track: nothing would be written; give -o report.html, --csv or --summary")
    if errors:
        raise ConfigError(*errors)
    ingress, egress = (side for side in sides if side)
    return TrackPlan(
        ingress=ingress,
        egress=egress,
        start=start,
        end=end,
        grace=_microseconds(data["grace"]) if "grace" in data else TrackPlan.grace,
        sla=_microseconds(data["sla"]) if data.get("sla") else None,
        sent=tuple(data.get("sent") or ()),
        only_sent=not data.get("from"),
        **options,
    )


_AS_READ = ("poll", "once", "title", "output", "csv", "summary", "logo", "ledger", "match")


def _period(data: Mapping[str, Any], now: datetime, errors: list[str]) -> tuple[int, int]:
    if not data.get("from") and data.get("sent"):
        return _period_of_sent(data, errors)
    if not data.get("from"):
        errors.append("track.from: the period has no start; give --from, e.g. --from today")
        return 0, 0
    try:
        start, end = (units.moment(data.get(name) or "now", now) for name in ("from", "to"))
    except (ValueError, OverflowError) as error:
        errors.append(f"track: {error}")
        return 0, 0
    if start >= end:
        # As the user wrote it and in the local zone: "today" before "yesterday" explains itself.
        errors.append(
            f"track.from: {data['from']} ({_local_time(start, now)}) is not before "
            f"track.to: {data.get('to') or 'now'} ({_local_time(end, now)})"
        )
    return _since_epoch(start), _since_epoch(end)


def _period_of_sent(data: Mapping[str, Any], errors: list[str]) -> tuple[int, int]:
    """Return the period of the transfers in the results files, with a margin for the clocks."""
    if data.get("to"):
        errors.append("track.to: without --from the period is that of the results files")
    start, end = span(data["sent"])
    return start - SKEW, end + SKEW


def _local_time(when: datetime, now: datetime) -> str:
    return when.astimezone(now.tzinfo).isoformat(sep=" ", timespec="seconds")


def _since_epoch(when: datetime) -> int:
    days = when - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return (days.days * 86_400 + days.seconds) * SECOND + days.microseconds


def _microseconds(seconds: float) -> int:
    return round(seconds * SECOND)

"""The plan of a tracking run, made from the `track:` section: frozen, in plain units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone, tzinfo
from fractions import Fraction
from typing import Any, Optional

from .. import units
from ..errors import ConfigError
from ..verdicts.baseline import Baseline
from ..verdicts.thresholds import Threshold
from .sent_files import SKEW, span
from .side import Side, make_side
from .tracked import SECOND
from .vocabulary import read_baseline

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
    baseline: Optional[Baseline] = None
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
        return tuple(path for path in (self.output, self.csv, self.summary, self.junit) if path)


def track_plan(data: Mapping[str, Any], now: datetime) -> TrackPlan:
    """Return the plan of a section that TRACK_KEYS have read; `now` is aware, in local time.

    Raises ConfigError with all errors found.
    """
    errors: list[str] = []
    sides = [make_side(name, data.get(name), errors) for name in SIDES]
    start, end = _period(data, now, errors)
    options = {name: data[name] for name in _AS_READ if data.get(name) is not None}
    if not any(data.get(name) for name in ("output", "csv", "summary", "junit")):
        errors.append("track: nothing would be written; give -o report.html, --csv or --summary")
    errors += _unjudged(data)
    baseline = _baseline(data.get("baseline"), errors)
    if errors:
        raise ConfigError(*errors)
    ingress, egress = (side for side in sides if side)
    sla = data.get("sla")
    zone, zone_name = data.get("zone", (TrackPlan.zone, TrackPlan.zone_name))
    return TrackPlan(
        ingress=ingress,
        egress=egress,
        start=start,
        end=end,
        grace=_microseconds(data["grace"]) if "grace" in data else TrackPlan.grace,
        sla=_microseconds(sla.limit) if sla else None,
        sla_target=sla.target if sla else None,
        thresholds=(*data.get("thresholds", ()), *_target(data)),
        groups=tuple(data.get("groups", {}).items()),
        sent=tuple(data.get("sent") or ()),
        baseline=baseline,
        zone=zone,
        zone_name=zone_name,
        only_sent=not data.get("from"),
        **options,
    )


_AS_READ = (
    "poll", "once", "title", "output", "csv", "summary", "logo", "ledger", "match", "junit",
)  # fmt: skip


def _baseline(path: Optional[str], errors: list[str]) -> Optional[Baseline]:
    try:
        return read_baseline(path) if path else None
    except ValueError as error:
        errors.append(f"track.baseline: {error}")
        return None


def _target(data: Mapping[str, Any]) -> Iterator[Threshold]:
    """Yield the threshold that an SLA with a target is."""
    sla = data.get("sla")
    if sla and sla.target is not None:
        yield Threshold(sla.text, "sla", None, ">=", float(100 * sla.target), "share")


_NEEDS = {"sla": "sla", "missing": "sent", "unexpected": "sent"}
"""Figure → the option without which it has no value."""


def _unjudged(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield an error for each threshold that could never be judged."""
    for threshold in data.get("thresholds", ()):
        need = _NEEDS.get(threshold.figure)
        if need and not data.get(need):
            yield f"track.thresholds: {threshold.text!r} needs --{need}"
        if threshold.of_baseline and not data.get("baseline"):
            yield (
                f"track.thresholds: {threshold.text!r} needs --baseline, "
                "the --summary of an earlier run"
            )


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

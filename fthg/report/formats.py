"""The formats of one page: those of `shown`, and times in the zone of its reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone, tzinfo
from typing import Optional

from ..text import in_zone
from ..zones import transitions
from . import shown


@dataclass(frozen=True)
class Formats:
    """All formats of a page; its templates know them as `shown`."""

    zone: tzinfo = timezone.utc
    zone_name: str = "UTC"
    zone_label: str = "UTC"  # short, for the heads of tables: CET, or CET/CEST
    offsets: bool = False  # times name their offset, since an hour of the period is repeated

    text = staticmethod(shown.text)
    number = staticmethod(shown.number)
    plural = staticmethod(shown.plural)
    duration = staticmethod(shown.duration)
    size = staticmethod(shown.size)
    rate = staticmethod(shown.rate)
    split_units = staticmethod(shown.split_units)

    def when(self, micros: int) -> datetime:
        """Convert microseconds since 1970 to the zone, to the nearest that datetime can hold."""
        return in_zone(micros * 1000, self.zone)

    def day(self, micros: Optional[int]) -> str:
        """Format the day as `2026-11-24`."""
        return shown.NONE if micros is None else self.when(micros).strftime("%Y-%m-%d")

    def clock(self, micros: Optional[int]) -> str:
        """Format the time as `14:03:22`, with milliseconds unless it is a whole second.

        In a period with a change of the clocks the offset follows: `02:30:00 +02:00`.
        """
        if micros is None:
            return shown.NONE
        moment = self.when(micros)
        return (
            moment.strftime("%H:%M:%S")
            + (f".{moment.microsecond // 1000:03d}" if moment.microsecond else "")
            + (f" {_offset(moment)}" if self.offsets else "")
        )

    def moment(self, micros: Optional[int]) -> str:
        """Format day and time as `2026-11-24 14:03:22`, the time as in `clock`."""
        return shown.NONE if micros is None else f"{self.day(micros)} {self.clock(micros)}"

    def period_end(self, start: int, end: int) -> str:
        """Format the end of a period, without the day if that is the day of the start."""
        return self.clock(end) if self.day(start) == self.day(end) else self.moment(end)


def formats_for(zone: tzinfo, zone_name: str, start: int, end: int) -> Formats:
    """Return the formats of a page about a period, whose times are in a zone."""
    changes = transitions(zone, start, end)
    names = dict.fromkeys(_abbreviation(in_zone(at * 1000, zone)) for at, _ in changes)
    return Formats(zone, zone_name, "/".join(names), len(changes) > 1)


def _abbreviation(moment: datetime) -> str:
    name = moment.tzname() or _offset(moment)
    return f"UTC{name}" if name[0] in "+-" else name  # many zones have a number for a name


def _offset(moment: datetime) -> str:
    digits = moment.strftime("%z")
    return f"{digits[:3]}:{digits[3:5]}"

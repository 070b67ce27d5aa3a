from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.track.wall_clock import AMBIGUOUS, LAST, NONEXISTENT, WallClock

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo"]
EPOCH = datetime(1970, 1, 1)
DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)

zones = st.sampled_from(ZONES).map(ZoneInfo)
any_time = st.datetimes(datetime.min + 2 * DAY, datetime.max - 2 * DAY)
# The ends of summer time: they are a second of a year, which no random time would meet.
changes = st.builds(
    lambda day, late: day + late,
    st.sampled_from([
        datetime(2026, 3, 29), datetime(2026, 10, 25),
        datetime(2026, 3, 8), datetime(2026, 11, 1),
        datetime(2026, 4, 5), datetime(2026, 10, 4),
        datetime(2026, 4, 24), datetime(2026, 10, 29),
    ]),
    st.timedeltas(timedelta(0), DAY),
)  # fmt: skip


def _micros(wall: datetime) -> int:
    return (wall - EPOCH) // MICROSECOND


def _read(clock: WallClock, wall: datetime) -> tuple[datetime, int]:
    (utc,), (doubt,) = clock.to_utc([_micros(wall)])
    assert utc is not None
    return EPOCH + utc * MICROSECOND, doubt


@given(zones, any_time | changes)
def test_a_wall_time_is_read_as_python_reads_its_first_pass(zone: ZoneInfo, wall: datetime) -> None:
    aware = wall.replace(tzinfo=zone)
    utc, doubt = _read(WallClock(zone), wall)
    assert utc == aware.astimezone(timezone.utc).replace(tzinfo=None)
    passes = aware.utcoffset(), aware.replace(fold=1).utcoffset()
    exists = aware.astimezone(timezone.utc).astimezone(zone).replace(tzinfo=None) == wall
    expected = 0 if passes[0] == passes[1] else AMBIGUOUS if exists else NONEXISTENT
    assert doubt == expected


@given(zones, st.lists(any_time | changes, max_size=5))
def test_many_times_at_once_are_read_like_single_ones(
    zone: ZoneInfo, walls: list[datetime]
) -> None:
    clock = WallClock(zone)
    mixed = [value for wall in walls for value in (_micros(wall), None)]
    times, doubts = clock.to_utc(mixed)
    assert times[1::2] == [None] * len(walls)
    single = [clock.to_utc([_micros(wall)]) for wall in walls]
    assert (times[::2], doubts[::2]) == ([t for (t,), _ in single], [d for _, (d,) in single])


@given(zones, changes | any_time, changes, st.timedeltas(timedelta(0), DAY))
def test_the_cover_of_a_window_has_all_wall_times_of_it(
    zone: ZoneInfo, wall: datetime, start: datetime, length: timedelta
) -> None:
    clock = WallClock(zone)
    first, last = _micros(start), _micros(start + length)
    low, high = clock.cover(first, last)
    (utc,), _ = clock.to_utc([_micros(wall)])
    assert utc is not None
    assert low <= _micros(wall) < high or not first <= utc < last
    assert (high - low) - (last - first) <= 3600 * 1_000_000


@pytest.mark.parametrize("zone", [*ZONES, "UTC"])
def test_the_last_moment_means_never_in_each_zone(zone: str) -> None:
    clock = WallClock(ZoneInfo(zone))
    never = _micros(datetime.max)
    assert clock.to_utc([never, _micros(datetime.min), 2**63 - 1, -(2**63)])[0] == [
        LAST, _micros(datetime.min), LAST, _micros(datetime.min),
    ]  # fmt: skip
    assert clock.cover(_micros(datetime.min), LAST)[1] >= LAST - 86_400 * 1_000_000

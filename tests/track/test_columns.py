"""The columns of a real server's table, of each type that can hold them, and of others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import voluptuous as vol
from hypothesis import given, settings
from hypothesis import strategies as st

from fthg.errors import DatabaseError
from fthg.track.columns import STANDARD_COLUMNS, Column, columns_option
from fthg.track.rows import Database, RawRow
from fthg.track.side import Side
from fthg.track.times import time_column
from fthg.track.wall_clock import FIRST, LAST

from .world import DATABASE, SECOND, START, World, read_rows

TABLE = f"{DATABASE}.transfers"
HOUR = 3600 * SECOND
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
UNITS = {"s": SECOND, "ms": 1000, "us": 1}
NUMBERS = [
    ("BIGINT", "s"), ("BIGINT UNSIGNED", "ms"), ("BIGINT", "us"), ("INT UNSIGNED", "s"),
    ("DECIMAL(16,6)", "s"), ("DECIMAL(20,3)", "ms"), ("DOUBLE", "s"), ("DOUBLE", "ms"),
]  # fmt: skip
TIMES = [("TIMESTAMP", ""), ("TIMESTAMP(6)", ""), ("DATETIME", ""), ("DATETIME(6)", ""), *NUMBERS]


def _columns(unit: str) -> tuple[Column, ...]:
    return tuple(
        column._replace(unit=unit or None) if "Time" in column.name else column
        for column in STANDARD_COLUMNS
    )


def _places(kind: str, unit: str) -> int:
    """Return the smallest step of a column, in microseconds."""
    if not unit:
        return 1 if "6" in kind else SECOND
    return UNITS[unit] if "INT" in kind else 1


def _stored(micros: int, kind: str, unit: str, zone: str) -> str:
    """Return SQL for a time in a column of this type."""
    if unit:
        return f"{micros / UNITS[unit]!r}" if "INT" not in kind else str(micros // UNITS[unit])
    moment = datetime.fromtimestamp(micros // SECOND, timezone.utc).replace(
        microsecond=micros % SECOND
    )
    if kind.startswith("DATETIME"):
        moment = moment.astimezone(ZoneInfo(zone))
    return f"'{moment.replace(tzinfo=None).isoformat(' ')}'"


def _twice(micros: int, zone: str) -> bool:
    """Return True if the clock of the zone shows this time twice."""
    wall = datetime.fromtimestamp(micros / SECOND, ZoneInfo(zone))
    return wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()


def _fill(world: World, kind: str, unit: str, zone: str, times: list[int]) -> Side:
    world.ingress.schema(DATABASE, time=kind)
    rows = ", ".join(
        f"(UUID(), '{n}', {_stored(micros, kind, unit, zone)}, "
        f"{_stored(micros + SECOND, kind, unit, zone)}, 'SUCCESS')"
        for n, micros in enumerate(times)
    )
    world.ingress.run(f"INSERT INTO {TABLE} VALUES {rows}")
    return world.side("ingress", timezone=zone, columns=_columns(unit))


@contextmanager
def _view(side: Side) -> Iterator[Database]:
    with closing(Database(side)) as database:
        database.begin()
        yield database
        database.end()


def _between(database: Database, start: int, end: int) -> list[RawRow]:
    return [row for rows in database.between(start, end) for row in rows]


def _error(side: Side) -> str:
    with pytest.raises(DatabaseError) as caught, _view(side):
        pass
    return str(caught.value)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("kind", "unit"), TIMES)
def test_hourly_windows_have_every_row_exactly_once_at_both_ends_of_summer_time(
    world: World, kind: str, unit: str, zone: str
) -> None:
    ends = {
        "Europe/Berlin": ((2026, 3, 29, 1), (2026, 10, 25, 1)),
        "America/New_York": ((2026, 3, 8, 7), (2026, 11, 1, 6)),
        "Australia/Lord_Howe": ((2026, 4, 4, 15), (2026, 10, 3, 15)),
    }[zone]
    changes = [round(datetime(*end, tzinfo=timezone.utc).timestamp()) * SECOND for end in ends]
    times = [
        change + offset * 300 * SECOND + step
        for change in changes
        for offset in range(-36, 36)
        for step in (0, _places(kind, unit))
    ]
    side = _fill(world, kind, unit, zone, times)
    found: list[RawRow] = []
    with _view(side) as database:
        for change in changes:
            for hour in range(-4, 4):
                start = change + hour * HOUR
                rows = _between(database, start, start + HOUR)
                assert all(start <= (row.start or 0) < start + HOUR for row in rows)
                found += rows
    assert sorted(int(row.filename or 0) for row in found) == list(range(len(times)))
    for row in found:
        true = times[int(row.filename or 0)]
        twice = [_twice(micros, zone) for micros in (true, true + SECOND)]
        assert row.doubt == int(any(twice) and kind.startswith("DATETIME"))
        if not row.doubt:
            assert (row.start, row.end) == (true, true + SECOND)


@settings(max_examples=10)
@given(
    kind=st.sampled_from(TIMES),
    zone=st.sampled_from(ZONES),
    times=st.lists(st.integers(START, START + 300 * 24 * HOUR), min_size=1, max_size=20),
    start=st.integers(START, START + 300 * 24 * HOUR),
    length=st.integers(0, 300 * 24 * HOUR),
)
def test_a_window_has_the_rows_of_its_time_whatever_their_type(
    ingress_server: Any, kind: tuple[str, str], zone: str, times: list[int], start: int, length: int
) -> None:
    step = _places(*kind)
    times = [micros // step * step for micros in times]
    world = World(ingress_server, ingress_server, directory=None)  # type: ignore[arg-type]
    side = _fill(world, *kind, zone, times)
    with _view(side) as database:
        rows = _between(database, start, start + length)
    wanted = {n for n, micros in enumerate(times) if start <= micros < start + length}
    doubtful = {int(row.filename or 0) for row in rows if row.doubt}
    found = {int(row.filename or 0): row.start for row in rows}
    assert set(found) - doubtful <= wanted
    assert all(found[n] == times[n] for n in set(found) - doubtful)
    with _view(side) as database:
        every = _between(database, START - HOUR, START + 301 * 24 * HOUR)
    assert len(every) == len(times)
    assert wanted - set(found) <= {int(row.filename or 0) for row in every if row.doubt}


@pytest.mark.parametrize(("kind", "found"), [("TIMESTAMP", 60), ("DATETIME", 120)])
def test_each_minute_of_the_repeated_hour_is_found(world: World, kind: str, found: int) -> None:
    midnight = round(datetime(2026, 10, 25, tzinfo=timezone.utc).timestamp()) * SECOND
    times = [midnight + minute * 60 * SECOND for minute in range(180)]
    side = _fill(world, kind, "", "Europe/Berlin", times)
    with _view(side) as database:
        rows = _between(database, midnight, midnight + HOUR)
    assert len(rows) == found
    assert [row.doubt for row in rows] == [int(kind == "DATETIME")] * found


def test_a_time_that_never_was_is_read_with_the_offset_before(world: World) -> None:
    side = _fill(world, "DATETIME(6)", "", "UTC", [START])
    world.ingress.run(f"UPDATE {TABLE} SET startTime = '2026-03-29 02:30', endTime = NULL")
    change = round(datetime(2026, 3, 29, 1, tzinfo=timezone.utc).timestamp()) * SECOND
    with _view(world.side("ingress", timezone="Europe/Berlin")) as database:
        (row,) = _between(database, change, change + HOUR)
        assert _between(database, change - HOUR, change) == []
    assert (row.start, row.end, row.doubt) == (change + HOUR // 2, None, 2)
    del side


@pytest.mark.parametrize(("kind", "unit"), TIMES)
def test_the_index_on_the_start_is_used(world: World, kind: str, unit: str) -> None:
    times = [START + n * SECOND for n in range(1000)]
    side = _fill(world, kind, unit, "Europe/Berlin", times)
    world.ingress.run(f"ANALYZE TABLE {TABLE}")
    column = time_column(side.columns[2], kind, "startTime", "Europe/Berlin")
    condition = column.within(*column.cover(START + 100 * SECOND, START + 110 * SECOND))
    (plan,) = world.ingress.run(f"EXPLAIN SELECT * FROM {TABLE} WHERE {condition}")
    assert plan[3:6] == ("range", "startTime", "startTime"), plan
    (plan,) = world.ingress.run(f"EXPLAIN SELECT * FROM {TABLE} WHERE {column.unset}")
    assert plan[3] in ("range", "ref_or_null"), plan


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [
        ("DATETIME(6)", "'0001-01-01'", "'9999-12-31 23:59:59.999999'"),
        ("TIMESTAMP(6)", "'1970-01-01 00:00:01'", "'2038-01-19 03:14:07.999999'"),
        ("BIGINT", "-9223372036854775808", "9223372036854775807"),
        ("DOUBLE", "-1.7e308", "1.7e308"),
    ],
)
def test_times_at_the_ends_of_a_type_do_no_harm(
    world: World, kind: str, first: str, last: str
) -> None:
    world.ingress.schema(DATABASE, time=kind)
    start = "-62135596800" if first.startswith("-") else first  # in seconds
    values = f"(UUID(), '0', {start}, {first}, NULL), (UUID(), '1', {last}, {last}, NULL)"
    world.ingress.run(f"INSERT INTO {TABLE} VALUES {values}")
    columns = _columns("" if "(" in kind else "s")
    day = 24 * HOUR
    with _view(world.side("ingress", timezone="Europe/Berlin", columns=columns)) as database:
        rows = _between(database, FIRST - 800 * day, LAST + 800 * day)
        assert [row.filename for row in rows] == ["0", "1"]
        assert _between(database, START, START + HOUR) == []
        assert _between(database, 70 * 366 * day, LAST - day) == []
        assert database.outside(START, START + HOUR, 0)[0].total == 0
    assert all(FIRST <= (micros or 0) <= LAST for row in rows for micros in row[2:4])


@pytest.mark.parametrize(
    ("kind", "columns", "words"),
    [
        ("TIME", {}, "column startTime is TIME: startTime must be DATETIME, TIMESTAMP"),
        ("DATE", {}, "column endTime is DATE: endTime must be"),
        ("VARCHAR(30)", {}, "is VARCHAR(30): "),
        ("BIT(64)", {}, "is BIT(64): "),
        ("JSON", {}, "is LONGTEXT: "),
        ("FLOAT", {}, "an integer, DECIMAL or DOUBLE with a unit"),
        ("YEAR", {}, "map another column with columns:"),
        ("BIGINT", {}, "write columns: {startTime: {name: startTime, unit: s}}, or ms or us"),
        ("DECIMAL(16,6)", {}, "column endTime is DECIMAL(16,6): a number needs a unit"),
        ("DATETIME", {"startTime": {"unit": "s"}}, "remove unit: s from columns:"),
        ("DATETIME", {"startTime": "begun", "uuid": "id"}, "there is no column id, begun that fthg "
         "may read, only UUID, filename, startTime, endTime, status (map names that differ with "
         "columns:, or GRANT SELECT on them)"),
    ],
)  # fmt: skip
def test_a_column_that_cannot_be_read_is_said_with_type_and_remedy(
    world: World, kind: str, columns: dict[str, Any], words: str
) -> None:
    world.ingress.schema(DATABASE, time=kind)
    side = world.side("ingress", columns=columns_option(columns))
    error = _error(side)
    assert words in error
    assert error.startswith(f"ingress: 127.0.0.1:{side.port}, database tracking, table transfers: ")


def test_all_wrong_columns_are_said_at_once(world: World) -> None:
    world.ingress.schema(DATABASE, uuid="BIGINT", time="BIGINT")
    error = _error(world.side("ingress", columns=columns_option({"endTime": {"unit": "ms"}})))
    assert "column UUID is BIGINT(20): UUID must be CHAR, VARCHAR" in error
    assert "column startTime is BIGINT(20)" in error
    assert "endTime" not in error


def test_names_are_found_in_any_case_and_through_a_view(world: World) -> None:
    world.insert("ingress", ("x", "f", START, None, None))
    world.ingress.run(f"CREATE VIEW {DATABASE}.seen AS SELECT * FROM {TABLE}")
    columns = tuple(Column(column.name.upper()) for column in STANDARD_COLUMNS)
    side = world.side("ingress", table="seen", columns=columns)
    assert [row.filename for row in read_rows(side)] == ["f"]
    with _view(side) as database:
        assert database.unindexed == ()
        assert [found.total for found in database.outside(START, START + HOUR, 0)] == [0, 0]


def test_columns_without_an_index_are_named(world: World) -> None:
    with _view(world.side("ingress")) as database:
        assert database.unindexed == ()
    world.ingress.run(f"ALTER TABLE {TABLE} DROP INDEX UUID, ADD INDEX (filename(9), UUID)")
    with _view(world.side("ingress")) as database:
        assert database.unindexed == ("UUID",)
    world.ingress.run(
        f"ALTER TABLE {TABLE} DROP INDEX startTime, ADD PRIMARY KEY (UUID, startTime)"
    )
    with _view(world.side("ingress")) as database:
        assert database.unindexed == ("startTime",)


@pytest.mark.parametrize(
    ("value", "path", "words"),
    [
        ({"startTime": {"unit": "min"}}, ["startTime", "unit"], "not one of s, ms, us"),
        ({"status": {"unit": "s"}}, ["status", "unit"], "only startTime and endTime have a unit"),
        ({"startTime": {"units": "s"}}, ["startTime", "units"], "extra keys"),
        ({"startTime": {"name": ""}}, ["startTime", "name"], "must not be empty"),
        ({"size": "x"}, ["size"], "there is no column 'size'"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_place(
    value: dict[str, Any], path: list[str], words: str
) -> None:
    with pytest.raises(vol.Invalid, match=words) as caught:
        columns_option(value)
    errors = getattr(caught.value, "errors", [caught.value])
    assert errors[0].path == path


def test_a_column_has_a_name_a_unit_or_both() -> None:
    columns = columns_option(
        {"start_time": {"name": "t", "unit": "ms"}, "endtime": {"unit": "s"}, "UUID": "id"}
    )
    assert columns == (
        Column("id"), Column("filename"), Column("t", "ms"), Column("endTime", "s"),
        Column("status"),
    )  # fmt: skip

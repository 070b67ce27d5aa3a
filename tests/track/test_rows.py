"""Rows of a real server: their times, UUIDs and names of any kind."""

from __future__ import annotations

from contextlib import closing
from time import monotonic

import gevent
import pytest

from fthg.track.columns import COLUMNS, Column
from fthg.track.rows import Database
from tests.servers.mariadb import MariaDB

from .world import DATABASE, SECOND, START, World, read_rows

UUID = "00112233-4455-6677-8899-aabbccddeeff"
TABLE = f"{DATABASE}.transfers"
HOUR = 3600 * SECOND


def _uuid(n: int) -> str:
    return f"{n:08x}{UUID[8:]}"


def _status(server: MariaDB, name: str) -> int:
    return int(server.run(f"SHOW GLOBAL STATUS LIKE '{name}'")[0][1])


@pytest.fixture
def server(world: World) -> MariaDB:
    return world.ingress


@pytest.mark.parametrize(
    "kind", ["DATETIME", "DATETIME(3)", "DATETIME(6)", "TIMESTAMP", "TIMESTAMP(6)"]
)
@pytest.mark.parametrize("zone", ["+00:00", "+05:30", "-11:00"])
def test_times_are_microseconds_utc_whatever_their_type_and_zone(
    world: World, kind: str, zone: str
) -> None:
    world.ingress.schema(DATABASE, time=kind)
    places = {"DATETIME(3)": 1000, "DATETIME(6)": 1, "TIMESTAMP(6)": 1}.get(kind, SECOND)
    start, end = START + 7 * places, START + 9 * places
    world.insert("ingress", (UUID, "a", start, end, "SUCCESS"), zone=zone)
    assert [row[2:4] for row in read_rows(world.side("ingress", timezone=zone))] == [(start, end)]


@pytest.mark.parametrize("kind", ["CHAR(36)", "BINARY(16)", "VARBINARY(36)", "VARCHAR(36)", "UUID"])
def test_asking_for_a_uuid_finds_it_by_the_index(world: World, server: MariaDB, kind: str) -> None:
    server.schema(DATABASE, kind)
    stored = bytes.fromhex(UUID.replace("-", "")) if kind == "BINARY(16)" else UUID.upper()
    rows = [
        (f"{n:08x}{UUID[8:]}" if "16" not in kind else n.to_bytes(16, "big")) for n in range(500)
    ]
    world.insert("ingress", (stored, "wanted", START, None, None))
    world.insert("ingress", *[(other, "other", START, None, None) for other in rows])
    with closing(Database(world.side("ingress"))) as database:
        database.begin()
        key = bytes.fromhex(UUID.replace("-", ""))
        before = server.run("SHOW GLOBAL STATUS LIKE 'Handler_read_rnd_next'")
        ((asked, found),) = database.having([key, "not a UUID %s ' \\"])
        after = server.run("SHOW GLOBAL STATUS LIKE 'Handler_read_rnd_next'")
        database.end()
    assert (asked[0], [row.filename for row in found], found[0].key) == (key, ["wanted"], key)
    assert int(after[0][1]) - int(before[0][1]) < 500 or kind == "UUID", "the table was scanned"


def test_names_of_tables_and_columns_are_quoted(world: World, server: MariaDB) -> None:
    server.run(
        "CREATE TABLE tracking.`my``t %s` (`my id` CHAR(36), `select` TEXT, `a``b` DATETIME(6), "
        "`50%` DATETIME(6), `is it` TEXT)"
    )
    server.run(
        "INSERT INTO tracking.`my``t %s` VALUES (%s, 'x', '2026-01-01', NULL, 'SUCCESS')".replace(
            "`t %s`", "`t %%s`"
        ),
        (UUID,),
    )
    names = ("my id", "select", "a`b", "50%", "is it")
    side = world.side("ingress", table="my`t %s", columns=tuple(map(Column, names)))
    assert [(row.filename, row.start, row.status) for row in read_rows(side)] == [
        ("x", START, "SUCCESS")
    ]


def test_reading_lets_others_run(world: World, server: MariaDB) -> None:
    server.run(
        f"INSERT INTO {TABLE} SELECT UUID(), 'x', '2026-01-01 00:10', NULL, NULL "
        f"FROM {DATABASE}.seq_1_to_80000"
    )
    turns = 0

    def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            gevent.sleep(0.001)  # 0 would leave the thread of the name lookup no time

    other = gevent.spawn(count)
    try:
        assert len(read_rows(world.side("ingress"))) == 80_000
    finally:
        other.kill()
    assert turns > 20


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        ("CHAR(36)", f"'{UUID.upper()}'"),
        ("CHAR(36) COLLATE utf8mb4_bin", f"'{UUID.upper()}'"),
        ("CHAR(32)", f"'{UUID.replace('-', '')}'"),
        ("VARCHAR(64)", f"'{{{UUID}}}'"),
        ("VARCHAR(64)", f"'urn:uuid:{UUID}'"),
        ("TEXT", f"'URN:UUID:{UUID.upper()}'"),
        ("BINARY(38)", f"'{{{UUID.upper()}}}'"),
        ("BINARY(40)", f"'{UUID}'"),
        ("VARBINARY(50)", f"'urn:uuid:{UUID}'"),
        ("BINARY(16)", f"x'{UUID.replace('-', '')}'"),
        ("BLOB", f"x'{UUID.replace('-', '')}'"),
        ("UUID", f"'{UUID}'"),
    ],
)
def test_a_uuid_is_found_however_it_is_spelled(
    world: World, server: MariaDB, kind: str, stored: str
) -> None:
    server.run(f"ALTER TABLE {TABLE} DROP INDEX UUID, MODIFY UUID {kind}")
    server.run(f"INSERT INTO {TABLE} VALUES ({stored}, 'f', '2026-01-01', NULL, NULL)")
    key = bytes.fromhex(UUID.replace("-", ""))
    assert [row.key for row in read_rows(world.side("ingress"))] == [key]
    with closing(Database(world.side("ingress"))) as database:
        database.begin()
        ((asked, found),) = database.having([key, "odd"])
        database.end()
    assert (asked, [row.key for row in found]) == ([key, "odd"], [key])


@pytest.mark.parametrize(
    ("charset", "there", "elsewhere"),
    [
        ("latin1", "Prüf€", "日本語"),
        ("latin1 COLLATE latin1_german2_ci", "Prüf€", "😀"),
        ("ascii", "none", "Prüf"),
        ("utf8mb3", "日本語", "😀"),
        ("ucs2", "日本語", "😀"),
        ("utf16", "😀", "none"),
        ("koi8r", "none", "Жук"),
    ],
)
def test_a_malformed_uuid_that_a_column_cannot_hold_is_not_looked_for(
    world: World, server: MariaDB, charset: str, there: str, elsewhere: str
) -> None:
    server.schema(DATABASE, f"VARCHAR(60) CHARACTER SET {charset}")
    world.insert("ingress", (there, "a", START, None, None), (UUID, "b", START, None, None))
    with closing(Database(world.side("ingress"))) as database:
        database.begin()
        found = database.having([there, elsewhere, bytes.fromhex(UUID.replace("-", ""))])
        assert {row.filename for _, rows in found for row in rows} == {"a", "b"}


@pytest.mark.parametrize("indexed", [True, False])
def test_without_an_index_many_uuids_are_asked_for_in_one_scan(
    world: World, server: MariaDB, indexed: bool
) -> None:
    server.run(
        f"INSERT INTO {TABLE} SELECT UUID(), seq, '2026-01-01', NULL, NULL "
        f"FROM {DATABASE}.seq_1_to_2000"
    )
    if not indexed:
        server.run(f"ALTER TABLE {TABLE} DROP INDEX UUID")
    rows = read_rows(world.side("ingress"))
    with closing(Database(world.side("ingress"))) as database:
        database.begin()
        found = list(database.having([row.key for row in rows if row.key]))
        database.end()
    assert sorted(row for _, rows in found for row in rows) == sorted(rows)
    assert len(found) == (7 if indexed else 1)


@pytest.mark.parametrize("null", [True, False])
@pytest.mark.parametrize("kind", ["DATETIME(6)", "TIMESTAMP", "BIGINT"])
def test_rows_without_a_start_are_counted_and_the_first_are_listed(
    world: World, server: MariaDB, kind: str, null: bool
) -> None:
    server.schema(DATABASE, time=kind)
    zero = "NULL" if null else "0" if kind == "BIGINT" else "'0000-00-00'"
    with closing(server.connect()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("SET sql_mode = ''")
        cursor.execute(
            f"INSERT INTO {TABLE} SELECT UUID(), 'lost', {zero}, NULL, 'FAILED' "
            f"FROM {DATABASE}.seq_1_to_250"
        )
    columns = tuple(
        Column(name, "s" if "Time" in name and kind == "BIGINT" else None) for name in COLUMNS
    )
    with closing(Database(world.side("ingress", columns=columns))) as database:
        database.begin()
        assert list(database.between(0, START)) in ([], [[]])
        found, _ = database.outside(START, START + HOUR, HOUR)
        database.end()
    assert (found.kind, found.total, len(found.first)) == ("null_start", 250, 100)
    assert {row[1:5] for row in found.first} == {("lost", None, None, "FAILED")}


@pytest.mark.parametrize("few", [0, 5_000_000])
def test_rows_outside_with_a_uuid_of_the_period_are_counted(
    world: World, server: MariaDB, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr("fthg.track.rows._FEW", few)
    day = 24 * HOUR
    again = [(_uuid(n), "again", START + day + n, None, None) for n in range(0, 300, 2)]
    elsewhere = [(_uuid(n), "elsewhere", START + day, None, None) for n in (1000, 1000, 1001)]
    blank = [("", "blank", START, None, None), ("", "blank", START + day, None, None)]
    near = [(_uuid(1), "near", START + HOUR + 1, None, None)]
    period = [(_uuid(n), "period", START + n, None, None) for n in range(300)]
    world.insert("ingress", *period, *again, *elsewhere, *blank, *near)
    server.run(f"ANALYZE TABLE {TABLE}")
    with closing(Database(world.side("ingress"))) as database:
        database.begin()
        _, found = database.outside(START, START + HOUR, HOUR)
        database.end()
    assert (found.kind, found.total, len(found.first)) == ("duplicate_outside", 150, 100)
    assert {row.filename for row in found.first} == {"again"}


def test_a_unique_uuid_is_not_searched_for_again(world: World, server: MariaDB) -> None:
    server.run(f"ALTER TABLE {TABLE} DROP INDEX UUID, ADD UNIQUE (UUID)")
    world.insert("ingress", (UUID, "f", START, None, None))
    with closing(Database(world.side("ingress"))) as database:
        database.begin()
        before = _status(server, "Handler_read_next")
        assert database.outside(START, START + HOUR, HOUR)[1].total == 0
        assert _status(server, "Handler_read_next") == before
        database.end()


@pytest.mark.parametrize("engine", ["MyISAM", "Aria"])
def test_no_writer_waits_long_while_a_table_without_transactions_is_read(
    world: World, server: MariaDB, engine: str
) -> None:
    server.run(f"ALTER TABLE {TABLE} ENGINE = {engine}")
    server.run(
        f"INSERT INTO {TABLE} SELECT UUID(), seq, '2026-01-01' + INTERVAL seq DIV 3 * 10000 "
        f"MICROSECOND, NULL, NULL FROM {DATABASE}.seq_1_to_200000"
    )
    with closing(Database(world.side("ingress"))) as database:
        database.begin()
        names: list[str] = []
        waits: list[float] = []
        for rows in database.between(START, START + HOUR):
            names += [row.filename or "" for row in rows]
            if len(names) % 20_000 < len(rows):
                began = monotonic()
                server.run(f"UPDATE {TABLE} SET endTime = startTime WHERE UUID = '{UUID}'")
                waits.append(monotonic() - began)
        database.end()
    assert len(names) == len(set(names)) == 200_000
    assert len(waits) >= 10
    assert max(waits) <= 2

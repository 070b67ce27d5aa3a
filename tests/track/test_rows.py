"""Rows of a real server: their times, UUIDs and names of any kind."""

from __future__ import annotations

from contextlib import closing

import gevent
import pytest

from fthg.track.rows import Database
from tests.servers.mariadb import MariaDB

from .world import DATABASE, SECOND, START, World, read_rows

UUID = "00112233-4455-6677-8899-aabbccddeeff"
TABLE = f"{DATABASE}.transfers"


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
    side = world.side(
        "ingress", table="my`t %s", columns=("my id", "select", "a`b", "50%", "is it")
    )
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

"""Nothing that a server, an account or a proxy sets by default changes a report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Union
from uuid import UUID

import pytest

from fthg.track.side import Side
from tests.servers.mariadb import PASSWORD, USER, MariaDB
from tests.servers.mysql import MySQL

from .world import DATABASE, SECOND, START, World

Server = Union[MariaDB, MySQL]

ROWS = 1000
TABLE = f"{DATABASE}.transfers"

BOTH = (
    "sql_select_limit = 100",
    "sql_big_selects = 0",
    "max_join_size = 1",
    "sql_safe_updates = 1",
    "sql_auto_is_null = 1",
    "sql_buffer_result = 1",
    "sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,HIGH_NOT_PRECEDENCE,"
    "PAD_CHAR_TO_FULL_LENGTH,IGNORE_SPACE,REAL_AS_FLOAT,NO_UNSIGNED_SUBTRACTION'",
    "time_zone = '+12:45'",
    "character_set_client = latin1",
    "character_set_connection = latin1",
    "character_set_results = latin1",
    "collation_connection = latin1_german2_ci",
    "wait_timeout = 1",
    "interactive_timeout = 1",
    "net_read_timeout = 1",
    "net_write_timeout = 1",
    "lock_wait_timeout = 1",
    "completion_type = 'RELEASE'",
    "autocommit = 0",
    "max_allowed_packet = 1024",
    "div_precision_increment = 0",
    "max_sort_length = 64",
    "group_concat_max_len = 4",
    "lc_time_names = 'de_DE'",
)
MARIADB = (
    "tx_isolation = 'SERIALIZABLE'",
    "tx_read_only = 1",
    "max_statement_time = 0.001",
    "idle_transaction_timeout = 1",
    "idle_readonly_transaction_timeout = 1",
    "in_predicate_conversion_threshold = 2",
    "max_session_mem_used = 65536",
    "system_versioning_asof = '2000-01-01 00:00:00'",
    'init_connect = \'SET sql_select_limit = 7, tx_isolation = "READ-UNCOMMITTED", '
    'time_zone = "-11:00", completion_type = 1, character_set_client = latin1, '
    "character_set_results = latin1, collation_connection = latin1_german2_ci'",
)
MYSQL = (
    "transaction_isolation = 'SERIALIZABLE'",
    "transaction_read_only = 1",
    "max_execution_time = 1",
    "range_optimizer_max_mem_size = 1",
    'init_connect = \'SET sql_select_limit = 7, transaction_isolation = "READ-UNCOMMITTED", '
    'time_zone = "-11:00", completion_type = 1, character_set_client = latin1, '
    "character_set_results = latin1, collation_connection = latin1_german2_ci'",
)


@contextmanager
def hostile(server: Server, *settings: str) -> Iterator[None]:
    """Set globals for the length of a block, and afterwards what they were."""
    names = [setting.split(" = ")[0] for setting in settings]
    query = "SELECT " + ", ".join(f"@@GLOBAL.{name}" for name in names)
    # One connection does all: what it sets takes effect on the next ones only.
    with closing(server.connect()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("SET SESSION wait_timeout = 600")
        cursor.execute(query)
        (before,) = cursor.fetchall()
        try:
            for setting in settings:
                cursor.execute(f"SET GLOBAL {setting}")
            yield
        finally:
            for name, value in zip(names, before):
                old = "DEFAULT" if value == "DEFAULT" else connection.escape(value)
                cursor.execute(f"SET GLOBAL {name} = {old}")


def _name(n: int) -> str:
    return str(UUID(int=n * 0x1_0000_0001))


def _fill(server: Server, *, ingress: bool) -> None:
    """Store ROWS rows: of ten, one failed, one has no partner here, one is malformed."""
    server.schema(DATABASE, "VARCHAR(60)")
    rows: list[tuple[Any, ...]] = []
    for n in range(ROWS):
        start = START + n * 3 * SECOND + (0 if ingress else SECOND)
        status = "FAILED" if n % 10 == 1 else "SUCCESS"
        key = _name(n + (ROWS * (1 + ingress) if n % 10 == 2 else 0))
        if n % 10 == 3:
            key = f'it\'s {n} \\ "odd" ü€😀'
        rows.append((key, f"ä€😀 '{n}' \\ .xml", start, start + 2 * SECOND, status))
    sql = f"INSERT INTO {TABLE} VALUES (%s, %s, %s, %s, %s)"
    server.run(sql, *[(*row[:2], _time(row[2]), _time(row[3]), row[4]) for row in rows])
    assert server.run(f"SELECT COUNT(*) FROM {TABLE}") == [(ROWS,)]


def _time(microseconds: int) -> str:
    seconds = (microseconds - START) // SECOND
    return f"2026-01-01 {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.000000"


def _side(name: str, server: Server) -> Side:
    return Side(
        name, "127.0.0.1", USER, DATABASE, server.port, password=PASSWORD,
        connect_timeout=30, read_timeout=30,
    )  # fmt: skip


def _report(world: World, ingress: Server, egress: Server) -> tuple[object, object]:
    plan = world.plan(ingress=_side("ingress", ingress), egress=_side("egress", egress))
    assert world.run(plan) == 5
    return world.summary, sorted(world.lines, key=str)


@pytest.fixture(params=["MariaDB", "MySQL"])
def server(request: pytest.FixtureRequest, world: World) -> tuple[Server, tuple[str, ...]]:
    """Return a server with the settings that hurt it; `world` has the other side."""
    if request.param == "MariaDB":
        return world.egress, BOTH + MARIADB
    mysql: MySQL = request.getfixturevalue("mysql_server")
    return mysql, BOTH + MYSQL


def test_every_default_set_to_a_hostile_value_gives_the_same_report(
    world: World, server: tuple[Server, tuple[str, ...]]
) -> None:
    other, settings = server
    _fill(world.ingress, ingress=True)
    _fill(other, ingress=False)
    plain = _report(world, world.ingress, other)
    assert world.summary["transfers"] == ROWS + ROWS // 10
    assert world.summary["passed"] == ROWS * 8 // 10
    with hostile(other, *settings):
        assert _report(world, world.ingress, other) == plain


@pytest.mark.parametrize("setting", ["sql_select_limit = 100", "sql_select_limit = 0"])
def test_a_row_limit_hides_no_rows(world: World, setting: str) -> None:
    _fill(world.ingress, ingress=True)
    _fill(world.egress, ingress=False)
    with hostile(world.ingress, setting), hostile(world.egress, setting):
        world.run()
    assert world.summary["transfers"] == ROWS + ROWS // 10

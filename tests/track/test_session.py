"""Sessions with a real server: our statements, TLS, and errors."""

from __future__ import annotations

import gc
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import gevent
import pytest

from fthg.errors import DatabaseError
from fthg.track.rows import Database
from fthg.track.session import Session
from fthg.track.side import Side
from fthg.track.tls import Tls
from tests.garbage import earlier_objects_left_alone
from tests.servers import free_port
from tests.servers.mariadb import PASSWORD, USER, MariaDB, mariadb
from tests.servers.mysql import MySQL
from tests.servers.sql_proxy import swallowing_sets
from tests.servers.web_store import PROGRAMS, listening

from .test_hostile import Server, hostile
from .world import DATABASE, END, START, World, read_rows

UUID = "00112233-4455-6677-8899-aabbccddeeff"
TABLE = f"{DATABASE}.transfers"


def _error(side: Side) -> str:
    with gevent.Timeout(20), pytest.raises(DatabaseError) as caught:
        read_rows(side)
    return str(caught.value)


def test_a_whole_run_sends_nothing_but_select_set_and_transaction_control(world: World) -> None:
    world.insert("ingress", (UUID, "a", START, None, None))
    for server in (world.ingress, world.egress):
        server.general_log.unlink(missing_ok=True)
        server.run("SET GLOBAL general_log = ON")
    world.run()
    for server in (world.ingress, world.egress):
        server.run("SET GLOBAL general_log = OFF")
        statements = set(_statements(server.general_log))
        assert any(statement.startswith("SELECT") for statement in statements)
        assert {statement.split()[0] for statement in statements} <= {
            "SELECT",
            "SET",
            "START",
            "COMMIT",
        }
        assert not [statement for statement in statements if "FOR UPDATE" in statement]
        assert "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY" in statements


def _statements(log: Path) -> Iterator[str]:
    """Return the queries of the one connection that USER made."""
    lines = [line.split("\t") for line in log.read_text().splitlines()]
    entries = [(line[-2].split()[-2:], line[-1]) for line in lines if len(line) >= 3]
    ours = {entry[0][0] for entry in entries if entry[1].startswith(f"{USER}@")}
    assert len(ours) == 1
    for (thread, command), text in entries:
        if thread in ours and command == "Query":
            yield text


@pytest.mark.parametrize(
    ("change", "number", "words"),
    [
        ({"host": "no.such.host.invalid"}, 2003, "no.such.host.invalid"),
        ({"port": 1}, 2003, "refused"),
        ({"user": "nobody"}, 1045, "Access denied"),
        ({"password": "wrong-password"}, 1045, "check user and password"),
        ({"database": "elsewhere"}, 1044, "elsewhere"),
        ({"table": "elsewhere"}, 1142, "elsewhere"),
        ({"tls": Tls("required")}, 2026, "TLS"),
    ],
)
def test_an_error_names_side_host_database_table_number_and_text(
    world: World, change: dict[str, Any], number: int, words: str
) -> None:
    world.ingress.run(f"GRANT SELECT ON {TABLE} TO {USER}@'127.0.0.1'")
    world.ingress.run(f"REVOKE SELECT ON {DATABASE}.* FROM {USER}@'127.0.0.1'")
    side = world.side("ingress", **change)
    error = _error(side)
    assert error.startswith(
        f"ingress: {side.host}:{side.port}, database {side.database}, table {side.table}: "
        f"error {number}: "
    )
    assert words in error
    assert PASSWORD not in error
    assert "wrong-password" not in error


def test_a_missing_table_is_named_to_a_user_who_may_know(world: World) -> None:
    assert "table gone: error 1146: " in _error(world.side("ingress", table="gone"))


def test_a_server_that_never_greets_is_given_up_after_the_connect_timeout(world: World) -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen(1)
        side = world.side("ingress", port=mute.getsockname()[1], connect_timeout=0.3)
        assert "no answer within 0.3s" in _error(side)


def test_a_server_that_talks_something_else_is_an_error_with_its_place(world: World) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)

        def talk() -> None:
            with other.accept()[0] as connection:
                connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n" + b"x" * 300)

        talker = gevent.spawn(talk)
        error = _error(world.side("ingress", port=other.getsockname()[1]))
        talker.join()
        assert error.startswith("ingress: 127.0.0.1:")


@contextmanager
def endless_columns(home: Path) -> Iterator[int]:
    """Run a server whose answer to any query has columns without end; yield its port.

    It is a process of its own: what is measured is that fthg gives way, not who has Python's lock.
    """
    port = free_port()
    command = [sys.executable, str(PROGRAMS / "endless_columns.py"), str(port)]
    with listening(command, port, home / "output"):
        yield port


@pytest.fixture
def nothing_else_is_collected() -> Iterator[None]:
    """Keep Python from looking through all objects while a test measures who is held up."""
    gc.collect()
    with earlier_objects_left_alone():
        yield


@pytest.mark.usefixtures("nothing_else_is_collected")
def test_a_server_that_talks_without_end_lets_others_run(tmp_path: Path) -> None:
    turns: list[float] = []

    def turn() -> None:
        while True:
            turns.append(time.monotonic())
            gevent.sleep(0.01)

    with endless_columns(tmp_path) as port:
        session = Session(Side("ingress", "127.0.0.1", USER, DATABASE, port, password=PASSWORD))
        turning = gevent.spawn(turn)
        with pytest.raises(gevent.Timeout), gevent.Timeout(3):
            session.connect()
        turning.kill()
        session.close()
    assert max(after - before for before, after in zip(turns, turns[1:])) < 1


@pytest.fixture
def doomed() -> Iterator[MariaDB]:
    """Run a server for one test, with rows that take a while to read."""
    with mariadb() as server:
        server.schema(DATABASE)
        server.run(
            f"INSERT INTO {TABLE} SELECT UUID(), REPEAT('x', 200), '2026-01-01 00:10', NULL, NULL "
            f"FROM {DATABASE}.seq_1_to_60000"
        )
        yield server


def _kill(server: MariaDB) -> None:
    ours = server.run(f"SELECT id FROM information_schema.processlist WHERE user = '{USER}'")
    for (number,) in ours:
        server.run(f"KILL {number}")


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda server: server.stop(signal.SIGKILL), id="dies"),
        pytest.param(lambda server: server.signal(signal.SIGSTOP), id="hangs"),
        pytest.param(_kill, id="kills the connection"),
    ],
)
def test_a_server_that_fails_in_mid_fetch_is_an_error_soon(
    doomed: MariaDB, harm: Callable[[MariaDB], None]
) -> None:
    side = Side(
        "egress", "127.0.0.1", USER, DATABASE, doomed.port, password=PASSWORD, read_timeout=1
    )
    with closing(Database(side)) as database, gevent.Timeout(20):
        database.begin()
        rows = database.between(START, END)
        next(rows)
        harm(doomed)
        with pytest.raises(DatabaseError, match=r"^egress: .*table transfers: error"):
            for _ in rows:
                pass


def test_a_server_that_is_gone_between_two_polls_is_an_error(doomed: MariaDB) -> None:
    side = Side("egress", "127.0.0.1", USER, DATABASE, doomed.port, password=PASSWORD)
    with closing(Database(side)) as database, gevent.Timeout(20):
        database.begin()
        database.end()
        doomed.stop()
        with pytest.raises(DatabaseError, match=r"^egress: .*error 2003"):
            database.begin()
        doomed.start()
        database.begin()
        database.end()


@pytest.fixture(params=["MariaDB", "MySQL"])
def server(request: pytest.FixtureRequest, world: World) -> Server:
    if request.param == "MariaDB":
        return world.ingress
    mysql: MySQL = request.getfixturevalue("mysql_server")
    mysql.schema(DATABASE)
    return mysql


@pytest.fixture
def session(server: Server) -> Iterator[Session]:
    side = Side("ingress", "127.0.0.1", USER, DATABASE, server.port, password=PASSWORD)
    with closing(Session(side)) as session:
        yield session


def _connection_id(session: Session) -> int:
    ((number,),) = session.run("SELECT CONNECTION_ID()")
    return int(number)


def test_a_connection_that_the_server_closes_is_opened_again(
    server: Server, session: Session
) -> None:
    assert session.begin()
    for _ in range(2):
        number = _connection_id(session)
        session.end()
        assert not session.begin()
        session.end()
        server.run(f"KILL CONNECTION {number}")
        assert session.begin()
        assert _connection_id(session) != number
    assert session.run(f"SELECT COUNT(*) FROM {TABLE}") == [(0,)]


def test_a_short_wait_timeout_of_the_server_is_not_ours(server: Server, session: Session) -> None:
    with hostile(server, "wait_timeout = 1", "interactive_timeout = 1"):
        session.begin()
        session.end()
        gevent.sleep(2.5)
        assert not session.begin()


def test_a_proxy_that_swallows_what_is_set_is_found_out(server: Server) -> None:
    with hostile(server, "sql_select_limit = 100"), swallowing_sets(server.port) as port:
        side = Side(
            "ingress", "127.0.0.1", USER, DATABASE, port, password=PASSWORD, tls=Tls("disabled")
        )
        error = _error(side)
    assert "sql_select_limit was set to 18446744073709551615, but is 100" in error
    assert "time_zone was set to '+00:00', but is '-07:00'" in error
    assert "connect to the server itself" in error


DIGITS = "(SELECT 0 UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4)"


@pytest.mark.parametrize(
    ("isolation", "power"), [("SERIALIZABLE", 7), ("READ-COMMITTED", 5), ("READ-UNCOMMITTED", 5)]
)
def test_a_poll_is_of_one_moment_and_nobody_waits_for_it(
    server: Server, isolation: str, power: int
) -> None:
    """Check that UPDATEs during a poll of 5**power rows neither wait for it nor change it."""
    tables = ", ".join(f"{DIGITS} AS t{n}" for n in range(power))
    server.run(
        f"INSERT INTO {TABLE} SELECT UUID(), 'x', '2026-01-01 00:10', NULL, NULL FROM {tables}"
    )
    name = "tx_isolation" if isinstance(server, MariaDB) else "transaction_isolation"
    waits = "SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_waits'"
    side = Side("ingress", "127.0.0.1", USER, DATABASE, server.port, password=PASSWORD)
    with hostile(server, f"{name} = '{isolation}'"), closing(Database(side)) as database:
        before = server.run(waits)
        database.begin()
        server.run(f"INSERT INTO {TABLE} VALUES ('new', 'y', '2026-01-01 00:10', NULL, NULL)")
        chunks = database.between(START, END)
        rows = next(chunks)
        with closing(server.connect()) as other, closing(other.cursor()) as cursor:
            cursor.execute("SET SESSION innodb_lock_wait_timeout = 2")
            cursor.execute(f"UPDATE {TABLE} SET status = 'FAILED' LIMIT 2000")
            cursor.execute(f"DELETE FROM {TABLE} ORDER BY startTime DESC LIMIT 1000")
        rows += [row for chunk in chunks for row in chunk]
        database.end()
        assert server.run(waits) == before
    assert len(rows) == 5**power
    assert {row.status for row in rows} == {None}
    assert {row.filename for row in rows} == {"x"}

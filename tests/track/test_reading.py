"""Both sides read in processes of their own, and what happens when one of these dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

import gevent
import pytest

from fthg.errors import DatabaseError, StartError
from fthg.track.figures import State
from fthg.track.ledger import Ledger
from fthg.track.live import Live
from fthg.track.measure import measure
from fthg.track.outputs import TrackOutputs
from fthg.track.processes import start_processes
from fthg.track.reading import Reader
from fthg.track.rows import Database, RawRow
from fthg.track.side import Side
from tests.screen import screen
from tests.servers.mariadb import PASSWORD, USER, MariaDB, mariadb

from .world import DATABASE, END, GRACE, START, JumpingClock, World, read_rows

TABLE = f"{DATABASE}.transfers"


def _fill(server: MariaDB, rows: int) -> None:
    server.run(
        f"INSERT INTO {TABLE} SELECT UUID(), CONCAT('file ', seq), '2026-01-01 00:10', NULL, NULL "
        f"FROM {DATABASE}.seq_1_to_{rows}"
    )


@pytest.mark.parametrize("rows", [1, 999, 1000, 1001, 20_000])
def test_all_rows_arrive_as_the_database_has_them(world: World, rows: int) -> None:
    _fill(world.ingress, rows)
    with closing(Reader(world.side("ingress"))) as reader:
        reader.begin()
        read = [row for chunk in reader.between(START, END) for row in chunk]
        reader.end()
    assert len(read) == rows
    assert sorted(read) == sorted(map(tuple, read_rows(world.side("ingress"))))


def test_one_connection_serves_all_polls_and_is_closed_at_the_end(world: World) -> None:
    world.insert("ingress", (str(uuid4()), "a", START, None, None))
    with closing(Reader(world.side("ingress"))) as reader:
        seen = set()
        for _ in range(3):
            reader.begin()
            assert len([row for rows in reader.between(START, END) for row in rows]) == 1
            reader.end()
            seen.update(_connections(world.ingress))
        assert len(seen) == 1
    with gevent.Timeout(5):
        while _connections(world.ingress):
            gevent.sleep(0.02)


def _connections(server: MariaDB) -> list[tuple[object, ...]]:
    return server.run(f"SELECT id FROM information_schema.processlist WHERE user = '{USER}'")


def test_any_number_of_keys_is_asked_for(world: World) -> None:
    uuids = [uuid4() for _ in range(7001)]
    world.insert("egress", *[(str(uuid), "a", START, None, None) for uuid in uuids[::2]])
    with closing(Reader(world.side("egress"))) as reader:
        reader.begin()
        answers = list(reader.having([uuid.bytes for uuid in uuids]))
        reader.end()
    assert [key for keys, _ in answers for key in keys] == [uuid.bytes for uuid in uuids]
    found = [row.key for _, rows in answers for row in rows]
    assert sorted(found, key=str) == sorted((uuid.bytes for uuid in uuids[::2]), key=str)


def test_an_error_of_the_server_is_the_same_as_without_a_process(world: World) -> None:
    side = world.side("ingress", table="gone")
    with pytest.raises(DatabaseError) as direct, closing(Database(side)) as database:
        database.begin()
    with pytest.raises(DatabaseError) as found, closing(Reader(side)) as reader:
        reader.begin()
    assert str(found.value) == str(direct.value)
    assert "error 1146" in str(found.value)


@pytest.fixture
def doomed() -> Iterator[MariaDB]:
    """Run a server for one test, with rows that take a while to read."""
    with mariadb() as server:
        server.schema(DATABASE)
        _fill(server, 60_000)
        yield server


@pytest.mark.parametrize(
    ("harm", "error"),
    [
        pytest.param(
            lambda _, pid: os.kill(pid, signal.SIGKILL), "is lost: it was ended by SIGKILL", id="it"
        ),
        pytest.param(lambda server, _: server.stop(signal.SIGKILL), "error 2013", id="server"),
    ],
)
def test_a_death_in_mid_fetch_is_an_error_soon(
    doomed: MariaDB, harm: Callable[[MariaDB, int], None], error: str
) -> None:
    side = Side("egress", "127.0.0.1", USER, DATABASE, doomed.port, password=PASSWORD)
    with closing(Reader(side)) as reader, gevent.Timeout(20):
        reader.begin()
        rows = reader.between(START, END)
        next(rows)
        harm(doomed, reader.companion.pid)
        with pytest.raises(DatabaseError, match=rf"^egress: .*table transfers.*{error}"):
            for _ in rows:
                pass


def test_after_any_end_no_process_and_no_file_is_left(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    before = _children()
    _fill(world.ingress, 1001)
    assert world.run() == 5
    with pytest.raises(DatabaseError):
        world.run(world.plan(egress=world.side("egress", table="gone")))
    run = gevent.spawn(world.run, world.plan())
    gevent.sleep(0.1)
    run.kill()
    assert _children() == before
    assert list((tmp_path / "temporary").iterdir()) == []
    assert not list(tmp_path.glob(".fthg*"))


def _children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def test_the_csv_is_replaced_only_if_its_process_ends_well(world: World) -> None:
    old = world.directory / "all.csv"
    old.write_text("old")
    before = _children()
    with start_processes(world.plan()) as processes, closing(Ledger(START, END, GRACE)) as ledger:
        assert processes.csv is not None
        processes.csv.open(ledger)
        ledger.hide()
        assert not os.path.exists(ledger.path)
        ledger.pair(END)
        others = [one.companion for one in processes.readers] + [processes.durations.companion]
        (pid,) = _children() - before - {str(other.pid) for other in others}
        os.kill(int(pid), signal.SIGKILL)
        with pytest.raises(StartError, match="it was ended by SIGKILL"):
            processes.csv.write()
    assert old.read_text() == "old"
    assert list(world.directory.iterdir()) == [old]


def test_a_csv_that_is_begun_before_measuring_is_the_one_that_is_written(world: World) -> None:
    path = world.directory / "all.csv"
    with _begun_csv(world) as (files, ledger):
        with gevent.Timeout(20):
            while not path.exists():
                gevent.sleep(0.02)
        begun = path.stat().st_ino
        files.write(measure(world.plan(), ledger, END, State.FINAL))
        assert files.errors == {}
        assert path.stat().st_ino == begun
    assert len(world.lines) == 20_000


def test_a_csv_that_was_begun_for_nothing_leaves_the_old_one(world: World) -> None:
    old = world.directory / "all.csv"
    old.write_text("old")
    with _begun_csv(world) as (files, _):
        gevent.sleep(0)
        files.close()
    assert old.read_text() == "old"
    assert list(world.directory.iterdir()) == [old]


@contextmanager
def _begun_csv(world: World) -> Iterator[tuple[TrackOutputs, Ledger]]:
    """Give the files of a run that has paired its rows, and not yet measured them."""
    plan = world.plan()
    rows = [RawRow(n.to_bytes(16, "big"), "a", START, None, None) for n in range(20_000)]
    with (
        start_processes(plan) as processes,
        closing(Ledger(START, END, GRACE)) as ledger,
        screen() as shown,
    ):
        assert processes.csv is not None
        processes.csv.open(ledger)
        ledger.add("ingress", rows)
        ledger.pair(END)
        live = Live(shown.terminal, JumpingClock(END), quiet=True)
        with closing(TrackOutputs(plan, ledger, live, processes.csv)) as files:
            files.begin_csv()
            yield files, ledger

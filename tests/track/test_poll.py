"""Polls that find nothing new, that cost much, and that a stop abandons."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from uuid import UUID

import gevent
from gevent.event import Event

from fthg.clock import Clock
from fthg.track.watch import SHARE

from .world import DATABASE, END, SECOND, START, JumpingClock, World

TABLE = f"{DATABASE}.transfers"
ROWS = 20


def _insert_pairs(world: World, number: int = ROWS, start: int = START + SECOND) -> None:
    names = [
        (str(UUID(int=n + 1)), f"f{n}", start + n, start + SECOND, "SUCCESS") for n in range(number)
    ]
    for side in ("ingress", "egress"):
        world.insert(side, *names)


def _insert_lost(world: World, start: int) -> None:
    world.insert("ingress", (str(UUID(int=9999)), "lost", start, None, None))


class Notes:
    """The moments in which the outputs were written, one entry a poll; stops after some polls."""

    def __init__(self, world: World, polls: int) -> None:
        self._world = world
        self._polls = polls
        self.stop = Event()
        self.written: list[tuple[int, int]] = []

    def take(self) -> None:
        paths = (self._world.directory / name for name in ("all.csv", "summary.json"))
        first, second = (path.stat().st_mtime_ns for path in paths)
        self.written.append((first, second))
        if len(self.written) == self._polls:
            self.stop.set()

    @property
    def fresh(self) -> list[bool]:
        """Return for each poll after the first whether it has written."""
        pairs = zip(self.written, self.written[1:])
        assert all((a[0] != b[0]) == (a[1] != b[1]) for a, b in pairs)
        return [a != b for a, b in zip(self.written, self.written[1:])]


def test_a_poll_that_finds_nothing_changed_writes_nothing(world: World) -> None:
    _insert_pairs(world)
    notes = Notes(world, 4)
    world.run(clock=JumpingClock(START + 100 * SECOND, [notes.take] * 4), stop=notes.stop)
    assert notes.fresh == [False, False, False]
    snapshot = "2026-01-01T00:01:40.000000Z"
    assert world.summary["snapshot"] == snapshot  # of the poll that found the rows


def test_every_change_of_a_row_is_written_by_the_next_poll(world: World) -> None:
    _insert_pairs(world)
    notes, seen = Notes(world, 4), []

    def change(sql: str) -> None:
        notes.take()
        seen.append(world.summary["failed"])
        world.egress.run(f"UPDATE {TABLE} SET {sql} WHERE filename = 'f3'")

    changes = [
        lambda: change("status = 'FAILED'"),
        lambda: change("endTime = endTime + INTERVAL 1 MICROSECOND"),
        lambda: change("filename = 'f3'"),  # the same
        notes.take,
    ]
    world.run(clock=JumpingClock(START + 100 * SECOND, changes), stop=notes.stop)
    assert notes.fresh == [True, True, False]
    assert seen == [0, 1, 1]


def test_a_row_that_vanishes_or_comes_twice_is_a_change(world: World) -> None:
    _insert_pairs(world)
    notes, rows = Notes(world, 3), []

    def change(sql: str) -> None:
        notes.take()
        rows.append(len(world.lines))
        for server in (world.ingress, world.egress):
            server.run(sql)

    changes = [
        lambda: change(f"DELETE FROM {TABLE} WHERE filename = 'f3'"),
        lambda: change(f"INSERT INTO {TABLE} SELECT * FROM {TABLE} WHERE filename = 'f4'"),
        lambda: change("DO 0"),
    ]
    world.run(clock=JumpingClock(START + 100 * SECOND, changes), stop=notes.stop)
    assert notes.fresh == [True, True]
    assert rows == [ROWS, ROWS - 1, ROWS - 1]
    assert world.summary["data_quality"]["duplicate_uuid"] == 2


def test_time_alone_makes_a_row_unpaired_and_a_transfer_overdue(world: World) -> None:
    now = START + 100 * SECOND
    _insert_lost(world, now)  # overdue after 25 s, unpaired after 60 s
    notes, seen = Notes(world, 8), []

    def observe() -> None:
        notes.take()
        found = world.summary
        seen.append((found["sla"]["overdue"], found["pending"], found["unpaired"]["ingress"]))

    clock = JumpingClock(now, [observe] * 8)
    world.run(world.plan(sla=25 * SECOND), clock, notes.stop)
    assert notes.fresh == [False, False, True, False, False, True, False]
    assert seen == [(0, 1, 0)] * 3 + [(1, 1, 0)] * 3 + [(0, 0, 1)] * 2


def test_the_time_between_polls_is_ten_times_what_a_poll_costs(world: World) -> None:
    class Busy(JumpingClock):
        def utc(self) -> int:
            self._utc += 2_000_000_000  # each poll looks at least twice
            return self._utc

    stop = Event()
    clock = Busy(START + SECOND, [stop.set])
    world.run(clock=clock, stop=stop)
    assert SHARE == 10
    assert clock.slept[0] >= 40


def test_a_poll_that_stands_when_it_is_stopped_is_abandoned_for_the_one_before(
    world: World,
) -> None:
    _insert_pairs(world)
    page = world.directory / "report.html"
    plan = world.plan(end=END + 10 * 365 * 86_400 * SECOND, poll=0.2, output=str(page))
    stop = Event()
    run = gevent.spawn(world.run, plan, Clock(), stop)
    _wait_for(page.exists)
    with _locked(world):
        _wait_for(lambda: bool(_blocked(world)))
        gevent.spawn_later(0.5, stop.set)
        with gevent.Timeout(20):
            assert run.get() == 0
    assert (world.summary["state"], world.summary["passed"]) == ("ended_early", ROWS)
    assert len(world.lines) == ROWS
    assert (
        "stopping after this poll: reading egress, 0 rows so far; again to stop" in world.progress
    )
    assert "the report is of the poll at" in world.progress


def test_a_first_poll_is_finished_though_it_is_stopped(world: World) -> None:
    _insert_pairs(world)
    stop = Event()
    with _locked(world):
        run = gevent.spawn(world.run, world.plan(), JumpingClock(START + 100 * SECOND), stop)
        _wait_for(lambda: bool(_blocked(world)))
        stop.set()
        gevent.sleep(0.5)
        assert not run.ready()
    assert run.get(timeout=20) == 0
    assert (world.summary["state"], world.summary["passed"]) == ("ended_early", ROWS)


@contextmanager
def _locked(world: World) -> Iterator[None]:
    """Keep the table at egress from being read, for the length of the block."""
    with closing(world.egress.connect()) as blocker, closing(blocker.cursor()) as cursor:
        cursor.execute(f"LOCK TABLES {TABLE} WRITE")
        yield


def _blocked(world: World) -> list[tuple[object, ...]]:
    waits = "SELECT id FROM information_schema.processlist WHERE state LIKE 'Waiting for table%'"
    return world.egress.run(waits)


def _wait_for(condition: Callable[[], bool]) -> None:
    with gevent.Timeout(20):
        while not condition():
            gevent.sleep(0.02)

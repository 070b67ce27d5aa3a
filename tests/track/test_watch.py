"""Following two live databases: rows that change between polls, and the end."""

from __future__ import annotations

import json
import termios
import time
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import gevent
import pytest
from gevent.event import Event

from fthg.clock import Clock
from fthg.errors import DatabaseError, StartError
from fthg.track.figures import Figures, State
from fthg.track.ledger import Ledger
from fthg.track.live import Live
from fthg.track.measure import measure
from fthg.track.poll import STOP_TIMEOUT
from fthg.track.rows import Database
from tests.screen import screen

from .watching import watching
from .world import DATABASE, END, GRACE, SECOND, START, JumpingClock, World

TABLE = f"{DATABASE}.transfers"


def _name(n: int) -> str:
    return str(UUID(int=n + 1))


def _pair(world: World, n: int, start: int, *, done: bool = True) -> None:
    world.insert("ingress", (_name(n), f"f{n}", start, start + SECOND, "SUCCESS"))
    end, status = (start + 5 * SECOND, "SUCCESS") if done else (None, None)
    world.insert("egress", (_name(n), f"f{n}", start + 2 * SECOND, end, status))


class Patient(JumpingClock):
    """A clock that jumps, but gives a poll all the time that it needs after a stop."""

    def sleep_until(self, deadline: int) -> None:
        if deadline - self.now() == STOP_TIMEOUT:
            gevent.sleep(60)
        super().sleep_until(deadline)


def test_a_period_that_is_over_is_followed_until_its_grace_is_over(world: World) -> None:
    world.insert("ingress", (_name(1), "young", END - SECOND, None, None))
    clock = JumpingClock(END + SECOND)
    assert world.run(clock=clock) == 5
    assert clock.utc() == (END + GRACE) * 1000


def test_once_polls_once(world: World) -> None:
    world.insert("ingress", (_name(1), "young", END - SECOND, None, None))
    clock = JumpingClock(END + SECOND)
    assert world.run(world.plan(once=True), clock) == 0
    assert clock.slept == []


def test_once_polls_once_even_if_the_period_has_not_ended(world: World) -> None:
    clock = JumpingClock(START + SECOND)
    assert world.run(world.plan(once=True), clock) == 0
    assert clock.slept == []
    assert world.summary["state"] == "ended_early"


def test_once_while_something_is_open_ends_early_until_the_grace_is_over(world: World) -> None:
    world.insert("ingress", (_name(1), "young", END - SECOND, None, None))
    states: list[str] = []
    for now in (END + SECOND, END + GRACE - 2 * SECOND, END + GRACE):
        world.run(world.plan(once=True), JumpingClock(now))
        states.append(world.summary["state"])
    assert states == ["ended_early", "ended_early", "final"]


def test_once_after_the_period_is_final_if_nothing_is_open(world: World) -> None:
    _pair(world, 1, START)
    assert world.run(world.plan(once=True), JumpingClock(END)) == 0
    assert world.summary["state"] == "final"


def test_an_empty_period_makes_a_valid_report(world: World) -> None:
    assert world.run(world.plan(output=str(world.directory / "report.html"))) == 0
    assert world.summary["transfers"] == 0
    assert world.summary["pass_rate"] is None
    assert set(world.summary["transit"].values()) == {None}
    assert (world.directory / "report.html").read_text().startswith("<!doctype html>")


def test_polling_ends_with_the_period_when_nothing_is_open(world: World) -> None:
    clock = JumpingClock(END - 25 * SECOND)
    assert world.run(clock=clock) == 0
    assert clock.slept == [10, 10, 5]


def test_polling_goes_on_while_something_is_open_until_the_grace_is_over(world: World) -> None:
    _pair(world, 1, START, done=False)
    clock = JumpingClock(END - 10 * SECOND)
    assert world.run(world.plan(poll=25.0), clock) == 0
    assert clock.slept == [10, 25, 25, 10]
    assert world.summary["in_progress"] == 1


def test_a_late_partner_ends_the_wait(world: World) -> None:
    world.insert("ingress", (_name(1), "f1", END - SECOND, END, "SUCCESS"))
    arrive = lambda: world.insert("egress", (_name(1), "f1", END, END + SECOND, "SUCCESS"))  # noqa: E731
    clock = JumpingClock(END - 10 * SECOND, [lambda: None, arrive])
    assert world.run(clock=clock) == 0
    assert clock.slept == [10, 10]
    assert world.results() == {"f1": "passed"}


def test_rows_that_change_or_come_very_late_are_caught(world: World) -> None:
    _pair(world, 1, START + SECOND, done=False)
    _pair(world, 3, END - 20 * SECOND)  # so that the first hour is not read again by each poll

    def change() -> None:
        world.egress.run(
            f"UPDATE {TABLE} SET endTime = '2026-01-01 00:00:09', status = 'FAILED' "
            f"WHERE UUID = '{_name(1)}'"
        )
        # Committed an hour late and complete: nothing but the last full read can find it.
        _pair(world, 2, START + SECOND)

    def observe() -> None:
        seen.append(world.results())

    seen: list[dict[str, str]] = []
    assert world.run(clock=JumpingClock(END - 15 * SECOND, [change, observe])) == 0
    assert seen == [{"f1": "failed", "f3": "passed"}]
    assert world.results() == {"f1": "failed", "f2": "passed", "f3": "passed"}


def test_rows_out_of_order_are_caught_between_polls_without_reading_all_again(
    world: World,
) -> None:
    for side, wait in (("ingress", 0), ("egress", 2 * SECOND)):
        starts = [(n, START + n * SECOND + wait) for n in range(200)]
        rows = [(_name(n), f"f{n}", start, start + SECOND, "SUCCESS") for n, start in starts]
        world.insert(side, *rows)
    seen: list[dict[str, str]] = []
    now = START + 1800 * SECOND
    _pair(world, 300, now - SECOND)

    def late() -> None:
        _pair(world, 301, now - 3 * SECOND)  # started before the latest row that was seen

    def observe() -> None:
        seen.append(world.results())
        stop.set()

    stop = Event()
    read = _rows_read(world)
    clock = JumpingClock(now, [late, lambda: seen.append(world.results()), observe])
    world.run(clock=clock, stop=stop)
    assert seen[0]["f301"] == "passed"
    # Two whole reads, first and last, each of rows, index and duplicates; in between a few rows.
    assert _rows_read(world) - read < 2 * 4 * 202


def _rows_read(world: World) -> int:
    names = "'Handler_read_next', 'Handler_read_rnd_next'"
    sql = (
        "SELECT SUM(VARIABLE_VALUE) FROM information_schema.GLOBAL_STATUS "
        f"WHERE VARIABLE_NAME IN ({names})"
    )
    return int(world.ingress.run(sql)[0][0])


def test_the_report_says_that_it_is_still_running_until_the_end(world: World) -> None:
    states: list[str] = []

    def observe() -> None:
        states.append(world.summary["state"])

    world.run(clock=JumpingClock(END - 20 * SECOND, [observe, observe]))
    assert (states, world.summary["state"]) == (["running", "running"], "final")


def test_stop_ends_polling_with_a_last_poll(world: World) -> None:
    stop = Event()

    def halt() -> None:
        _pair(world, 1, START + SECOND)
        stop.set()

    clock = Patient(START + 100 * SECOND, [halt])
    assert world.run(clock=clock, stop=stop) == 0
    assert (world.results(), world.summary["state"]) == ({"f1": "passed"}, "ended_early")


def test_a_stop_while_the_files_are_written_makes_that_poll_the_last_one(world: World) -> None:
    stop = Event()
    figures: list[Figures] = []
    clock = JumpingClock(START + 100 * SECOND)
    with watching(world.plan(), clock, stop) as made:
        for found in made.watch.polls():
            figures.append(found)
            stop.set()
    assert [found.state for found in figures] == [State.RUNNING, State.ENDED_EARLY]
    assert figures[0].snapshot == figures[1].snapshot
    assert clock.slept == []


def test_stop_wakes_a_run_that_waits_for_the_next_poll(world: World) -> None:
    class Asleep(JumpingClock):
        def sleep_until(self, deadline: int) -> None:  # noqa: ARG002 — for ever
            gevent.sleep(60)

    stop = Event()
    gevent.spawn_later(0.5, stop.set)
    with gevent.Timeout(20):
        assert world.run(clock=Asleep(START + SECOND), stop=stop) == 0


def test_a_query_that_fails_leaves_the_last_report_whole(world: World) -> None:
    _pair(world, 1, START)
    turns = [lambda: world.egress.run(f"DROP TABLE {TABLE}")]
    with pytest.raises(DatabaseError, match=r"^egress: "):
        world.run(clock=JumpingClock(START + 100 * SECOND, turns))
    assert world.summary["passed"] == 1
    assert sorted(path.name for path in world.directory.iterdir()) == ["all.csv", "summary.json"]


def test_connections_that_are_lost_between_two_polls_are_opened_again(world: World) -> None:
    _pair(world, 1, START)
    killed: list[object] = []

    def kill() -> None:
        for server in (world.ingress, world.egress):
            users = "SELECT id FROM information_schema.processlist WHERE user = 'fthg'"
            killed.extend(server.run(f"KILL {number}") for (number,) in server.run(users))

    def pair() -> None:
        _pair(world, 2, START)

    turns = [kill, pair, kill, kill]
    assert world.run(clock=JumpingClock(START + 100 * SECOND, turns)) == 0
    assert len(killed) == 6
    assert world.summary["passed"] == 2


@pytest.mark.parametrize("option", ["output", "csv", "summary", "ledger"])
def test_an_output_that_cannot_be_written_is_found_before_the_first_query(
    world: World, option: str
) -> None:
    missing = world.directory / "missing" / "file"
    plan = world.plan(ingress=world.side("ingress", port=1), **{option: str(missing)})
    with pytest.raises(StartError, match=str(missing)):
        world.run(plan)


def test_a_ledger_is_kept_and_no_other_file_is_overwritten(world: World) -> None:
    _pair(world, 1, START)
    path = world.directory / "ledger.db"
    for _ in range(2):
        assert world.run(world.plan(ledger=str(path))) == 0
    assert path.stat().st_mode & 0o777 == 0o640
    precious = world.directory / "precious"
    precious.write_text("do not touch")
    with pytest.raises(StartError, match="precious"):
        world.run(world.plan(ledger=str(precious)))
    assert precious.read_text() == "do not touch"


def test_both_sides_are_read_at_the_same_time(world: World) -> None:
    """Check that a side that waits for a lock does not delay the other."""
    with closing(world.ingress.connect()) as blocker, closing(blocker.cursor()) as cursor:
        cursor.execute(f"LOCK TABLES {TABLE} WRITE")
        run = gevent.spawn(world.run, world.plan())
        seen = False
        for _ in range(200):
            gevent.sleep(0.02)
            seen = seen or bool(_running(world))
            if seen:
                break
        cursor.execute("UNLOCK TABLES")
        assert run.get(timeout=20) == 0
    assert seen


def _running(world: World) -> list[tuple[object, ...]]:
    return world.egress.run("SELECT id FROM information_schema.processlist WHERE user = 'fthg'")


def test_without_a_terminal_there_is_a_line_and_no_redrawing(world: World) -> None:
    _pair(world, 1, START)
    world.insert("ingress", (str(uuid4()), "lost", START, None, None))
    assert world.run() == 5
    assert "found at ingress 2, found at egress 1, paired 1" in world.progress
    assert "\x1b" not in world.progress
    assert "transfers........: 2\n" in world.out.getvalue()
    assert "passed...........: 1           100.00%" in world.out.getvalue()


def test_on_a_terminal_the_live_view_shows_what_is_unpaired(world: World) -> None:
    world.insert("ingress", (str(uuid4()), "lost", START, None, None))
    figures = _figures(world, JumpingClock(END + 86_400 * SECOND))
    clock = Clock()
    with screen(is_tty=True) as shown:
        with Live(shown.terminal, clock) as live:
            live.end_poll(figures)
            live.announce_poll(clock.utc() // 1000 + 10 * SECOND)
            gevent.sleep(0.01)
            view = shown.text
        assert "unpaired" in view
        assert "in 10s" in view
        assert shown.text.endswith("\x1b[J\x1b[?25h")


def test_a_paused_terminal_delays_no_poll(world: World) -> None:
    world.insert("ingress", (str(uuid4()), "lost", START, None, None))
    figures = _figures(world, JumpingClock(END + 86_400 * SECOND))
    with screen(is_tty=True) as shown:
        termios.tcflow(shown.stream.fileno(), termios.TCOOFF)
        shown.stream.start()
        began = time.monotonic()
        with Live(shown.terminal, Clock()) as live:
            while time.monotonic() < began + 1:
                live.end_poll(figures)
                gevent.sleep(0.05)
            assert shown.stream.pending
        assert time.monotonic() - began < 2
        termios.tcflow(shown.stream.fileno(), termios.TCOON)
        assert shown.text.count("unpaired") == 1


def _figures(world: World, clock: JumpingClock) -> Figures:
    plan = world.plan()
    with closing(Ledger(START, END, GRACE)) as ledger, closing(Database(plan.ingress)) as database:
        database.begin()
        for rows in database.between(START, END):
            ledger.add("ingress", rows)
        ledger.pair(clock.utc() // 1000)
        figures = measure(plan, ledger, clock.utc() // 1000, State.FINAL)
    assert figures.counts.unpaired == 1
    return figures


def _results(path: Path, *entries: dict[str, object], tail: str = "") -> str:
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries) + tail)
    return str(path)


def _sent(n: int, start: int, outcome: str = "ok", **changes: object) -> dict[str, object]:
    entry: dict[str, object] = {
        "run": "r", "job": "orders", "seq": n, "uuid": _name(n), "file": f"in/f{n}", "size": 1000,
        "outcome": outcome, "due": start / 1e6, "start": start / 1e6, "end": start / 1e6 + 0.5,
    }  # fmt: skip
    return {**entry, **changes}


@pytest.mark.parametrize("match", ["uuid", "filename"])
def test_what_was_sent_is_reconciled(world: World, match: str) -> None:
    for n in (1, 2, 4):
        _pair(world, n, START + n * SECOND)
    sent = [_sent(n, START + n * SECOND - 3, "failed" if n == 2 else "ok") for n in (1, 2, 3)]
    if match == "filename":
        sent = [{**entry, "uuid": str(uuid4())} for entry in sent]
    dropped = {**_sent(9, START, "dropped"), "start": None, "end": None}
    cut = json.dumps(_sent(5, START))[:70]
    path = _results(world.directory / "r.jsonl", *sent, dropped, {"not": "ours"}, tail=cut)
    plan = world.plan(sent=(path,), match=match, output=str(world.directory / "report.html"))

    assert world.run(plan) == 5

    assert world.summary["sent"] == {
        "accepted": 2, "missing": 1, "unexpected": 1,
    }  # fmt: skip
    first = next(line for line in world.lines if line["filename"] == "f1")
    assert first["size"] == "1000"
    assert first["delivery_seconds"] == "5.000003"
    assert first["bytes_per_second"] == "199"


def test_lines_of_standstills_are_ignored(world: World, caplog: pytest.LogCaptureFixture) -> None:
    _pair(world, 1, START + SECOND)
    standstill = {"start": START / 1e6, "seconds": 5.0, "dropped": 4, "cause": "unknown"}
    line: dict[str, object] = {"run": "r", "standstill": standstill}
    path = _results(world.directory / "r.jsonl", _sent(1, START + SECOND), line)
    assert world.run(world.plan(sent=(path,))) == 0
    assert world.summary["sent"]["accepted"] == 1
    assert "not a line of a results file" not in caplog.text


def test_a_file_that_ingress_saw_outside_the_period_is_not_missing(world: World) -> None:
    _pair(world, 1, END + 86_400 * SECOND)
    path = _results(world.directory / "r.jsonl", _sent(1, END - SECOND))
    assert world.run(world.plan(sent=(path,))) == 0
    assert world.summary["sent"]["missing"] == 0


def test_a_results_file_that_grows_is_followed(world: World) -> None:
    path = world.directory / "r.jsonl"
    whole = json.dumps(_sent(1, START + SECOND))
    path.write_text(whole[:50])
    seen: list[int] = []

    def grow() -> None:
        seen.append(world.summary["sent"]["accepted"])
        _pair(world, 1, START + SECOND)
        path.write_text(whole + "\n" + json.dumps(_sent(2, START + SECOND)))

    world.run(world.plan(sent=(str(path),)), JumpingClock(END - 10 * SECOND, [grow]))
    assert (seen, world.summary["sent"]["accepted"]) == ([0], 2)
    assert world.summary["sent"]["missing"] == 1


def test_a_results_file_that_is_not_there_ends_the_run_before_it_starts(world: World) -> None:
    with pytest.raises(StartError, match="nowhere"):
        world.run(world.plan(sent=("nowhere",)))


def test_no_line_of_a_results_file_ends_tracking_whatever_is_in_it(world: World) -> None:
    _pair(world, 1, START + SECOND)
    good = _sent(1, START + SECOND, file="\udcff.xml", job="\ud800")
    hostile: list[dict[str, object]] = [
        _sent(2, START + SECOND, size={}),
        _sent(3, START + SECOND, uuid=["x"]),
        {**_sent(4, START + SECOND), "start": 1e300},
    ]
    path = _results(world.directory / "r.jsonl", *hostile, good, tail="[" * 200_000)
    world.run(world.plan(sent=(path,)))
    assert world.summary["sent"]["accepted"] == 1

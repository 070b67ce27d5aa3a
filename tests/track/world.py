"""Two databases with rows, and a tracking run over them with a fake clock."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional

import gevent
from gevent.event import Event
from rich.console import Console

from fthg.clock import Clock
from fthg.lag import LoopLag
from fthg.track.plan import TrackPlan
from fthg.track.rows import Database, RawRow
from fthg.track.run import run
from fthg.track.side import Side
from tests.screen import screen
from tests.servers.mariadb import PASSWORD, USER, MariaDB

SECOND = 1_000_000
START = 1_767_225_600 * SECOND  # 2026-01-01T00:00Z
END = START + 3600 * SECOND
GRACE = 60 * SECOND
DATABASE = "tracking"


class JumpingClock(Clock):
    """A clock that only moves by sleeping; each sleep takes no time and calls one of `turns`."""

    def __init__(self, utc: int, turns: Iterable[Callable[[], object]] = ()) -> None:
        self.lag = LoopLag()
        self._utc = utc * 1000  # tests count in microseconds
        self._turns = iter(turns)
        self.slept: list[float] = []

    def now(self) -> int:
        return self._utc

    def utc(self) -> int:
        return self._utc

    def sleep_until(self, deadline: int) -> None:
        gevent.sleep(0)
        self.slept.append((deadline - self._utc) / 1e9)
        self._utc = max(self._utc, deadline)
        next(self._turns, lambda: None)()


class World:
    """Two servers, and tracking runs over them."""

    def __init__(self, ingress: MariaDB, egress: MariaDB, directory: Path) -> None:
        self.ingress = ingress
        self.egress = egress
        self.directory = directory
        self.progress = ""
        self.out = io.StringIO()

    def server(self, side: str) -> MariaDB:
        return self.ingress if side == "ingress" else self.egress

    def insert(self, side: str, *rows: tuple[Any, ...], zone: str = "+00:00") -> None:
        """Insert rows of UUID, filename, start and end in microseconds, and status."""
        sql = (
            f"INSERT INTO {DATABASE}.transfers VALUES "
            f"(%s, %s, FROM_UNIXTIME(%s), FROM_UNIXTIME(%s), %s)"
        )
        values = [(uuid, name, _time(s), _time(e), status) for uuid, name, s, e, status in rows]
        self.server(side).run(sql, *values, zone=zone)

    def side(self, name: str, **changes: Any) -> Side:
        side = Side(
            name, "127.0.0.1", USER, DATABASE, self.server(name).port, password=PASSWORD,
            connect_timeout=30, read_timeout=30,
        )  # fmt: skip
        return replace(side, **changes)

    def plan(self, **changes: Any) -> TrackPlan:
        plan = TrackPlan(
            self.side("ingress"),
            self.side("egress"),
            START,
            END,
            grace=GRACE,
            csv=str(self.directory / "all.csv"),
            summary=str(self.directory / "summary.json"),
        )
        return replace(plan, **changes)

    def run(
        self,
        plan: Optional[TrackPlan] = None,
        clock: Optional[Clock] = None,
        stop: Optional[Event] = None,
    ) -> int:
        """Run and return the exit status; a day after the period unless `clock` is given."""
        self.out = io.StringIO()
        with screen() as shown:
            try:
                return run(
                    plan or self.plan(),
                    clock or JumpingClock(END + 86_400 * SECOND),
                    shown.terminal,
                    Console(file=self.out),
                    stop=stop,
                    status_interval=0,
                )
            finally:
                self.progress = shown.text

    @property
    def summary(self) -> dict[str, Any]:
        """Return the summary of the last run after checking its sum."""
        found: dict[str, Any] = json.loads((self.directory / "summary.json").read_text())
        parts = ("passed", "failed", "timeout", "in_progress", "pending")
        assert found["transfers"] == sum(found[part] for part in parts) + sum(
            found["unpaired"].values()
        )
        return found

    @property
    def lines(self) -> list[dict[str, str]]:
        """Return the lines of the CSV that the last run wrote."""
        with open(self.directory / "all.csv", encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def results(self) -> dict[str, str]:
        """Return the result of each file in the last run."""
        return {line["filename"]: line["result"] for line in self.lines}


def _time(microseconds: Optional[int]) -> Optional[str]:
    if microseconds is None:
        return None
    return f"{microseconds // SECOND}.{microseconds % SECOND:06d}"


def read_rows(side: Side) -> list[RawRow]:
    """Read all rows of the period."""
    with closing(Database(side)) as database:
        database.begin()
        rows = [row for chunk in database.between(START, END) for row in chunk]
        database.end()
        return rows

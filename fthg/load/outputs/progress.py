"""The live view: a table redrawn in place on a terminal, else a status line now and then."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Optional

from ...text import escape
from ...writing.terminal import Terminal
from ..plan import Plan
from ..stats.snapshot import RunSnapshot
from .job_text import status_line
from .live_notes import open_outages, show_outage_length
from .live_table import LiveTable
from .output import Output, Surroundings
from .pace import Paces
from .start_lines import start_lines

_PERIOD = 0.25


class Progress(Output):
    """Shows the jobs: on a terminal four times a second, else a line a job every status interval.

    Log lines that are printed on the same terminal appear above the view.
    """

    def __init__(
        self, terminal: Terminal, status_interval: float, utc: Callable[[], int] = time.time_ns
    ) -> None:
        """Make one; `utc` returns the present time in nanoseconds since 1970."""
        self._terminal = terminal
        self._utc = utc
        self._paces = Paces()
        self._done: set[str] = set()  # jobs whose last status line was printed
        self._redraws = terminal.redraws
        self.interval = _PERIOD if self._redraws else status_interval

    @classmethod
    def make(cls, plan: Plan, around: Surroundings) -> Optional[Progress]:
        """Return one if progress is wanted."""
        if not around.progress:
            return None
        return cls(around.terminal, plan.status_interval, around.clock.utc)

    def start(self, plan: Plan) -> None:
        """Print which run it is, when it will end, and which files it writes."""
        for line in start_lines(plan, self._utc()):
            self._terminal.print_line(line)

    def tick(self, snapshot: RunSnapshot) -> None:
        """Show the snapshot."""
        if self._redraws:
            self._terminal.show_view(self._table(snapshot))
        else:
            self._print(snapshot)

    def end(self, snapshot: RunSnapshot) -> None:
        """Show the final snapshot; on a terminal it stays there."""
        if self._redraws:
            self._terminal.keep_view(self._table(snapshot))
        else:
            self._print(snapshot)

    def _table(self, snapshot: RunSnapshot) -> LiveTable:
        return LiveTable(snapshot, {job.name: self._paces.rate(job) for job in snapshot.jobs})

    def _print(self, snapshot: RunSnapshot) -> None:
        outages = {one.job: show_outage_length(snapshot, one) for one in open_outages(snapshot)}
        for job in snapshot.jobs:
            rate = self._paces.rate(job)
            if job.name not in self._done:
                outage = f", {outages[job.name]}" if job.name in outages else ""
                self._terminal.print_line(escape(f"{status_line(job, rate)}{outage}"))
            if job.state == "done":
                self._done.add(job.name)

"""The live view: a table redrawn in place on a terminal, else a status line now and then."""

from __future__ import annotations

from typing import Optional

from ...text import escape
from ...writing.terminal import Terminal
from ..plan import Plan
from ..stats.job_snapshot import JobSnapshot
from ..stats.snapshot import RunSnapshot
from .job_text import status_line
from .live_table import LiveTable
from .output import Output, Surroundings
from .pace import Pace

_PERIOD = 0.25


class Progress(Output):
    """Shows the jobs: on a terminal four times a second, else a line a job every status interval.

    Log lines that are printed on the same terminal appear above the view.
    """

    def __init__(self, terminal: Terminal, status_interval: float) -> None:
        self._terminal = terminal
        self._paces: dict[str, Pace] = {}
        self._done: set[str] = set()  # jobs whose last status line was printed
        self._redraws = terminal.redraws
        self.interval = _PERIOD if self._redraws else status_interval

    @classmethod
    def make(cls, plan: Plan, around: Surroundings) -> Optional[Progress]:
        """Return one if progress is wanted."""
        return cls(around.terminal, plan.status_interval) if around.progress else None

    def tick(self, snapshot: RunSnapshot) -> None:
        """Show the snapshot."""
        rows = self._rows(snapshot)
        if self._redraws:
            self._terminal.show_view(LiveTable(rows))
        else:
            self._print(rows)

    def end(self, snapshot: RunSnapshot) -> None:
        """Show the final snapshot; on a terminal it stays there."""
        rows = self._rows(snapshot)
        if self._redraws:
            self._terminal.keep_view(LiveTable(rows))
        else:
            self._print(rows)

    def _print(self, rows: list[tuple[JobSnapshot, float]]) -> None:
        for job, rate in rows:
            if job.name not in self._done:
                self._terminal.print_line(escape(status_line(job, rate)))
            if job.state == "done":
                self._done.add(job.name)

    def _rows(self, snapshot: RunSnapshot) -> list[tuple[JobSnapshot, float]]:
        return [(job, self._rate(job)) for job in snapshot.jobs]

    def _rate(self, job: JobSnapshot) -> float:
        pace = self._paces.setdefault(job.name, Pace(job.job.pacer))
        return pace.rate(job.dispatching, job.sent) if job.state == "running" else 0.0

"""The live view: a table redrawn in place on a terminal, else a status line now and then."""

from __future__ import annotations

from contextlib import suppress
from typing import Optional

from rich.console import Console
from rich.live import Live

from ...text import TERMINAL_GONE, escape
from ..plan import Plan
from ..stats.snapshot import JobSnapshot, RunSnapshot
from .job_text import status_line
from .live_table import LiveTable
from .output import Output, Surroundings
from .pace import Pace

_PERIOD = 0.25


class Progress(Output):
    """Shows the jobs: on a terminal four times a second, else a line a job every status interval.

    Log lines that are printed through the same console appear above the view.
    """

    def __init__(self, console: Console, status_interval: float) -> None:
        self._console = console
        self._paces: dict[str, Pace] = {}
        self._done: set[str] = set()  # jobs whose last status line was printed
        self._redraws = _redraws(console)
        self.interval = _PERIOD if self._redraws else status_interval
        self._table = LiveTable([])
        self._live: Optional[Live] = None
        self._gone = False  # the terminal: no reason to end a run

    @classmethod
    def make(cls, plan: Plan, around: Surroundings) -> Optional[Progress]:
        """Return one if progress is wanted."""
        return cls(around.terminal, plan.status_interval) if around.progress else None

    def tick(self, snapshot: RunSnapshot) -> None:
        """Show the snapshot."""
        if self._gone:
            return
        rows = [(job, self._rate(job)) for job in snapshot.jobs]
        try:
            if self._redraws:
                self._redraw(rows)
            else:
                self._print(rows)
        except TERMINAL_GONE:
            self._gone = True

    def end(self, snapshot: RunSnapshot) -> None:
        """Show the final snapshot; on a terminal it stays there."""
        self.tick(snapshot)
        if self._live and not self._gone:
            with suppress(*TERMINAL_GONE):
                self._live.stop()

    def _redraw(self, rows: list[tuple[JobSnapshot, float]]) -> None:
        self._table = LiveTable(rows)
        if self._live is None:
            self._live = Live(
                console=self._console,
                auto_refresh=False,
                redirect_stdout=False,
                redirect_stderr=False,
                get_renderable=lambda: self._table,
                vertical_overflow="crop",
            )
            self._live.start()
        self._live.refresh()

    def _print(self, rows: list[tuple[JobSnapshot, float]]) -> None:
        for job, rate in rows:
            if job.name not in self._done:
                self._console.file.write(escape(status_line(job, rate)) + "\n")
            if job.state == "done":
                self._done.add(job.name)
        self._console.file.flush()

    def _rate(self, job: JobSnapshot) -> float:
        pace = self._paces.setdefault(job.name, Pace(job.job.pacer))
        return pace.rate(job.dispatching, job.sent) if job.state == "running" else 0.0


def _redraws(console: Console) -> bool:
    # Colour may be forced where there is no terminal; a view cannot be redrawn there.
    return console.is_terminal and not console.is_dumb_terminal and console.file.isatty()

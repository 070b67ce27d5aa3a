"""The progress of tracking on the terminal: one redrawn block, or a line at intervals."""

from __future__ import annotations

from typing import Optional

import gevent
from rich.table import Table

from ..clock import SECOND as NANOSECONDS
from ..clock import Clock
from ..units import show_duration
from ..writing.terminal import Terminal
from .figures import Figures
from .tracked import SECOND

_PERIOD = NANOSECONDS // 4


class Live:
    """The live view on standard error; without a terminal, or quiet, it never redraws."""

    def __init__(
        self, terminal: Terminal, clock: Clock, quiet: bool = False, interval: float = 60.0
    ) -> None:
        self._terminal = terminal
        self._clock = clock
        self._quiet = quiet
        self._interval = round(interval * NANOSECONDS)
        self._started = clock.now()
        self._printed = self._started - self._interval
        self._found = {"ingress": 0, "egress": 0}
        self._figures: Optional[Figures] = None
        self._next: Optional[int] = None
        self._redrawing: Optional[gevent.Greenlet] = None

    def start_side(self, side: str) -> None:
        """Reset the row count of a side that is read again."""
        self._found[side] = 0
        self._next = None

    def add_rows(self, side: str, rows: int) -> None:
        """Count rows that were read."""
        self._found[side] += rows

    def end_poll(self, figures: Figures) -> None:
        """Show the figures of a poll that has ended."""
        self._figures = figures
        self._found = {"ingress": figures.ingress.rows, "egress": figures.egress.rows}
        now = self._clock.now()
        if self._redrawing or self._quiet or now - self._printed < self._interval:
            return
        self._printed = now
        self._terminal.print_line(self._line())

    def announce_poll(self, when: int) -> None:
        """Show the time of the next poll, in microseconds since 1970 UTC."""
        self._next = when

    def __enter__(self) -> Live:
        if self._terminal.redraws and not self._quiet:
            self._redrawing = gevent.spawn(self._redraw)
        return self

    def __exit__(self, *_: object) -> None:
        if self._redrawing:
            self._redrawing.kill()
            self._terminal.remove_view()

    def _redraw(self) -> None:
        while True:
            self._terminal.show_view(self._table())
            self._clock.sleep_until(self._clock.now() + _PERIOD)

    def _entries(self) -> list[tuple[str, str]]:
        entries = [(f"found at {side}", f"{rows:,}") for side, rows in self._found.items()]
        if self._figures:
            counts = self._figures.counts
            paired = counts.decided + counts.in_progress
            entries += [
                ("paired", f"{paired:,}"),
                ("in progress", f"{counts.in_progress:,}"),
                ("pending", f"{counts.pending:,}"),
                ("unpaired", f"{counts.unpaired:,}"),
            ]
        entries.append(("elapsed", show_duration(max(1, self._elapsed()))))
        if self._next is not None:
            left = max(0, self._next - self._clock.utc() // 1000)
            entries.append(("next poll", f"in {show_duration(-(-left // SECOND))}"))
        return entries

    def _line(self) -> str:
        return "tracking: " + ", ".join(f"{name} {value}" for name, value in self._entries())

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim")
        table.add_column(justify="right")
        for name, value in self._entries():
            alarm = name == "unpaired" and value != "0"
            table.add_row(name, value, style="bold red" if alarm else "")
        return table

    def _elapsed(self) -> int:
        return (self._clock.now() - self._started) // NANOSECONDS

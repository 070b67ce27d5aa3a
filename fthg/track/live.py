"""The progress of tracking on the terminal: one redrawn block, or a line at intervals."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timezone, tzinfo
from typing import Optional

import gevent
from rich.console import Group
from rich.table import Table
from rich.text import Text

from ..clock import SECOND as NANOSECONDS
from ..clock import Clock
from ..text import escape
from ..units import show_duration
from ..writing.terminal import Terminal
from .figures import Figures
from .tracked import SECOND

_PERIOD = NANOSECONDS // 4
_WAITING = "waiting"


class Live:
    """The live view on standard error; without a terminal, or quiet, it never redraws.

    Times are shown in `zone`.
    """

    def __init__(
        self,
        terminal: Terminal,
        clock: Clock,
        quiet: bool = False,
        interval: float = 60.0,
        zone: tzinfo = timezone.utc,
    ) -> None:
        self._terminal = terminal
        self._clock = clock
        self._quiet = quiet
        self._interval = round(interval * NANOSECONDS)
        self._zone = zone
        self._started = clock.now()
        self._printed = self._started - self._interval
        self._step = "connecting"  # the present step; empty while sides are read
        self._found = {"ingress": 0, "egress": 0}
        self._reading: dict[str, int] = {}  # rows so far of the sides that are being read
        self._figures: Optional[Figures] = None
        self._changed = True  # by the last poll
        self._errors: Collection[str] = ()
        self._next: Optional[int] = None
        self._redrawing: Optional[gevent.Greenlet] = None

    def start_poll(self) -> None:
        """Show that a poll has begun."""
        self._step, self._next = "connecting", None

    def start_side(self, side: str) -> None:
        """Show that a side is being read."""
        self._step = ""
        self._reading[side] = 0

    def add_rows(self, side: str, rows: int) -> None:
        """Count rows that were read."""
        self._reading[side] += rows

    def end_side(self, side: str) -> None:
        """Show that a side is read."""
        self._found[side] = max(self._found[side], self._reading.pop(side))

    def show_step(self, step: str) -> None:
        """Show the present step, after both sides were read."""
        self._reading.clear()
        self._step = step

    def end_poll(self, figures: Figures, *, changed: bool = True) -> None:
        """Show the figures after a poll, which may have changed nothing."""
        self._figures, self._changed = figures, changed
        self._found = {"ingress": figures.ingress.rows, "egress": figures.egress.rows}
        self._step = ""
        now = self._clock.now()
        if self._redrawing or self._quiet or now - self._printed < self._interval:
            return
        self._printed = now
        self._terminal.print_line(self._line())

    def show_errors(self, errors: Collection[str]) -> None:
        """Show the files that could not be written after the last poll."""
        self._errors = errors

    def announce_poll(self, when: int) -> None:
        """Show the time of the next poll, in microseconds since 1970 UTC."""
        self._step, self._next = _WAITING, when

    def announce_stop(self) -> None:
        """Print the remaining steps before the end, and the effect of a second signal."""
        if self._step == _WAITING:
            self._print("stopping after one more poll; again to stop at once")
        else:
            self._print(f"stopping after this poll: {self._work()}; again to stop at once")

    def announce_abandoned(self) -> None:
        """Print that the last poll was abandoned."""
        if self._figures:
            polled = self._time(self._figures.snapshot)
            self._print(f"reading takes longer: the report is of the poll at {polled}")

    def __enter__(self) -> Live:
        if self._terminal.redraws and not self._quiet:
            self._redrawing = gevent.spawn(self._redraw)
        return self

    def __exit__(self, *_: object) -> None:
        if self._redrawing:
            self._redrawing.kill()
            self._terminal.remove_view()

    def _print(self, line: str) -> None:
        if not self._quiet:
            self._terminal.print_line(line)

    def _redraw(self) -> None:
        while True:
            self._terminal.show_view(self._view())
            self._clock.sleep_until(self._clock.now() + _PERIOD)

    def _work(self) -> str:
        if not self._reading:
            return self._step
        sides = [f"{side}, {rows:,} rows so far" for side, rows in self._reading.items()]
        return f"reading {' and '.join(sides)}"

    def _entries(self) -> list[tuple[str, str]]:
        entries = [(f"found at {side}", f"{rows:,}") for side, rows in self._found.items()]
        entries += [(f"reading {side}", f"{rows:,}") for side, rows in self._reading.items()]
        if self._figures:
            counts = self._figures.counts
            paired = counts.decided + counts.in_progress
            entries += [
                ("paired", f"{paired:,}"),
                ("in progress", f"{counts.in_progress:,}"),
                ("pending", f"{counts.pending:,}"),
                ("unpaired", f"{counts.unpaired:,}"),
                (
                    "changed" if self._changed else "no change since",
                    self._time(self._figures.snapshot),
                ),
            ]
        entries.append(("elapsed", show_duration(max(1, self._elapsed()))))
        if self._next is not None:
            left = max(0, self._next - self._clock.utc() // 1000)
            entries.append(("next poll", f"in {show_duration(-(-left // SECOND))}"))
        return entries

    def _line(self) -> str:
        return "tracking: " + ", ".join(f"{name} {value}" for name, value in self._entries())

    def _view(self) -> Group:
        entries = self._entries()
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim", min_width=max(len(name) for name, _ in entries))
        table.add_column(justify="right", no_wrap=True, overflow="ellipsis")
        for name, value in entries:
            alarm = name == "unpaired" and value != "0"
            table.add_row(name, value, style="bold red" if alarm else "")
        step = Text(escape(self._step), style="dim", no_wrap=True, overflow="ellipsis")
        errors = [Text(escape(error), style="bold red") for error in self._errors]
        return Group(table, *([step] if self._step and self._next is None else ()), *errors)

    def _time(self, microseconds: int) -> str:
        return datetime.fromtimestamp(microseconds // SECOND, self._zone).strftime("%H:%M:%S")

    def _elapsed(self) -> int:
        return (self._clock.now() - self._started) // NANOSECONDS

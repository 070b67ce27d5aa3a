"""The live view: a table redrawn in place on a terminal, else a status line now and then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Optional

import gevent
from rich.console import Console
from rich.live import Live

from ...text import escape
from .job_view import JobView, Pace, status_line
from .live_table import LiveTable

Views = Callable[[], Sequence[JobView]]

_PERIOD = 0.25


class Progress:
    """Shows what `views` tells, from `start` to `stop`: on a terminal four times a second, else
    a line a job every `status_interval` seconds.

    Log lines that are printed through the same console appear above the view.
    """

    def __init__(self, console: Console, views: Views, status_interval: float) -> None:
        self._console = console
        self._views = views
        self._paces: dict[str, Pace] = {}
        self._done: set[str] = set()  # told once, not again and again
        self._redraws = _redraws(console)
        self._interval = _PERIOD if self._redraws else status_interval
        self._live: Optional[Live] = None
        self._greenlet: Optional[gevent.Greenlet] = None

    def start(self) -> None:
        """Begin to show."""
        if self._redraws:
            self._live = Live(
                console=self._console,
                auto_refresh=False,
                redirect_stdout=False,
                redirect_stderr=False,
                get_renderable=lambda: LiveTable(self._rows()),
                vertical_overflow="crop",
            )
            self._live.start()
        self._greenlet = gevent.spawn(self._show)

    def _show(self) -> None:
        try:
            while True:
                gevent.sleep(self._interval)
                self.refresh()
        except (OSError, ValueError):
            return  # the terminal is gone: no reason to end a run

    def refresh(self) -> None:
        """Show what is now."""
        if self._live:
            self._live.refresh()
            return
        for view, rate in self._rows():
            if view.name not in self._done:
                self._console.file.write(escape(status_line(view, rate)) + "\n")
            if view.state == "done":
                self._done.add(view.name)
        self._console.file.flush()

    def stop(self) -> None:
        """Show what is now for the last time; on a terminal that stays there."""
        if self._greenlet:
            self._greenlet.kill()
        try:
            self.refresh()
            if self._live:
                self._live.stop()
        except (OSError, ValueError):
            return

    def _rows(self) -> list[tuple[JobView, float]]:
        return [(view, self._rate(view)) for view in self._views()]

    def _rate(self, view: JobView) -> float:
        pace = self._paces.setdefault(view.name, Pace(view.target))
        return pace.rate(view.elapsed, view.sent) if view.state == "running" else 0.0


def _redraws(console: Console) -> bool:
    # Colour may be forced where there is no terminal; a view cannot be redrawn there.
    return console.is_terminal and not console.is_dumb_terminal and console.file.isatty()

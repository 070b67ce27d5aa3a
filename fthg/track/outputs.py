"""The files of a tracking run, each replaced whole; one that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import NamedTuple, Optional

import gevent

from ..errors import StartError
from ..log import Log
from ..threads import in_thread
from ..writing import is_stream, writing
from .aside import aside
from .csv_file import CsvFile
from .figures import Figures, State
from .ledger import Ledger
from .live import Live
from .plan import TrackPlan
from .report import write_report
from .summary_json import write_junit, write_summary

_log = Log(__name__)


class TrackOutput(NamedTuple):
    """One file, and the call that writes it, in any thread; it raises StartError if it cannot."""

    path: str
    write: Callable[[], None]


def write_outputs(
    plan: TrackPlan, figures: Figures, ledger: Ledger, paths: Collection[str]
) -> dict[str, str]:
    """Write those files of a plan that have these paths, but the CSV; return path → error.

    What was whole before stays whole. May be called in a thread that shares the ledger with nobody.
    """
    ledger.shrink()
    errors: dict[str, str] = {}
    with writing():
        for path, write in _outputs(plan, figures, ledger):
            if path not in paths:
                continue
            try:
                write()
            except StartError as error:
                errors[path] = str(error)
    return errors


class TrackOutputs:
    """The files of a run as they are now: they are written again when they would differ.

    What fails is tried again after each poll; `errors` has what failed at last, by path. A pipe
    or standard output, which cannot be replaced, gets the last report only.
    """

    def __init__(
        self, plan: TrackPlan, ledger: Ledger, live: Live, csv: Optional[CsvFile] = None
    ) -> None:
        self._plan = plan
        self._ledger = ledger
        self._live = live
        self._csv = csv
        self._begun: Optional[gevent.Greenlet[[], dict[str, str]]] = None  # writes the CSV
        self._written: Optional[Figures] = None
        self.errors: dict[str, str] = {}
        self._streams = in_thread(lambda: set(filter(is_stream, plan.outputs)))

    def begin_csv(self) -> None:
        """Begin to write the CSV of a paired ledger; `write` must follow, before it changes."""
        if self._plan.csv not in self._streams:
            self._begun = gevent.spawn(self._write_csv)

    def close(self) -> None:
        """Give up a CSV that was begun: an earlier one stays."""
        if self._begun is not None:  # one that has ended is false
            self._begun.kill()
            self._begun = None

    def write(self, figures: Figures) -> None:
        """Write the files that change with these figures of the ledger, in a thread."""
        paths = self._stale(figures)
        if not paths:
            return
        self._live.show_step(f"writing {', '.join(sorted(paths))}")
        before = self.errors
        self.errors = self._write(figures, paths)
        self._written = figures
        self._live.show_errors(self.errors.values())
        for path, error in self.errors.items():
            if figures.state is State.RUNNING and before.get(path) != error:
                _log.warning("a file is tried again after each poll", error=error)

    def _write(self, figures: Figures, paths: Collection[str]) -> dict[str, str]:
        """Write the CSV in its own process, the others meanwhile; return path → error."""
        if self._begun is None and self._plan.csv in paths:
            self._begun = gevent.spawn(self._write_csv)
        try:
            errors = aside(
                self._ledger, lambda: write_outputs(self._plan, figures, self._ledger, paths)
            )
            return errors if self._begun is None else {**self._begun.get(), **errors}
        finally:
            self.close()

    def _write_csv(self) -> dict[str, str]:
        try:
            if self._csv:
                self._csv.write()
        except StartError as error:
            return {str(self._plan.csv): str(error)}
        return {}

    def _stale(self, figures: Figures) -> Collection[str]:
        written, stale = self._written, {*self.errors}
        if written is None or written.snapshot != figures.snapshot:
            stale = {*self._plan.outputs}
        elif written.state is not figures.state:  # the CSV does not show it
            stale |= {path for path in self._plan.outputs if path != self._plan.csv}
        return stale - self._streams if figures.state is State.RUNNING else stale | self._streams


def _outputs(plan: TrackPlan, figures: Figures, ledger: Ledger) -> Iterator[TrackOutput]:
    summary, junit, page = plan.summary, plan.junit, plan.output
    if summary:
        yield TrackOutput(summary, lambda: write_summary(figures, summary))
    if junit:
        yield TrackOutput(junit, lambda: write_junit(figures, junit))
    if page:
        yield TrackOutput(page, lambda: write_report(figures, ledger, Path(page)))

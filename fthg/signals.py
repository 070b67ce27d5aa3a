"""How signals reach a run."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Optional

import gevent
from rich.console import Console

from .load.results import ResultsFile
from .load.run import Run
from .load.summary import print_summary
from .log import Log, Logs

_log = Log(__name__)


@contextmanager
def signals(
    run: Run, results: Optional[ResultsFile], logs: Logs, console: Console
) -> Iterator[None]:
    """One stop drains, a second cuts; SIGHUP reopens files, SIGUSR1 prints the figures so far."""
    stops: list[str] = []

    def stop(name: str) -> None:
        stops.append(name)
        if len(stops) == 1:
            _log.info("stopping; a second signal cuts", signal=name)
            gevent.spawn(run.stop, f"stopped by {name}")
        else:
            gevent.spawn(run.cut, f"cut by {name}")

    def reopen() -> None:
        logs.reopen()
        if results:
            results.reopen()

    def figures() -> None:
        end = run.so_far()
        print_summary(end, end.figures(), console)

    with ExitStack() as stack:
        for number, act in (
            (signal.SIGINT, lambda: stop("SIGINT")),
            (signal.SIGTERM, lambda: stop("SIGTERM")),
            (signal.SIGHUP, reopen),
            (signal.SIGUSR1, figures),
        ):
            stack.callback(gevent.signal_handler(number, act).cancel)
        yield

"""Signal handlers of a run: the first SIGINT or SIGTERM stops it gracefully, the second at once."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

import gevent
from gevent.event import Event
from rich.console import Console

from .load.outputs.summary import print_summary
from .load.run import Run
from .log import Log, Logs

_log = Log(__name__)


@contextmanager
def load_signals(run: Run, console: Console) -> Iterator[None]:
    """Handle signals during a load run.

    SIGINT and SIGTERM stop it, SIGHUP reopens files, SIGUSR1 prints the figures so far.
    """

    def print_figures() -> None:
        print_summary(run.snapshot(), console)

    stops = _stop_handlers(
        lambda name: run.stop(f"stopped by {name}"), lambda name: run.cut(f"cut by {name}")
    )
    with _installed({**stops, signal.SIGHUP: run.reopen, signal.SIGUSR1: print_figures}):
        yield


@contextmanager
def track_signals(stop: Event, logs: Logs) -> Iterator[None]:
    """Handle signals while tracking.

    The first SIGINT or SIGTERM ends it after one last poll, the second at once; SIGHUP reopens the
    log file.
    """
    tracker = gevent.getcurrent()
    stops = _stop_handlers(lambda _: stop.set(), lambda _: gevent.kill(tracker, KeyboardInterrupt))
    with _installed({**stops, signal.SIGHUP: logs.reopen}):
        yield


def _stop_handlers(
    first: Callable[[str], object], second: Callable[[str], object]
) -> Mapping[signal.Signals, Callable[[], None]]:
    """Return handlers that call `first`, then `second`, with the signal's name, whichever comes."""
    seen: list[str] = []

    def stop(number: signal.Signals) -> None:
        seen.append(number.name)
        if len(seen) == 1:
            _log.info("stopping; a second signal cuts", signal=number.name)
        gevent.spawn(first if len(seen) == 1 else second, number.name)

    return {
        signal.SIGINT: lambda: stop(signal.SIGINT),
        signal.SIGTERM: lambda: stop(signal.SIGTERM),
    }


@contextmanager
def _installed(handlers: Mapping[signal.Signals, Callable[[], None]]) -> Iterator[None]:
    with ExitStack() as stack:
        stack.callback(_leave, list(handlers))
        for number, handler in handlers.items():
            stack.callback(gevent.signal_handler(number, handler).cancel)
        yield


def _leave(numbers: Iterable[signal.Signals]) -> None:
    """Let no log rotation end the program while it ends; let a stop interrupt what still blocks."""
    for number in numbers:
        if number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        else:
            signal.signal(number, signal.SIG_IGN)

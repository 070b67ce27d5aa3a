"""How signals reach a run: one stop drains, a second cuts."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
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
    """SIGINT and SIGTERM stop, SIGHUP reopens files, SIGUSR1 prints the figures so far."""

    def figures() -> None:
        print_summary(run.snapshot(), console)

    acts = _stops(lambda why: run.stop(f"stopped by {why}"), lambda why: run.cut(f"cut by {why}"))
    with _handled({**acts, signal.SIGHUP: run.reopen, signal.SIGUSR1: figures}):
        yield


@contextmanager
def track_signals(stop: Event, logs: Logs) -> Iterator[None]:
    """SIGINT and SIGTERM end polling with a last look, a second one at once; SIGHUP reopens."""
    follower = gevent.getcurrent()
    acts = _stops(lambda _: stop.set(), lambda _: gevent.kill(follower, KeyboardInterrupt))
    with _handled({**acts, signal.SIGHUP: logs.reopen}):
        yield


def _stops(
    first: Callable[[str], object], again: Callable[[str], object]
) -> Mapping[signal.Signals, Callable[[], None]]:
    """SIGINT and SIGTERM count together, whichever comes."""
    seen: list[str] = []

    def stop(number: signal.Signals) -> None:
        seen.append(number.name)
        if len(seen) == 1:
            _log.info("stopping; a second signal cuts", signal=number.name)
        gevent.spawn(first if len(seen) == 1 else again, number.name)

    return {
        signal.SIGINT: lambda: stop(signal.SIGINT),
        signal.SIGTERM: lambda: stop(signal.SIGTERM),
    }


@contextmanager
def _handled(acts: Mapping[signal.Signals, Callable[[], None]]) -> Iterator[None]:
    with ExitStack() as stack:
        for number, act in acts.items():
            stack.callback(gevent.signal_handler(number, act).cancel)
        yield

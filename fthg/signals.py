"""Handles signals: the first SIGINT or SIGTERM stops gracefully, the second ends within 5 s."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from types import TracebackType
from typing import NamedTuple, Optional

import gevent
from gevent.event import Event

from .countdown import Countdown
from .listener import Listener
from .load import CUT
from .load.outputs.summary import print_summary
from .load.run import Run
from .log import Log, Logs
from .writing import leave_hanging_files
from .writing.terminal import Terminal

_log = Log(__name__)

_STOPS = (signal.SIGINT, signal.SIGTERM)
_NUMBERS = (*_STOPS, signal.SIGHUP, signal.SIGUSR1)

# Seconds after the second signal: until the first of them a run that is cut ends by itself, also if
# connections and files hang; at the second of them nothing is waited for any more.
_ABANDONED, _LAST = 3.3, 4.7
_HOLDING = 0.2  # until the main thread is held


class Actions(NamedTuple):
    """The actions for signals, run in a greenlet; `hurry` and `abandon` in native threads."""

    stop: Callable[[str], object]  # at the first SIGINT or SIGTERM, with its name
    hurry: Callable[[], object]  # at the second, before any turn of the loop
    cut: Callable[[str], object]  # then
    abandon: Callable[[str], bool]  # if the cut does not end it; True: this did
    others: Mapping[signal.Signals, Callable[[], object]]


class Signals:
    """Takes signals from `__enter__` to `__exit__`, in native threads; then ignores them.

    Until `follow` is called, the first SIGINT or SIGTERM ends the process at once; from
    then on the second one does within 5 s, whatever the main thread does. That limit holds until
    `last` is closed: the readers of terminals are waited for after the signals.
    """

    def __init__(self, out: Terminal, last: ExitStack) -> None:
        self._out = out
        self._last = last
        self._loop = gevent.get_hub().loop
        self._seen: list[str] = []
        self._actions: Optional[Actions] = None
        self._listener = Listener(_NUMBERS, self._receive)
        self._abandoning = Countdown(_ABANDONED, self._abandon)
        self._leaving = Countdown(_LAST, self.leave)

    def __enter__(self) -> Signals:
        self._leaving.start("signals")
        self._last.callback(self._leaving.stop)
        self._abandoning.start("signals")
        self._listener.start()
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self._listener.close()
        self._abandoning.stop()

    def follow(self, actions: Actions) -> None:
        """Perform these actions for signals from now on."""
        self._actions = actions

    def hold_main_thread(self) -> None:
        """Suspend the main thread, if possible, so that it changes nothing any more."""
        self._listener.hold_main_thread(_HOLDING)

    def leave(self) -> None:
        """End the process at once."""
        leave_hanging_files()
        os._exit(CUT)

    def _receive(self, number: signal.Signals) -> None:
        actions = self._actions
        if number not in _STOPS:
            if actions is not None:
                self._spawn(actions.others.get(number))
            return
        if actions is None:
            self.leave()
            return
        self._seen.append(number.name)
        if len(self._seen) == 1:
            self._spawn(actions.stop, number.name)
        elif len(self._seen) == 2:
            self._leaving.begin()
            self._abandoning.begin()
            self._out.stream.patient = False  # here: the loop may have no turn before the end
            actions.hurry()
            self._spawn(actions.cut, number.name)

    def _spawn(self, action: Optional[Callable[..., object]], *words: str) -> None:
        """Run an action in a greenlet, on the next turn of the loop."""
        if action is not None:
            self._loop.run_callback_threadsafe(gevent.spawn, action, *words)

    def _abandon(self) -> None:
        if self._actions is not None and self._actions.abandon(self._seen[1]):
            self.leave()


@contextmanager
def load_signals(err: Terminal, out: Terminal, last: ExitStack) -> Iterator[Callable[[Run], None]]:
    """Take signals; yield a function that starts passing them to a run.

    SIGINT and SIGTERM stop it, SIGHUP reopens files, SIGUSR1 prints the figures so far. Once its
    last transfer has ended, the only effect of stops is that the second one sets a time limit, up
    to the closing of `last`.
    """
    with Signals(out, last) as signals:

        def follow(run: Run) -> None:
            def abandon(name: str) -> bool:
                return _abandon(run, name, signals, out)

            signals.follow(_of_load(run, err, abandon))

        yield follow


def _of_load(run: Run, err: Terminal, abandon: Callable[[str], bool]) -> Actions:
    def stop(name: str) -> None:
        if run.over:
            _log.warning("the run is ending; a second signal leaves it 5 s", signal=name)
        else:
            _log.info("stopping; a second signal cuts", signal=name)
            run.stop(f"stopped by {name}")

    def cut(name: str) -> None:
        if not run.over:
            run.cut(f"cut by {name}")

    def reopen() -> None:
        if not run.ending:
            run.reopen()

    def print_figures() -> None:
        if not run.ending:
            print_summary(run.snapshot(), err)

    others = {signal.SIGHUP: reopen, signal.SIGUSR1: print_figures}
    return Actions(stop, run.hurry, cut, abandon, others)


def _abandon(run: Run, name: str, signals: Signals, out: Terminal) -> bool:
    """Write the figures so far; return False if the main thread does so until the last moment."""
    if run.ending:
        return False
    signals.hold_main_thread()
    run.write_off(f"cut by {name}")
    run.end()
    if run.logs is not None:
        run.logs.close()
    out.stream.drain()
    return True


@contextmanager
def interruptible() -> Iterator[None]:
    """Let a stop end the block early, which waits for readers; before and after it is ignored."""
    try:
        for number in _STOPS:
            signal.signal(number, signal.default_int_handler)
        yield
    except KeyboardInterrupt:
        pass
    finally:
        for number in _STOPS:
            signal.signal(number, signal.SIG_IGN)


Follow = Callable[[Event, Logs], AbstractContextManager[None]]


@contextmanager
def track_signals(out: Terminal, last: ExitStack) -> Iterator[Follow]:
    """Take signals; yield a context manager in which they are passed on.

    The first SIGINT or SIGTERM ends tracking after one last poll, the second at once; SIGHUP
    reopens the log file. For `last` see Signals.
    """
    with Signals(out, last) as signals:

        @contextmanager
        def follow(stop: Event, logs: Logs) -> Iterator[None]:
            actions = _of_tracking(stop, logs)
            signals.follow(actions)
            try:
                yield
            finally:
                signals.follow(actions._replace(cut=lambda _: None, abandon=lambda _: False))

        yield follow


def _of_tracking(stop: Event, logs: Logs) -> Actions:
    tracker = gevent.getcurrent()

    def first(name: str) -> None:
        _log.info("stopping; a second signal cuts", signal=name)
        stop.set()

    def abandon(_: str) -> bool:
        """Leave the reports of the last poll as they are."""
        logs.close()
        return True

    def cut(_: str) -> None:
        gevent.kill(tracker, KeyboardInterrupt)

    return Actions(first, lambda: None, cut, abandon, {signal.SIGHUP: logs.reopen})

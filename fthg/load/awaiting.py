"""Waits for the start moment, perhaps for hours: by the wall clock, with nothing open yet.

The wall clock is read anew each second, so that it makes no difference if it was set meanwhile, or
if the host was suspended. What is read at the start (files, keys, certificates) is read after it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Optional

import gevent
from gevent.event import Event

from .. import native
from ..clock import SECOND, Clock
from ..text import iso_millis
from .folders import with_folders
from .outputs import make_outputs
from .outputs.job_text import whole_seconds
from .outputs.output import Surroundings
from .plan import Plan
from .planning import make_senders
from .unusable import listed_names

_SHORTLY = 2 * SECOND
"""The time before the start moment from which on a run gets ready, beside what that takes."""

_LOOK = SECOND
_STDERR = 2
_ERASE = "\x1b[K"  # the rest of the line
_ROOM = 1000  # bytes that a terminal or pipe takes at once where it is ready
_WRITABLE = 4  # POLLOUT


def await_moment(
    utc: int, clock: Clock, stop: Event, show: Callable[[], object], interval: float
) -> bool:
    """Return True once the wall clock has reached a moment, False once `stop` is set.

    `show` is called every `interval` seconds meanwhile.
    """
    due = clock.now()
    while (left := utc - clock.utc()) > 0:
        if clock.now() >= due:
            show()
            due = clock.now() + round(interval * SECOND)
        if clock.wait(stop, clock.now() + min(left, _LOOK)):
            return False
    return True


def await_start(plan: Plan, around: Surroundings) -> Optional[str]:
    """Wait until shortly before the start moment of a plan, if it has one that is far enough.

    Return the name of a signal that ended it, else None. What is unusable is reported before; it is
    made again afterwards, because hours may have passed.
    """
    clock = around.clock
    if plan.start_at is None or not plan.jobs or plan.start_at - clock.utc() <= _SHORTLY:
        return None
    before = clock.now()
    _refuse_unusable(plan, around)
    took = clock.now() - before
    return _await(plan.start_at, _SHORTLY + (2 + plan.workers) * took, plan.status_interval, around)


def _refuse_unusable(plan: Plan, around: Surroundings) -> None:
    """Raise StartError if something that the run needs is missing or unusable."""
    clock = around.clock
    make_outputs(plan, around, per_process=False)  # they open nothing yet
    with ExitStack() as opened:
        checked = with_folders(plan, opened)
        listed_names(checked, clock)
        for sender in make_senders(checked, clock).values():
            sender.close()


def _await(start: int, earlier: int, interval: float, around: Surroundings) -> Optional[str]:
    """Wait until a time before the start; return the name of the signal that ended it.

    Standard error says when it starts: on a terminal each second, else at each interval.
    """
    clock, stop, seen = around.clock, Event(), list[str]()
    redraws = around.terminal.redraws

    def show() -> None:
        left = whole_seconds(max(0, start - clock.utc()) / SECOND)
        line = f"fthg: waiting for the start at {iso_millis(start)}, in {left}"
        _say(f"\r{line}{_ERASE}" if redraws else f"{line}\n")

    def on_stop(name: str) -> None:
        seen.append(name)
        stop.set()

    with _signals(on_stop, show):
        progress = show if around.progress else lambda: None
        await_moment(start - earlier, clock, stop, progress, 1 if redraws else interval)
        if redraws:
            _say(f"\r{_ERASE}")
    return seen[0] if seen else None


@contextmanager
def _signals(on_stop: Callable[[str], None], show: Callable[[], None]) -> Iterator[None]:
    """Take signals on the loop: workers are forked afterwards, without threads.

    Until the run takes them itself a stop ends the process: nothing was sent; logs are not open
    yet, so that SIGHUP has nothing to do.
    """
    loop = gevent.get_hub().loop
    acts: list[tuple[signal.Signals, Callable[[], None]]] = [
        (signal.SIGINT, lambda: on_stop("SIGINT")),
        (signal.SIGTERM, lambda: on_stop("SIGTERM")),
        (signal.SIGUSR1, show),
        (signal.SIGHUP, lambda: None),
    ]
    watchers = []
    for number, act in acts:
        watcher = loop.signal(number, ref=False)
        watcher.start(act)
        watchers.append(watcher)
    try:
        yield
    finally:
        for watcher in watchers:
            watcher.close()
        for number in (signal.SIGUSR1, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)


def _say(line: str) -> None:
    """Write a line to standard error; if nobody reads it, it is lost, and nothing waits for it."""
    poll = native.poll()
    poll.register(_STDERR, _WRITABLE)
    try:
        if poll.poll(0):
            os.write(_STDERR, line.encode()[:_ROOM])
    except OSError:
        return

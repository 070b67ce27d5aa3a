"""Timers of about ten microseconds' precision: Linux's timerfd on the hub's loop.

The timers of the loop itself are precise to a millisecond only.
"""

from __future__ import annotations

import ctypes
import heapq
import os
import struct
import sys
import time
from itertools import count
from typing import Any

import gevent
from gevent.hub import Waiter

from . import native

_MONOTONIC = 1  # CLOCK_MONOTONIC, the clock of time.monotonic_ns()
_READABLE = 1
_FIRST = 2  # libev's highest priority: before the sockets that are ready as well
_NEVER = 1 << 64

if sys.version_info >= (3, 13):

    def _create() -> int:
        return os.timerfd_create(_MONOTONIC, flags=os.TFD_NONBLOCK | os.TFD_CLOEXEC)

    def _set(fd: int, moment: int) -> None:
        os.timerfd_settime_ns(fd, flags=os.TFD_TIMER_ABSTIME, initial=moment)

else:
    # PyDLL keeps the interpreter's lock: acquiring it again could take longer than the call.
    _libc = ctypes.PyDLL(None, use_errno=True)
    _SPEC = struct.Struct("@4l")  # itimerspec: interval and value, each in seconds and nanoseconds
    _ABSOLUTE = 1  # TFD_TIMER_ABSTIME

    def _create() -> int:
        if not hasattr(_libc, "timerfd_create"):
            raise OSError("this system has no timerfd")
        return _checked(_libc.timerfd_create(_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC))

    def _set(fd: int, moment: int) -> None:
        spec = _SPEC.pack(0, 0, *divmod(moment, 1_000_000_000))
        _checked(_libc.timerfd_settime(fd, _ABSOLUTE, spec, None))

    def _checked(result: int) -> int:
        if result < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return result


class Alarm:
    """An alarm clock for the greenlets of one hub, with one timerfd for all of them.

    The descriptor is open only while a greenlet waits; a forked process opens its own.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int, Any]] = []  # a heap by moment
        self._count = count()
        self._fd = -1
        self._owner = 0  # process id
        self._watcher: Any = None
        self._set_to = _NEVER

    def wait(self, moment: int) -> None:
        """Return once `time.monotonic_ns()` has reached `moment`; raise OSError without a timer."""
        entry = moment, next(self._count), Waiter()
        heapq.heappush(self._waiting, entry)
        try:
            self._update()
            entry[2].get()
        except BaseException:
            self._forget(entry)
            raise

    def _ring(self) -> None:
        self._set_to = _NEVER
        now = time.monotonic_ns()
        while self._waiting and self._waiting[0][0] <= now:
            heapq.heappop(self._waiting)[2].switch(None)
        self._update()

    def _forget(self, entry: tuple[int, int, Any]) -> None:
        if entry in self._waiting:
            self._waiting.remove(entry)
            heapq.heapify(self._waiting)
            self._update()

    def _update(self) -> None:
        """Set the timer to the earliest moment, or close it if no greenlet waits."""
        if not self._waiting:
            self._close()
            return
        if self._owner != os.getpid():
            self._close()
            self._open()
        earliest = self._waiting[0][0]
        if earliest < self._set_to:
            _set(self._fd, earliest)  # this makes it unreadable again, so no read is needed
            self._set_to = earliest

    def _open(self) -> None:
        self._fd = _create()
        self._owner = os.getpid()
        self._watcher = gevent.get_hub().loop.io(self._fd, _READABLE, priority=_FIRST)
        self._watcher.start(self._ring)

    def _close(self) -> None:
        self._owner, self._set_to = 0, _NEVER
        if self._watcher is not None:
            self._watcher.close()
            self._watcher = None
        if self._fd >= 0:
            native.close(self._fd)
            self._fd = -1

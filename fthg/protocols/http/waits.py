"""Waits for the events of one socket, by watchers of the loop that last as long as it does."""

from __future__ import annotations

import select
from typing import Any

import gevent

from ... import native
from ...clock import SECOND, run_loop_once

_READ, _WRITE = 1, 2  # the events of a watcher of the loop


class Waits:
    """The waits for one socket; `close` ends them with an error, ConnectionAbortedError."""

    def __init__(self, number: int) -> None:
        """Take the number of the socket's descriptor."""
        self.closed = False
        self._number = number
        self._ready = native.poll()
        self._ready.register(number, select.POLLIN)
        self._hub = gevent.get_hub()
        self.readable: Any = self._hub.loop.io(number, _READ)
        """The watcher of the moment when there is something to read."""
        self._either: Any = None  # made when a body does not leave at once
        self._writer: Any = None  # made when an answer of TLS itself does not leave at once
        self._timer: Any = None  # while it pauses

    def is_readable(self) -> bool:
        """Return True if there is something to read, at once."""
        return bool(self._ready.poll(0))

    @property
    def writable(self) -> Any:
        """The watcher of the moment when the kernel takes more."""
        if self._writer is None:
            self._writer = self._hub.loop.io(self._number, _WRITE)
        return self._writer

    @property
    def either(self) -> Any:
        """The watcher of the moment when the kernel takes more or there is something to read."""
        if self._either is None:
            self._either = self._hub.loop.io(self._number, _READ | _WRITE)
        return self._either

    def until(self, watcher: Any) -> None:
        """Wait until a watcher, one of those of this object, has seen its event."""
        # As hub.wait() does it, but whatever else switches to this greenlet wakes it for nothing.
        watcher.start(gevent.getcurrent().switch, watcher)
        try:
            while self._hub.switch() is not watcher:
                pass
        finally:
            watcher.stop()

    def pause(self, nanoseconds: int, *, reading: bool) -> None:
        """Wait for some time, or, if `reading`, until there is something to read."""
        if self.closed:
            raise ConnectionAbortedError
        self._timer = timer = self._hub.loop.timer(nanoseconds / SECOND)
        wake = gevent.getcurrent().switch
        try:
            if reading:
                self.readable.start(wake, timer)
            self.until(timer)
        finally:
            self.readable.stop()
            timer.close()
            self._timer = None

    def give_turn(self) -> None:
        """Let other greenlets run, and the loop handle what is ready."""
        run_loop_once()
        if self.closed:
            raise ConnectionAbortedError

    def close(self) -> None:
        """End all waits; to be called before the socket is closed."""
        self.closed = True
        for watcher in (self._timer, self.readable, self._either, self._writer):
            if watcher is not None:
                self._hub.cancel_wait(watcher, ConnectionAbortedError(), close_watcher=True)

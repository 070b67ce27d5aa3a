"""A share of threads that several jobs use."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Optional, TypeVar

from .threads import After, Call, Calls, NoThreadError, Threads

T = TypeVar("T")


class Share(Calls):
    """At most `most` calls at once of one job, in threads that it shares with others.

    So calls that hang keep no more than its share of the threads. Once all shares are closed the
    threads end.
    """

    def __init__(self, threads: Threads, most: int) -> None:
        self._threads = threads
        self._most = most
        self._reset()

    def _reset(self) -> None:
        self._process = os.getpid()
        self._running: set[Call[Any]] = set()
        self._waiting: deque[Call[Any]] = deque()

    @property
    def count(self) -> int:
        """Threads that are there now, for all."""
        return self._threads.count

    def begin(self, act: Callable[[], T], after: Optional[After[T]] = None) -> Call[T]:
        """Start a call in a thread, and return at once; raises NoThreadError."""
        if self._process != os.getpid():
            self._reset()
        self._threads.users.add(self)
        call: Call[T]

        def ended(value: Optional[T], wanted: bool) -> None:
            if after is not None:
                after(value, wanted)
            self._ended(call)

        call = Call(act, ended)
        if len(self._running) < self._most:
            self._start(call)
        else:
            self._waiting.append(call)
        return call

    def give_up(self, call: Call[T]) -> None:
        """Discard the value of a call, if it is not done."""
        if call in self._waiting:
            call.wanted = False
            self._waiting.remove(call)
            call.end()
        else:
            self._threads.give_up(call)

    def close(self) -> None:
        """Fail all waiting callers; a call that hangs ends when it can."""
        waiting, self._waiting = self._waiting, deque()
        for call in (*self._running, *waiting):
            call.fail(OSError("the job has ended"))
        for call in waiting:
            call.end()
        for call in list(self._running):
            self._threads.withdraw(call)
        self._threads.users.discard(self)
        if not self._threads.users:
            self._threads.close()

    def _start(self, call: Call[Any]) -> None:
        self._running.add(call)
        self._threads.start(call)

    def _ended(self, call: Call[Any]) -> None:
        self._running.discard(call)
        if self._waiting and len(self._running) < self._most:
            with suppress(NoThreadError):  # the caller has received it
                self._start(self._waiting.popleft())

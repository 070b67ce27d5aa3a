"""The way to the files of one job, which no hanging file system makes a way of waiting for all."""

from __future__ import annotations

import errno
from collections.abc import Callable
from time import monotonic_ns
from typing import Optional, TypeVar

from .threads import After, NoThreadError, Threads

T = TypeVar("T")

_MOST = 2
"""Threads of one job that use the file system."""

_SLOW = 100_000_000  # nanoseconds of one call, after which a local file system is not trusted
_DISTRUST = 10_000_000_000  # for so many


class NoAnswerError(OSError):
    """The file system has not answered in time."""

    def __init__(self) -> None:
        super().__init__(errno.ETIMEDOUT, "the file system does not answer")


class Access:
    """Makes calls to the file system: at once while it is local and fast, else in threads.

    A thread costs tens of microseconds, so a small file of a local disk is read without one. A
    local file system that was slow is used by threads for a while. `patience` are the seconds that
    a call may take in a thread.
    """

    def __init__(self, *, local: bool, patience: Optional[float] = None) -> None:
        self.local = local
        self.threads = Threads(_MOST)
        self._patience = patience
        self._distrusted_until = 0

    @property
    def at_once(self) -> bool:
        """True if calls are made without a thread."""
        return self.local and self._distrusted_until <= monotonic_ns()

    def __call__(self, act: Callable[[], T], after: Optional[After[T]] = None) -> T:
        """Return what `act` returns; raises its errors, NoAnswerError and NoThreadError.

        May be killed at any moment. For `after` see Threads.begin; it is called in any case.
        """
        began = monotonic_ns()
        if not self.local or self._distrusted_until > began:
            return self.in_thread(act, after)
        value: Optional[T] = None
        try:
            value = act()
        finally:
            if after is not None:
                after(value, True)
            if monotonic_ns() - began > _SLOW:
                self._distrusted_until = began + _DISTRUST
        return value

    def in_thread(self, act: Callable[[], T], after: Optional[After[T]] = None) -> T:
        """Return what `act` returns in a thread, even if the file system is local."""
        call = self.threads.begin(act, after)
        try:
            if call.done.wait(self._patience):
                return call.result()
        finally:
            self.threads.give_up(call)
        raise NoAnswerError

    def later(self, act: Callable[[], object]) -> None:
        """Make a call that nobody waits for, and that raises nothing."""
        if self.at_once:
            act()
            return
        try:
            self.threads.begin(act)
        except NoThreadError:
            act()

    def close(self) -> None:
        """End its threads, but those that hang."""
        self.threads.close()


AT_ONCE = Access(local=True)
"""For files of which it is known that they are on a local file system."""

"""Calls to the file system for one job, in threads where it may hang: no other job waits."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Optional, TypeVar

from . import native
from .mounts import Mount, mounted
from .shares import Share
from .threads import After, Calls, NoThreadError, Threads

T = TypeVar("T")

_MOST = 2
"""Threads of one job that use the file system."""


_TURN, _REST = 500_000, 0.0005
"""Nanoseconds that a thread works at a time, and seconds that it then sleeps."""

Step = Callable[[], object]
"""Called repeatedly during long work; it may sleep, or raise."""


_MOST_OF_A_MOUNT = 32
"""Threads of all jobs together that use one mounted file system."""


class FileThreads:
    """Threads for the files of all jobs.

    Those of one mount share them: a file system that hangs keeps none from the others. It is found
    by the path alone, because a link may lead to one that hangs.
    """

    def __init__(self, mounts: Iterable[Mount]) -> None:
        self._points = sorted({mount.point for mount in mounts}, key=len, reverse=True)
        self._threads: dict[str, Threads] = {}

    def share(self, path: str) -> Share:
        """Return a job's share in the threads for its files."""
        inside = os.path.abspath(path).rstrip("/") + "/"
        found = (point for point in self._points if inside.startswith(point.rstrip("/") + "/"))
        point = next(found, "/")
        if point not in self._threads:
            self._threads[point] = Threads(_MOST_OF_A_MOUNT)
        return Share(self._threads[point], _MOST)


def file_threads() -> FileThreads:
    """Return threads for the file systems of this host, shared by all where they are not known."""
    try:
        return FileThreads(mounted())
    except OSError:
        return FileThreads(())


@lru_cache(maxsize=1024)
def threads_of(path: str) -> Share:
    """Return the threads for a file that no job sends; all files of its mount share them."""
    return _others_threads().share(path)


@lru_cache(maxsize=1)
def _others_threads() -> FileThreads:
    return file_threads()


class NoAnswerError(OSError):
    """A file system that has not answered in time."""

    def __init__(self) -> None:
        super().__init__(errno.ETIMEDOUT, "the file system does not answer")


class Access:
    """Makes calls to the file system: at once if it is `local`, else in threads.

    A thread costs some 20 µs, so a small file of a local disk is read without one. `timeout` are
    the seconds that a call may take in a thread.
    """

    def __init__(
        self,
        *,
        local: bool,
        timeout: Optional[float] = None,
        threads: Optional[Calls] = None,
    ) -> None:
        self.local = local
        self.threads = threads or Threads(_MOST)
        self.timeout = timeout

    def __call__(self, act: Callable[[], T], after: Optional[After[T]] = None) -> T:
        """Return what `act` returns; raises its errors, NoAnswerError and NoThreadError.

        May be killed at any moment. For `after` see Threads.begin; it is called in any case.
        """
        if not self.local:
            return self.in_thread(act, after)
        if after is None:
            return act()
        value: Optional[T] = None
        try:
            value = act()
        finally:
            after(value, True)
        return value

    def in_thread(self, act: Callable[[], T], after: Optional[After[T]] = None) -> T:
        """Return what `act` returns in a thread, even if the file system is local."""
        try:
            call = self.threads.begin(act, after)
        except NoThreadError:
            if not self.local:
                raise
            return self(act, after)
        try:
            if call.done.wait(self.timeout):
                return call.result()
        finally:
            self.threads.give_up(call)
        raise NoAnswerError

    def later(self, act: Callable[[], object]) -> None:
        """Make a call without waiting for it; its errors are dropped."""
        if self.local:
            act()
            return
        try:
            self.threads.begin(act)
        except NoThreadError:
            act()

    def close(self) -> None:
        """End its threads, except those that hang."""
        self.threads.close()


class Throttle:
    """A step that sleeps often and briefly, for a thread beside others that are in a hurry.

    A thread that only computes would give way after 5 ms, and so would each system call of the
    others last that long.
    """

    def __init__(self) -> None:
        self._until = 0

    def __call__(self) -> None:
        """Return at once, or sleep if it is time to."""
        if time.monotonic_ns() > self._until:
            native.sleep(_REST)
            self._until = time.monotonic_ns() + _TURN


AT_ONCE = Access(local=True)
"""For files of which it is known that they are on a local file system."""

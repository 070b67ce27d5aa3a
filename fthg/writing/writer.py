"""A thread that writes what is put into its queue: a slow disk or terminal delays nobody else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, Optional, TypeVar

from gevent import monkey

from ..errors import StartError

# Those of the operating system: gevent's stop a greenlet, not a thread, and need the hub.
_Queue = monkey.get_original("queue", "SimpleQueue")
_make_lock = monkey.get_original("_thread", "allocate_lock")
_start_thread = monkey.get_original("_thread", "start_new_thread")
_Empty = monkey.get_original("queue", "Empty")

_RETRY = 0.5  # seconds until what could not be written is tried again

T = TypeVar("T")


class Writer(Generic[T]):
    """A queue, and a thread that empties it by a call that may block for any time.

    `write` is called in that thread with all pieces that wait. It returns those to be tried again,
    together with what has come since, half a second later; it never raises. `size` measures a
    piece, `most` is what may wait. Pieces may be put before the start, and from any thread.
    """

    def __init__(
        self, write: Callable[[Sequence[T]], Sequence[T]], most: int, size: Callable[[T], int]
    ) -> None:
        self._write = write
        self._most = most
        self._size = size
        self._queue = _Queue()  # of pieces; None is the end
        self._held: Sequence[T] = ()  # taken from the queue, and not written
        self._put = 0  # sizes, each counted by one side only: no lock is needed
        self._taken = 0
        self._running = _make_lock()  # held as long as the thread runs

    def start(self, purpose: str) -> None:
        """Start the thread, in the process that uses it; StartError, with its purpose, if that
        fails."""
        self._running.acquire()
        try:
            _start_thread(self._run, ())
        except RuntimeError as error:  # a limit of threads or processes
            self._running.release()
            raise StartError(f"no thread can be started for {purpose}: {error}") from None

    def put(self, piece: T) -> bool:
        """Add a piece; return False, and leave it, if too much waits already. Never blocks."""
        size = self._size(piece)
        if self.waiting + size > self._most:
            return False
        self._put += size
        self._queue.put(piece)
        return True

    @property
    def waiting(self) -> int:
        """The size of all pieces that are not written yet."""
        return self._put - self._taken

    def close(self, patience: float) -> Sequence[T]:
        """Let the thread write what waits, at most so many seconds; return what is not written.

        Blocks the calling thread. A write that hangs then goes on hanging: its pieces are returned,
        some of which may have been written. So is what cannot be written at its last attempt.
        """
        self._queue.put(None)
        if self._running.acquire(timeout=patience):
            self._running.release()
        return [*self._held, *(piece for piece in self._rest() if piece is not None)]

    def _run(self) -> None:
        try:
            while self._step():
                pass
        finally:
            self._running.release()

    def _step(self) -> bool:
        """Write what waits once there is something; return False after the last attempt."""
        fresh = self._take(_RETRY if self._held else None)
        ends = None in fresh
        self._held = [*self._held, *(piece for piece in fresh if piece is not None)]
        if self._held:
            before = self._sum(self._held)
            self._held = self._write(self._held)
            self._taken += before - self._sum(self._held)
        return not ends

    def _take(self, timeout: Optional[float]) -> list[Optional[T]]:
        """Return all that is in the queue, once there is something or the time is over."""
        try:
            first = self._queue.get(timeout=timeout)
        except _Empty:
            return []
        return [first, *self._rest()]

    def _rest(self) -> list[Optional[T]]:
        found: list[Optional[T]] = []
        while True:
            try:
                found.append(self._queue.get_nowait())
            except _Empty:
                return found

    def _sum(self, pieces: Sequence[T]) -> int:
        return sum(map(self._size, pieces))

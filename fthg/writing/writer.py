"""A thread that writes the pieces of a queue, so that a slow disk or terminal delays no caller."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Generic, Optional, TypeVar

from .. import native
from ..errors import no_thread

_RETRY = 0.5  # seconds until pieces that could not be written are tried again

_busy: set[int] = set()  # the threads that write at the moment, or hang

T = TypeVar("T")


class Writer(Generic[T]):
    """A queue, and a thread that empties it by a call that may block for any time.

    `write` is called in that thread with all pieces that wait. It returns those to be tried again,
    together with what has come since, half a second later; if it raises anything, all of them are.
    `size` measures a piece, `most` is what may wait. Pieces may be put before the start, and from
    any thread. With `pause` the thread gathers pieces for that many seconds after each write:
    waking it costs the others time. `finish` is its last call, after the end or a write that hung.
    """

    def __init__(
        self,
        write: Callable[[Sequence[T]], Sequence[T]],
        most: int,
        size: Callable[[T], int],
        *,
        pause: float = 0.0,
        finish: Optional[Callable[[], None]] = None,
    ) -> None:
        self._write = write
        self._most = most
        self._size = size
        self._pause = pause
        self._finish = finish
        self._queue = native.Queue()  # of pieces; None is the end
        self._held: list[T] = []  # taken from the queue, and not written
        self._put = 0  # sizes, each counted by one side only: no lock is needed
        self._taken = 0
        self._ends = False
        self._running = native.make_lock()  # held as long as the thread runs
        self._hurry = native.make_lock()  # held until there is nothing left to wait for
        self._hurry.acquire()

    def start(self, purpose: str) -> None:
        """Start the thread, in the process that uses it; StartError, with its purpose, if that
        fails."""
        self._running.acquire()
        try:
            native.start_thread(self._run, ())
        except RuntimeError as error:  # a limit of threads or processes
            self._running.release()
            raise no_thread(purpose, error) from None

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

    def close(self, timeout: float) -> Sequence[T]:
        """Wait `timeout` seconds for the thread to write the rest; return what is not written.

        Blocks the calling thread, whichever it is, and needs no hub. A write that hangs then goes
        on hanging: its pieces are returned, some of which may have been written. So is what cannot
        be written at its last attempt."""
        self._queue.put(None)
        if self._hurry.locked():
            self._hurry.release()
        if self._running.acquire(timeout=max(0, timeout)):
            self._running.release()
        self._ends = True  # also if its write ends well later: what is returned counts as lost
        left = [*self._held, *(piece for piece in self._rest() if piece is not None)]
        self._queue.put(None)
        return left

    def _run(self) -> None:
        try:
            while not self._ends:
                with suppress(Exception):  # no memory, for instance: it is tried again
                    self._step()
                self._wait(_RETRY if self._held else self._pause)
            if self._finish:
                with writing():
                    self._finish()
        finally:
            self._running.release()

    def _step(self) -> None:
        """Write what waits, once there is something."""
        fresh = self._rest() if self._held else [self._queue.get(), *self._rest()]
        self._held += [piece for piece in fresh if piece is not None]
        self._ends = self._ends or None in fresh
        if self._held:
            before = self._sum(self._held)
            with writing():
                self._held = list(self._write(self._held))
            self._taken += before - self._sum(self._held)

    def _wait(self, seconds: float) -> None:
        """Let pieces gather, if this is not the end."""
        if seconds and not self._ends and self._hurry.acquire(timeout=seconds):
            self._hurry.release()

    def _rest(self) -> list[Optional[T]]:
        found: list[Optional[T]] = []
        while True:
            try:
                found.append(self._queue.get_nowait())
            except native.Empty:
                return found

    def _sum(self, pieces: Sequence[T]) -> int:
        return sum(map(self._size, pieces))


@contextmanager
def writing() -> Iterator[None]:
    """Count the calling thread as one that writes, within the block; see `some_write`."""
    _busy.add(native.get_ident())
    try:
        yield
    finally:
        _busy.discard(native.get_ident())


def some_write() -> bool:
    """Return True if a thread writes at the moment: at the end of a process it may hang there."""
    return bool(_busy)

"""Native threads, which run even while the loop is blocked and no greenlet can."""

from __future__ import annotations

from collections.abc import Callable

from . import native
from .errors import no_thread

_BEGIN, _STOP = True, False


def start_native(run: Callable[[], object], purpose: str) -> None:
    """Start a native daemon thread; StartError if that fails."""
    try:
        native.start_thread(run, ())
    except RuntimeError as error:  # a limit of threads or processes
        raise no_thread(purpose, error) from None


class Countdown:
    """A native thread that calls `act` some seconds after `begin`, unless it is stopped before.

    The thread is started early: in an emergency a new one might not start.
    """

    def __init__(self, seconds: float, act: Callable[[], object]) -> None:
        self._seconds = seconds
        self._act = act
        self._orders = native.Queue()

    def start(self, purpose: str) -> None:
        """Start the thread, in the process that uses it; StartError if that fails."""
        start_native(self._run, purpose)

    def begin(self) -> None:
        """Start counting; once, from any thread."""
        self._orders.put(_BEGIN)

    def stop(self) -> None:
        """End the thread; a call of `act` that has begun goes on."""
        self._orders.put(_STOP)

    def _run(self) -> None:
        if self._orders.get() is _STOP:
            return
        try:
            self._orders.get(timeout=self._seconds)
        except native.Empty:
            self._act()

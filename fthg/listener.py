"""Receives signals in a native thread, even while the loop is blocked."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Collection
from contextlib import suppress

from . import native
from .countdown import start_native


class Listener:
    """A native thread that calls `receive` with each of some signals that arrives.

    Python's own handler, in C, writes the number of a signal into a pipe at once, whatever the
    main thread does; the handler in Python has nothing to do, but that others are not deadly. Only
    code that never lets go of the interpreter keeps the thread from running.
    """

    def __init__(
        self, numbers: Collection[signal.Signals], receive: Callable[[signal.Signals], object]
    ) -> None:
        self._numbers = numbers
        self._receive = receive
        self._reader = self._writer = -1
        self._before = -1  # the descriptor that had the numbers before
        self._main = 0
        self._hold = False
        self._held = native.Queue()

    def start(self) -> None:
        """Receive the signals from now on; call it in the main thread. StartError if it fails."""
        self._main = native.get_ident()
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        try:
            start_native(self._listen, "signals")
        except BaseException:
            native.close(self._reader)
            native.close(self._writer)
            raise
        self._before = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        for number in self._numbers:
            signal.signal(number, self._on_signal)

    def close(self) -> None:
        """Ignore the signals from now on, and end the thread."""
        for number in self._numbers:
            signal.signal(number, signal.SIG_IGN)
        signal.set_wakeup_fd(self._before)
        native.close(self._writer)  # the thread reads the end, and closes the other one

    def hold_main_thread(self, patience: float) -> bool:
        """Suspend the main thread for good, wherever it runs Python or waits; False on failure.

        Call it in another thread, to read in peace what the main thread was changing. If it is held
        up in a call of the system or of C that no signal interrupts, it is held after that.
        """
        self._hold = True
        signal.pthread_kill(self._main, next(iter(self._numbers)))
        try:
            self._held.get(timeout=patience)
        except native.Empty:
            return False
        return True

    def _listen(self) -> None:
        while numbers := os.read(self._reader, 512):
            for number in numbers:
                with suppress(ValueError):  # a real-time signal without a name
                    if (received := signal.Signals(number)) in self._numbers:
                        self._receive(received)
        native.close(self._reader)

    def _on_signal(self, *_: object) -> None:
        if self._hold:
            self._hold = False
            self._held.put(None)
            native.Queue().get()  # for ever

"""Native threads for calls that may block; their results are passed back to greenlets."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, Optional, TypeVar

import gevent
from gevent.event import Event

from . import native

_IDLE = 5.0  # seconds without a call after which a thread ends

T = TypeVar("T")

After = Callable[[Optional[T], bool], object]
"""Called in the hub with the value of a call, and whether that is still wanted, as soon as the call
is over for good: its thread is through with it, or will never begin."""


class NoThreadError(OSError):
    """No thread could be started: a limit of this host, or of its user."""


class Call(Generic[T]):
    """A call in a thread; `done` is set once it has returned, or `fail` was called."""

    def __init__(self, act: Callable[[], T], after: Optional[After[T]]) -> None:
        self.done = Event()
        self.wanted = True
        self._act = act
        self._after = after
        self._value: Optional[T] = None
        self._error: Optional[BaseException] = None

    def run(self) -> None:
        """Make the call, in a thread."""
        try:
            self._value = self._act()
        except BaseException as error:  # noqa: BLE001 - the caller gets it
            self._error = error.with_traceback(None)

    def end(self) -> None:
        """Pass the outcome to the caller, in the hub; the call itself is over."""
        if self._after is not None:
            self._after(self._value, self.wanted)
        self.done.set()

    def fail(self, error: BaseException) -> None:
        """Raise an error in the caller, though the call may go on."""
        if not self.done.ready():
            self.wanted, self._error = False, error
            self.done.set()

    def result(self) -> T:
        """Return what it returned, once it is done, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]  # it has returned


class Calls(ABC):
    """An interface for calls in threads."""

    @property
    @abstractmethod
    def count(self) -> int:
        """Threads that are there now."""

    @abstractmethod
    def begin(self, act: Callable[[], T], after: Optional[After[T]] = None) -> Call[T]:
        """Start a call in a thread, and return at once; raises NoThreadError."""

    @abstractmethod
    def give_up(self, call: Call[T]) -> None:
        """Discard the value of a call, if it is not done."""

    @abstractmethod
    def close(self) -> None:
        """Fail all waiting callers and end all threads; one that hangs ends when it can."""

    def run(self, act: Callable[[], T]) -> T:
        """Make the call in a thread and return its value, or raise its error; others run meanwhile.

        May be killed at any moment; the thread then goes on. Raises NoThreadError.
        """
        call = self.begin(act)
        try:
            call.done.wait()
        finally:
            self.give_up(call)
        return call.result()


class Threads(Calls):
    """Up to `most` threads, started when they are needed and ended when idle; None: no limit.

    All decisions are made in the hub: a thread only takes calls from a queue of its own. A call
    that hangs keeps its thread, so that the calls of others wait. A forked process has threads of
    its own.
    """

    def __init__(
        self,
        most: Optional[int] = None,
        idle: float = _IDLE,
        start_thread: Callable[..., object] = native.start_thread,
    ) -> None:
        self._most = most
        self._idle_seconds = idle
        self._start_thread = start_thread
        self.users: set[object] = set()
        """The shares of them; not used by the threads themselves."""
        self._reset()

    def _reset(self) -> None:
        self._process = os.getpid()
        self._count = 0
        self._idle: list[Any] = []  # queues of the threads without a call
        self._waiting: deque[Call[Any]] = deque()
        self._running: set[Call[Any]] = set()
        self._back: deque[tuple[Any, Optional[Call[Any]]]] = deque()  # calls that have ended
        self._bell: Any = None  # a watcher that threads ring
        self._closed = False

    @property
    def count(self) -> int:
        """Threads that are there now."""
        return self._count

    def begin(
        self,
        act: Callable[[], T],
        after: Optional[After[T]] = None,
    ) -> Call[T]:
        """Start a call in a thread, and return at once; raises NoThreadError."""
        call = Call(act, after)
        self.start(call)
        return call

    def start(self, call: Call[Any]) -> None:
        """Start this call, which was not made yet, in a thread; raises NoThreadError."""
        if self._process != os.getpid():
            self._reset()
        self._closed = False
        if self._idle:
            self._hand(self._idle.pop(), call)
        elif self._most is not None and self._count >= self._most:
            self._waiting.append(call)
        else:
            self._add_thread(call)

    def allow(self, more: int) -> None:
        """Raise the number of threads, or lower it again: those that are there may go on."""
        if self._most is not None:
            self._most += more
            if more > 0 and self._waiting:
                self._add_thread(self._waiting.popleft())

    def give_up(self, call: Call[T]) -> None:
        """Discard the value of a call, if it is not done."""
        if call.done.ready():
            return
        call.wanted = False
        self.withdraw(call)

    def withdraw(self, call: Call[Any]) -> None:
        """Never make a call, if it has not begun."""
        with suppress(ValueError):
            self._waiting.remove(call)
            call.end()

    def close(self) -> None:
        """Fail all waiting callers, and end all threads; one that hangs ends when it can."""
        if self._process != os.getpid():
            return
        self._closed = True
        for call in (*self._running, *self._waiting):
            call.fail(OSError("the job has ended"))
        while self._waiting:
            self._waiting.popleft().end()
        while self._idle:
            self._dismiss(self._idle.pop())

    # --- in the hub

    def _add_thread(self, call: Call[Any]) -> None:
        queue = native.Queue()
        if self._bell is None:
            self._bell = gevent.get_hub().loop.async_()
            self._bell.start(self._on_bell)
        try:
            self._start_thread(self._work, (queue, self._back, self._bell))
        except RuntimeError as error:
            if self._most is None or not self._count:
                self._forget_bell()
                call.fail(NoThreadError(str(error)))
                call.end()
                raise NoThreadError(str(error)) from None
            self._waiting.append(call)  # for one of the others
        else:
            self._count += 1
            self._hand(queue, call)

    def _hand(self, queue: Any, call: Call[Any]) -> None:
        self._running.add(call)
        queue.put(call)

    def _on_bell(self) -> None:
        while self._back:
            queue, call = self._back.popleft()
            if call is not None:
                self._running.discard(call)
                call.end()
                self._next(queue)
            elif queue in self._idle:  # else a call is on its way to it
                self._idle.remove(queue)
                self._dismiss(queue)

    def _next(self, queue: Any) -> None:
        if self._waiting:
            self._hand(queue, self._waiting.popleft())
        elif self._closed:
            self._dismiss(queue)
        else:
            self._idle.append(queue)

    def _dismiss(self, queue: Any) -> None:
        queue.put(None)
        self._count -= 1
        self._forget_bell()

    def _forget_bell(self) -> None:
        if not self._count:
            self._bell.stop()
            self._bell = None

    # --- in a thread

    def _work(self, queue: Any, back: deque[tuple[Any, Optional[Call[Any]]]], bell: Any) -> None:
        while True:
            try:
                call = queue.get(timeout=self._idle_seconds)
            except native.Empty:
                _ring(back, bell, queue, None)
                call = queue.get()  # the hub may have had one at the same moment
            if call is None:
                return
            call.run()
            _ring(back, bell, queue, call)
            del call


def in_thread(act: Callable[[], T]) -> T:
    """Make one call in a thread, so that signals are handled meanwhile; here if there is none."""
    threads = Threads(1)
    try:
        return threads.run(act)
    except NoThreadError:
        return act()
    finally:
        threads.close()


def _ring(back: deque[Any], bell: Any, queue: Any, call: Optional[Call[Any]]) -> None:
    back.append((queue, call))
    with suppress(ValueError):  # the loop is gone: the process ends
        bell.send()

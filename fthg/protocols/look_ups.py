"""Look-ups of host names for all jobs, in a bounded number of threads."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Union

import gevent
from gevent.event import AsyncResult

from .. import native
from ..log import Log
from ..threads import Threads
from .addresses import Address

_QUICK = 64
"""Threads for names that were answered in time, or never asked for."""

_SLOW = 128
"""Threads for names whose last answer took long."""

_SET_ASIDE = 256
"""Threads more, as long as as many of the quick ones hang."""

_LONG = 1.0  # seconds

_log = Log("fthg.dial")

LookUp = Callable[[str, int], Sequence[Address]]
"""Host and port → addresses, best first; may block its thread; raises OSError."""

Answer = Union[Sequence[Address], Exception]


def resolve(host: str, port: int) -> Sequence[Address]:
    """Ask the system for a host's addresses, as its own tools do (getaddrinfo, RFC 6724)."""
    return addresses_of(native.getaddrinfo(host, port, 0, socket.SOCK_STREAM))


def addresses_of(found: Sequence[Any]) -> Sequence[Address]:
    """Return the addresses in an answer of getaddrinfo."""
    return tuple(Address(family, sockaddr) for family, _, _, _, sockaddr in found)


class LookUps:
    """Look-ups of all jobs; those who ask for one name meanwhile get the same answer.

    gevent's own share ten threads: ten that hang would stall all. Here a name that hangs takes one
    thread, whoever asks for it; after a second another thread takes its place for the others, and
    from then on it waits among the slow ones. So there are at most 448 threads.
    """

    def __init__(
        self,
        look_up: LookUp = resolve,
        start_thread: Callable[..., object] = native.start_thread,
    ) -> None:
        self._look_up = look_up
        self._quick = Threads(_QUICK, start_thread=start_thread)
        self._slow = Threads(_SLOW, start_thread=start_thread)
        self._set_aside = 0
        self._were_slow: set[tuple[str, int]] = set()
        self._pending: dict[tuple[str, int], AsyncResult] = {}

    def ask(self, asker: object, host: str, port: int) -> AsyncResult:
        """Return the pending answer; the caller must `leave` when it has ended."""
        self._quick.users.add(asker)
        pending = self._pending.get((host, port))
        if pending is None:
            pending = self._pending[host, port] = AsyncResult()
            gevent.spawn(self._run, host, port, pending)
        return pending

    def leave(self, asker: object) -> None:
        """End all threads but those that hang, if no other job may `ask`."""
        self._quick.users.discard(asker)
        if not self._quick.users:
            self._quick.close()
            self._slow.close()
            self._were_slow.clear()

    @property
    def threads(self) -> int:
        """Threads that are there now."""
        return self._quick.count + self._slow.count

    def _run(self, host: str, port: int, pending: AsyncResult) -> None:
        """Run one look-up to its end, even if nobody waits for it any more."""
        answer: Answer
        try:
            answer = self._found(host, port) or OSError("the name has no address")
        except Exception as error:  # noqa: BLE001 - the transfers that wait must fail with it
            answer = error.with_traceback(None)
        del self._pending[host, port]
        if not isinstance(answer, Exception):
            _log.debug("resolved", host=host, addresses=", ".join(map(str, answer)))
        pending.set(answer)

    def _found(self, host: str, port: int) -> Sequence[Address]:
        name = host, port
        threads = self._slow if name in self._were_slow else self._quick
        begun: list[bool] = []
        call = threads.begin(partial(self._begun, begun, host, port))
        while not call.done.wait(_LONG):
            if begun:  # and not just waiting for a thread
                self._were_slow.add(name)
                with self._replaced(threads):
                    call.done.wait()
                return call.result()
        self._were_slow.discard(name)
        return call.result()

    def _begun(self, begun: list[bool], host: str, port: int) -> Sequence[Address]:
        begun.append(True)
        return self._look_up(host, port)

    @contextmanager
    def _replaced(self, threads: Threads) -> Iterator[None]:
        """Allow another thread for one that hangs."""
        if threads is self._slow or self._set_aside >= _SET_ASIDE:
            yield
            return
        self._set_aside += 1
        threads.allow(1)
        try:
            yield
        finally:
            self._set_aside -= 1
            threads.allow(-1)


LOOK_UPS = LookUps()
"""Those of this process."""

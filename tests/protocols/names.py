"""A fake name server, and a clock that stands still."""

from __future__ import annotations

import socket
from collections.abc import Sequence

from gevent import monkey

from fthg.clock import Clock
from fthg.protocols.addresses import Address


class SteppedClock(Clock):
    def __init__(self) -> None:
        self.moment = 0

    def now(self) -> int:
        return self.moment


class Names:
    """Counts its questions, and can hang in its thread."""

    def __init__(self, *answers: str, hangs: bool = False) -> None:
        self.answers = answers
        self.questions = 0
        self.held = monkey.get_original("_thread", "allocate_lock")()
        if hangs:
            self.held.acquire()

    def __call__(self, _host: str, port: int) -> Sequence[Address]:
        self.questions += 1
        if self.held.acquire(timeout=20):
            self.held.release()
        return [Address(socket.AF_INET, (answer, port)) for answer in self.answers]

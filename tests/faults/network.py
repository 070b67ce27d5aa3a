"""What a network does to a job: every case goes through the proxy."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from . import network_faults as faults
from .case import Case, Event, matrix
from .proxy import Fault
from .world import World


def by(make: Callable[[], Fault]) -> Event:
    """The event of a fault of the proxy."""

    def event(world: World) -> AbstractContextManager[object]:
        return world.proxy.suffering(make())

    return event


def _row(name: str, make: Callable[[], Fault], kinds: Any, **more: Any) -> list[Case]:
    return matrix(name, by(make), kinds, proxied=True, **more)


_ALL_LATE = ("timeout", "connect_timeout")

CASES: list[Case] = [
    *_row("refused", faults.Refuse, ("refused", "reset"), fast=("http open", "sftp closed")),
    *_row("reset before the body", partial(faults.Reset, 0), ("reset",)),
    *_row("reset in the body", partial(faults.Reset, 20_000), ("reset",), fast=("sftp open",)),
    *_row("reset after the body", partial(faults.ResetUnanswered, 20_000), ("reset",)),
    *_row("silence that ends", faults.Silence, _ALL_LATE, fast=("https open",)),
    *_row("silence for ever", partial(faults.Silence, forget=True), _ALL_LATE),
    *_row("SYN dropped", faults.Full, (*_ALL_LATE, "reset")),
    *_row(
        "stall in the handshake",
        partial(faults.Stall, 200),
        (*_ALL_LATE, "reset"),
        protocols=("https", "sftp"),
    ),
    *_row("byte by byte", faults.Bytewise, (), felt=False),
    *_row("narrow link", partial(faults.Narrow, 100_000), _ALL_LATE, felt=False),
    *_row("latency", partial(faults.Latency, 0.1), (), felt=False),
    *_row("half-closed", faults.HalfClose, ("reset",)),
    *_row(
        "garbage", faults.Garbage, {"http": ["protocol"], "https": ["tls"], "sftp": ["protocol"]}
    ),
    *_row("answers cut short", partial(faults.Truncate, 90), ("reset", "protocol")),
]

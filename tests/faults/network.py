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
    *_row("refused", faults.Refuse, ("refused", "reset"), fast=("http closed", "sftp open")),
    *_row("reset before the body", partial(faults.Reset, 0), ("reset",), fast=("sftp closed",)),
    *_row(
        "reset in the body",
        partial(faults.Reset, 20_000),
        ("reset",),
        fast=("https open", "sftp open"),
    ),
    *_row(
        "reset in the body, atomic",
        partial(faults.Reset, 20_000),
        ("reset",),
        protocols=("sftp",),
        keys={"atomic": True},
    ),
    *_row(
        "reset after the body",
        partial(faults.ResetUnanswered, 20_000),
        ("reset",),
        fast=("http open",),
    ),
    *_row("silence that ends", faults.Silence, _ALL_LATE, felt=False, seconds=1.5),
    *_row(
        "silence for ever",
        partial(faults.Silence, forget=True),
        _ALL_LATE,
        fast=("http open", "sftp closed"),
    ),
    *_row("SYN dropped", faults.Full, (*_ALL_LATE, "reset"), seconds=3, fast=("https closed",)),
    *_row(
        "stall in the handshake",
        partial(faults.Stall, 60),
        (*_ALL_LATE, "reset"),
        protocols=("https", "sftp"),
        seconds=3,
        fast=("https open", "sftp open"),
    ),
    *_row("byte by byte", faults.Bytewise, (), felt=False, fast=("https closed",)),
    *_row("narrow link", partial(faults.Narrow, 100_000), _ALL_LATE, felt=False),
    *_row("latency", partial(faults.Latency, 0.1), (), felt=False),
    *_row("half-closed", faults.HalfClose, ("reset",), fast=("sftp closed",)),
    *_row(
        "garbage",
        faults.Garbage,
        # Noise in place of a greeting may be the beginning of a line, which RFC 4253 allows.
        {"http": ["protocol"], "https": ["tls"], "sftp": ["protocol", "connect_timeout"]},
        fast=("http open", "sftp open"),
    ),
    *_row("answers cut short", partial(faults.Truncate, 90), ("reset",), fast=("http closed",)),
]

"""The network faults: the job of every case goes through the proxy."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from . import network_faults as faults
from .case import Case, Event, Kinds, matrix
from .proxy import Fault
from .world import World


def by(make: Callable[[], Fault]) -> Event:
    """Return the event of a proxy's fault."""

    def event(world: World) -> AbstractContextManager[object]:
        return world.proxy.applying(make())

    return event


def _row(name: str, make: Callable[[], Fault], kinds: Kinds, **more: Any) -> list[Case]:
    return matrix(name, by(make), kinds, proxied=True, **more)


_LATE = ("timeout", "connect_timeout")
_SOON = {"back_within": 3.0}  # a pause of at most a second, on a busy machine
# Noise instead of a greeting may be the start of a line, which RFC 4253 allows.
_NOISE = {"http": ["protocol"], "https": ["tls"], "sftp": ["protocol", "connect_timeout"]}
_NOISE_OR_LINE = {**_NOISE, "http": ["protocol", "timeout"]}  # http.client waits for its end
_PLAIN: dict[str, Any] = {"protocols": ("http",)}
_SECURE = ("https", "sftp")


def _reset_at_once() -> Fault:
    return faults.Reset(0)


def _reset_in_body() -> Fault:
    return faults.Reset(20_000)


def _reset_after_body() -> Fault:
    return faults.ResetUnanswered(20_000)


def _silence_for_ever() -> Fault:
    return faults.Silence(forget=True)


def _stall() -> Fault:
    return faults.Stall(60)


def _cut_short() -> Fault:
    return faults.Truncate(90)


_USUAL = [
    *_row("refused", faults.Refuse, ("refused", "reset"), fast=("http closed",), **_SOON),
    *_row("reset before the body", _reset_at_once, ("reset",), **_SOON),
    *_row("reset in the body", _reset_in_body, ("reset",), fast=("https open",), **_SOON),
    *_row("reset after the body", _reset_after_body, ("reset",), fast=("http open",), **_SOON),
    *_row("silence that ends", faults.Silence, _LATE, felt=False, seconds=1.5),
    *_row("silence for ever", _silence_for_ever, _LATE, fast=("http open", "sftp closed")),
    *_row("SYN dropped", faults.Full, (*_LATE, "reset"), seconds=3),
    *_row(
        "stall in the handshake",
        _stall,
        (*_LATE, "reset"),
        protocols=_SECURE,
        seconds=3,
        fast=("https open", "sftp open"),
    ),
    *_row(
        "flood in the handshake",
        faults.SshFlood,
        ("connect_timeout", "reset"),
        protocols=("sftp",),
        seconds=3,
        fast=("sftp open",),
        **_SOON,
    ),
    *_row("byte by byte", faults.Bytewise, (), felt=False),
    *_row("narrow link", partial(faults.Narrow, 100_000), _LATE, felt=False),
    *_row("latency", partial(faults.Latency, 0.1), (), felt=False),
    *_row("half-closed", faults.HalfClose, ("reset",), fast=("sftp closed",), **_SOON),
    *_row("garbage", faults.Garbage, _NOISE, fast=("sftp open",), **_SOON),
    *_row("answer before the body", faults.EarlyAnswer, (), felt=False, **_PLAIN),
    *_row("head before the body", faults.EarlyHead, ("reset",), felt=False, **_PLAIN),
    *_row("answers cut short", _cut_short, ("reset",), fast=("http closed",), **_SOON),
]


_WORKERS: dict[str, Any] = {"workers": 2, "models": ("open",)}
_ATOMIC: dict[str, Any] = {"protocols": ("sftp",), "keys": {"atomic": True}}
_EACH_ANEW: dict[str, Any] = {"keys": {"reuse": False, "rate": "5/s"}}
_REDIRECTS: dict[str, Any] = {
    "protocols": ("http", "https"),
    "models": ("open",),
    "keys": {"follow_redirects": True},
}

_OTHER_WAYS = [
    *_row("atomic: reset in the body", _reset_in_body, ("reset",), fast=("sftp open",), **_ATOMIC),
    *_row("atomic: reset after the body", _reset_after_body, ("reset",), **_ATOMIC),
    *_row("atomic: silence for ever", _silence_for_ever, _LATE, **_ATOMIC),
    *_row("no reuse: refused", faults.Refuse, ("refused", "reset"), **_EACH_ANEW),
    *_row("no reuse: reset in the body", _reset_in_body, ("reset",), **_EACH_ANEW),
    *_row("no reuse: silence for ever", _silence_for_ever, _LATE, seconds=3, **_EACH_ANEW),
    *_row(
        "no reuse: stall in the handshake",
        _stall,
        (*_LATE, "reset"),
        protocols=_SECURE,
        seconds=3,
        **_EACH_ANEW,
    ),
    *_row("two workers: refused", faults.Refuse, ("refused", "reset"), **_WORKERS),
    *_row("two workers: reset in the body", _reset_in_body, ("reset",), **_WORKERS),
    *_row("two workers: silence for ever", _silence_for_ever, _LATE, **_WORKERS),
    *_row("redirects: refused", faults.Refuse, ("refused", "reset"), **_REDIRECTS),
    *_row("redirects: reset in the body", _reset_in_body, ("reset",), **_REDIRECTS),
    *_row("redirects: reset after the body", _reset_after_body, ("reset",), **_REDIRECTS),
    *_row("redirects: silence for ever", _silence_for_ever, _LATE, **_REDIRECTS),
    *_row("redirects: half-closed", faults.HalfClose, ("reset",), **_REDIRECTS),
    *_row("redirects: garbage", faults.Garbage, _NOISE_OR_LINE, **_REDIRECTS),
    *_row("redirects: answers cut short", _cut_short, ("reset", "protocol"), **_REDIRECTS),
]
"""Uploads by rename, a connection for each file, several processes, HTTP with redirects."""

CASES: list[Case] = [*_USUAL, *_OTHER_WAYS]

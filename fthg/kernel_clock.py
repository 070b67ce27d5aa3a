"""The state of the host's clock: whether it is synchronised, and its error, as the kernel knows."""

from __future__ import annotations

import ctypes
import os
from typing import NamedTuple, Optional

_TIME_ERROR = 5
_UNSYNCHRONISED = 0x40  # STA_UNSYNC
MOST = 0.1
"""Seconds of estimated error beyond which a clock is of no use for a common start."""


class ClockState(NamedTuple):
    """The state of the clock as the kernel has it."""

    synchronised: bool
    error: float  # seconds, estimated


class _Timex(ctypes.Structure):
    """`struct timex` of adjtimex(2)."""

    _fields_ = (
        ("modes", ctypes.c_uint),  # 0: change nothing, for which no right is needed
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),  # microseconds
        ("status", ctypes.c_int),
        ("rest", ctypes.c_long * 40),  # more than there is
    )


def clock_state() -> ClockState:
    """Ask the kernel; OSError where it does not answer: not on Linux, or it is forbidden."""
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "adjtimex"):
        raise OSError("this system has no adjtimex")
    timex = _Timex()
    state = libc.adjtimex(ctypes.byref(timex))
    if state < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    synchronised = state != _TIME_ERROR and not timex.status & _UNSYNCHRONISED
    return ClockState(synchronised, timex.esterror / 1e6)


def judge(state: ClockState) -> Optional[str]:
    """Return why a clock is too inexact for a common start of several machines (pure)."""
    if not state.synchronised:
        return "the clock of this host is not synchronised; see chronyc tracking"
    if state.error > MOST:
        return f"the clock of this host may be wrong by {state.error:.3f} s; see chronyc tracking"
    return None

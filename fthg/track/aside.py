"""Does long work on the ledger in a thread, so that signals and the live view go on meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..threads import NoThreadError, Threads
from .ledger import Ledger

_INTERRUPT_TIMEOUT = 2.0
"""Seconds for an interrupted call to release the ledger and remove its files."""

T = TypeVar("T")


def aside(ledger: Ledger, act: Callable[[], T]) -> T:
    """Make a call in a thread, which alone uses the ledger meanwhile, and return its value.

    If the greenlet is killed here, as by a second signal, the ledger is interrupted for good.
    """
    threads = Threads(1)
    try:
        call = threads.begin(act)
    except NoThreadError:
        return act()
    try:
        call.done.wait()
    except BaseException:
        ledger.interrupt()
        call.done.wait(_INTERRUPT_TIMEOUT)
        raise
    finally:
        threads.close()
    return call.result()

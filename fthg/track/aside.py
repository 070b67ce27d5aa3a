"""Long work on the ledger in a thread, so that signals and the live view go on meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..threads import NoThreadError, Threads
from .ledger import Ledger

_PATIENCE = 2.0
"""Seconds in which a call that is not wanted any more leaves the ledger and removes its files."""

T = TypeVar("T")


def aside(ledger: Ledger, act: Callable[[], T]) -> T:
    """Make a call in a thread, which alone uses the ledger meanwhile, and return its value.

    Whoever is killed here, as by a second signal, interrupts the ledger for good.
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
        call.done.wait(_PATIENCE)
        raise
    finally:
        threads.close()
    return call.result()

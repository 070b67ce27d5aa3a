"""Decides how long a connection may be idle and still be used again."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Optional

from ...clock import SECOND
from .answer import Answer

DEFAULT = 4 * SECOND
"""Nanoseconds: many servers close what was idle for 5 s, and a request may cross with that."""

_TIMEOUT = re.compile(rb"(?:^|[,;\s])timeout\s*=\s*\"?([0-9]{1,9})", re.IGNORECASE)


class IdleTime:
    """The longest idle time of one job's connections: its own, the server's, or the default."""

    def __init__(self, own: Optional[float]) -> None:
        """Take the job's own limit in seconds; a server can make it shorter, but not longer."""
        self._own = None if own is None else round(own * SECOND)
        self._default = DEFAULT if self._own is None else self._own

    def after(self, answer: Answer) -> int:
        """Return the limit for the connection of this answer, in nanoseconds; 0: close it."""
        said = answer.head.framing.get(b"keep-alive") if answer.head else None
        if said is None:
            return self._default
        served = servers_limit(said)
        if served is None:
            return self._default
        return served if self._own is None else min(served, self._own)


@lru_cache(maxsize=64)
def servers_limit(keep_alive: bytes) -> Optional[int]:
    """Return what `timeout=N` allows: 1 s less, for the way of the answer; None: it says none.

    Of 1 s it is the half: nothing at all would make a connection for each file.
    """
    match = _TIMEOUT.search(keep_alive)
    if match is None:
        return None
    whole = int(match.group(1)) * SECOND
    return max(whole - SECOND, min(whole, SECOND) // 2)

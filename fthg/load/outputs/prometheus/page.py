"""A text that is made for whoever asks, but not more often than this host can bear."""

from __future__ import annotations

from collections.abc import Callable
from typing import Optional

from gevent.lock import BoundedSemaphore

from ....clock import SECOND, Clock

_SHARE = 10  # it is made again after this many times what it took to make
_LONGEST = 10 * SECOND  # less than from one scrape to the next, as Prometheus usually does it


class Page:
    """The newest text, which stands for a second at least; one is made at a time."""

    def __init__(self, make: Callable[[], str], clock: Clock) -> None:
        self._make = make
        self._clock = clock
        self._making = BoundedSemaphore()
        self._made: Optional[bytes] = None
        self._until = 0

    def read(self) -> bytes:
        """Return the text in UTF-8; waits for the one that is being made."""
        with self._making:
            began = self._clock.now()
            if self._made is None or began >= self._until:
                self._made = self._make().encode("utf-8", "replace")
                now = self._clock.now()
                self._until = now + max(SECOND, min(_SHARE * (now - began), _LONGEST))
            return self._made

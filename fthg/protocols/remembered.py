"""A cache of what a job knows about its files, bounded in bytes."""

from __future__ import annotations

from typing import Protocol, TypeVar

REMEMBERED = 16 * 1024 * 1024
"""Bytes of small files that one job keeps in memory."""

_OVERHEAD = 512  # bytes of an entry, about; without it empty files would have no limit


class Costly(Protocol):
    """Something that takes about `cost` bytes of memory."""

    @property
    def cost(self) -> int:
        """Bytes, without those that every entry takes."""


C = TypeVar("C", bound=Costly)


class Remembered(dict[str, C]):
    """A cache with an entry for each path, and a limit of bytes for all together."""

    def __init__(self, most: int = REMEMBERED) -> None:
        super().__init__()
        self._most = most
        self._held = 0

    def remember(self, path: str, known: C) -> None:
        """Store or replace the entry of a file."""
        self._forget(path)
        self[path] = known
        self._held += known.cost + _OVERHEAD
        # The newest goes first: files are read in turn, so the oldest one is needed soonest.
        while self._held > self._most:
            self._forget(next(reversed(self)))

    def _forget(self, path: str) -> None:
        known = self.pop(path, None)
        if known is not None:
            self._held -= known.cost + _OVERHEAD

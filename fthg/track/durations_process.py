"""The durations of a ledger, measured by a process of their own, on another core than the rest."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Optional

from ..processes.companion import Companion, CompanionLostError
from .durations import Durations, measure_durations
from .ledger import Ledger
from .open_ledger import OpenLedger


class DurationsProcess:
    """A process that measures durations; what it cannot measure is left to the caller."""

    def __init__(self, others: Sequence[Companion] = ()) -> None:
        """Start the process; OSError if that fails."""
        self.companion = Companion(_LedgerDurations, others)

    def open(self, ledger: Ledger) -> None:
        """Make the process open the ledger: from now on it needs no name."""
        self._call("open", ledger.path)

    def measure(self) -> Optional[Durations]:
        """Return the durations of the ledger, which must not change meanwhile; None: unknown."""
        return self._call("measure")

    def close(self) -> None:
        """End the process, whatever it does."""
        self.companion.close()

    def _call(self, method: str, *arguments: object) -> Optional[Durations]:
        try:
            return next(iter(list(self.companion.call(method, *arguments))), None)
        except CompanionLostError:
            return None


class _LedgerDurations(OpenLedger):
    """The durations of a ledger, in the process that measures them."""

    def measure(self) -> Iterator[Durations]:
        """Yield the durations, or nothing: the parent will meet the same error."""
        try:
            durations = measure_durations(self._query)
            self.db.execute("PRAGMA shrink_memory")
        except (sqlite3.Error, MemoryError):
            return
        yield durations

    def _query(self, select: str, **values: Any) -> Iterator[tuple[Any, ...]]:
        return self.db.execute(select, values)

"""A ledger of the parent, open in one of its processes, which only reads it."""

from __future__ import annotations

import sqlite3
from typing import Optional

from .ledger_file import open_to_read


class OpenLedger:
    """A ledger that is read where `open` was called."""

    def __init__(self) -> None:
        self._open: Optional[sqlite3.Connection] = None

    def open(self, path: str) -> None:
        """Open the ledger: from now on it needs no name."""
        self._open = open_to_read(path)

    @property
    def db(self) -> sqlite3.Connection:
        """Its connection."""
        assert self._open is not None  # noqa: S101 - it was opened first
        return self._open

    def close(self) -> None:
        """Close the ledger."""
        if self._open is not None:
            self._open.close()

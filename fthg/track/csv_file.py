"""The CSV, written by a process of its own: the page is made meanwhile, on another core."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from typing import IO, Any, Optional, TypeVar

from ..errors import StartError
from ..processes.companion import Companion, CompanionLostError
from ..threads import in_thread
from ..writing import replacing, writing
from . import csv_lines
from .ledger import Ledger
from .open_ledger import OpenLedger

T = TypeVar("T")


class CsvFile:
    """The file with every transfer (RFC 4180), safe to open in a spreadsheet."""

    def __init__(self, path: str, sent: bool, others: Sequence[Companion] = ()) -> None:
        """Start the process; OSError if that fails. `sent` adds the columns of sent files."""
        self._path = path
        self._sent = sent
        self._companion = Companion(_LedgerLines, others)

    def open(self, ledger: Ledger) -> None:
        """Make the process open the ledger: from now on it needs no name."""
        try:
            self._finish(self._companion.call("open", ledger.path))
        except CompanionLostError as error:
            raise self._lost(error) from None

    def write(self) -> None:
        """Write the file of the ledger, which must not change meanwhile, and replace it at the end.

        Raises StartError if it cannot be written.
        """
        with _in_threads(replacing(self._path)) as file:
            try:
                self._finish(
                    self._companion.call("write", self._path, self._sent, file=file.fileno())
                )
            except CompanionLostError as error:
                raise self._lost(error) from None

    def close(self) -> None:
        """End the process, whatever it does."""
        self._companion.close()

    def _finish(self, answers: Iterator[object]) -> None:
        for _ in answers:
            pass

    def _lost(self, error: CompanionLostError) -> StartError:
        return StartError(
            f"{self._path} cannot be written: the process that writes it is lost: {error}"
        )


@contextmanager
def _in_threads(context: AbstractContextManager[T]) -> Iterator[T]:
    """Enter and leave a context in threads, because a directory may hang."""

    def leave(*error: Any) -> Optional[bool]:
        with writing():
            return context.__exit__(*error)

    value = in_thread(context.__enter__)
    try:
        yield value
    except BaseException as error:
        if not in_thread(partial(leave, type(error), error, error.__traceback__)):
            raise
    else:
        in_thread(partial(leave, None, None, None))


class _LedgerLines(OpenLedger):
    """The lines of a ledger's transfers, in the process that writes them."""

    def write(self, descriptor: int, path: str, sent: bool) -> None:
        """Write all to a descriptor, which stays open; `path` is its name in errors."""
        with open(os.dup(descriptor), "w", encoding="utf-8", newline="") as file:
            try:
                write_lines(self.db, file, sent)
            except sqlite3.OperationalError as error:
                raise StartError(
                    f"{path} cannot be written: the ledger cannot be read: {error}"
                ) from error


def write_lines(db: sqlite3.Connection, file: IO[str], sent: bool) -> None:
    """Write every transfer of a ledger that is open in `db`, below a line of names."""
    for name, function in csv_lines.FUNCTIONS.items():
        db.create_function(name, 1, function, deterministic=True)
    columns = csv_lines.COLUMNS + csv_lines.SENT_COLUMNS if sent else csv_lines.COLUMNS
    file.write(",".join(columns) + "\r\n")
    with closing(db.execute(csv_lines.select(sent))) as found:
        file.writelines(line for (line,) in found)

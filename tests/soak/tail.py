"""Reads a growing file line by line, over rotations, as tail -F does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Optional


class Tail:
    """The new complete lines of a file that may be rotated; `bytes` counts all of them.

    The old file is read to its end: its writer must not write there once the new one exists.
    """

    def __init__(self, path: Path) -> None:
        self.bytes = 0
        self._path = path
        self._file: Optional[BinaryIO] = None
        self._rest = b""

    def lines(self) -> Iterator[bytes]:
        """Yield the lines since the last call."""
        moved = self._file is not None and self._has_moved(self._file)
        yield from self._read()
        if moved or self._file is None:
            self._open()
            yield from self._read()

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()

    def _has_moved(self, file: BinaryIO) -> bool:
        try:
            return not os.path.samestat(os.stat(self._path), os.fstat(file.fileno()))
        except FileNotFoundError:
            return False  # renamed, but not created again

    def _open(self) -> None:
        self.close()
        self._file = None
        try:
            self._file = self._path.open("rb")
        except FileNotFoundError:
            return

    def _read(self) -> Iterator[bytes]:
        if self._file is None:
            return
        data = self._file.read()
        self.bytes += len(data)
        *whole, self._rest = (self._rest + data).split(b"\n")
        yield from whole

"""Files that are read again when they change."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Generic, Optional, TypeVar

from ...errors import StartError
from ...log import Log

T = TypeVar("T")
_log = Log("fthg.sftp")


class ChangingFile(Generic[T]):
    """What a file holds; while a new content is unusable, the last good one, with one warning."""

    def __init__(self, path: str, read: Callable[[str], T]) -> None:
        """Read it; `read` raises StartError for what is unusable, and so does this."""
        self._path = path
        self._read = read
        self._version = _version(path)
        self._content = read(path)

    def current(self) -> T:
        """Return what the file holds now."""
        version = _version(self._path)
        if version != self._version:
            self._version = version
            try:
                self._content = self._read(self._path)
            except StartError as error:
                _log.warning("the former content of a file is used", reason=str(error))
        return self._content


def _version(path: str) -> Optional[tuple[int, ...]]:
    """Return what changes when a file does; None: it cannot be seen."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size

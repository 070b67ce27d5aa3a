"""Empties the servers' directories, and checks each file before removing it."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

PART = ".part"
_OLD = 60.0


class Arrival(NamedTuple):
    """One file at a server: its transfer, and whether its content is that of the sample."""

    uuid: str
    whole: bool


def digest(content: bytes) -> str:
    """Return the SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


class Cleaner:
    """Removes samples, whose names are `UUID_NAME`, from the directories of uploads.

    Incomplete files of cut transfers, whose names end in `.part`, are removed after a minute and
    counted in `parts`.
    """

    def __init__(self, digests: Mapping[str, str], directories: Sequence[Path]) -> None:
        self.parts = 0
        self.bytes = 0
        self._digests = digests
        self._directories = directories

    def sweep(self, older: float = _OLD) -> Iterator[Arrival]:
        """Remove all complete files, and incomplete ones that are `older` in seconds."""
        before = time.time() - older
        for directory in self._directories:
            with os.scandir(directory) as entries:
                for entry in entries:
                    if not entry.name.endswith(PART):
                        yield self._take(entry)
                    else:
                        self.parts += _remove(entry.path, before)

    def _take(self, entry: os.DirEntry[str]) -> Arrival:
        content = Path(entry.path).read_bytes()
        os.unlink(entry.path)
        self.bytes += len(content)
        uuid, _, name = entry.name.partition("_")
        return Arrival(uuid, digest(content) == self._digests.get(name))


def _remove(path: str, before: float) -> bool:
    try:
        if os.stat(path).st_mtime > before:
            return False
        os.unlink(path)
    except FileNotFoundError:
        return False  # it has been renamed meanwhile
    return True

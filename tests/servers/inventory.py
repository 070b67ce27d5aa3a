"""The files at a server, each with its size and SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple


class Stored(NamedTuple):
    """A file's size in bytes and the SHA-256 of its content."""

    size: int
    sha256: str


Inventory = Mapping[str, Stored]
"""Name → what is stored under it."""


def stored(path: Path) -> Stored:
    """Return size and digest of one file."""
    content = path.read_bytes()
    return Stored(len(content), hashlib.sha256(content).hexdigest())


def inventory(directory: Path) -> Inventory:
    """Return all files of a directory but hidden ones, which servers are still receiving."""
    return {
        path.name: stored(path)
        for path in directory.iterdir()
        if path.is_file() and not path.name.startswith(".")
    }

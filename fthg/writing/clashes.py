"""Find paths that lead to the same file, however they are spelled."""

from __future__ import annotations

import os
import stat
from collections.abc import Hashable, Iterable

from .place import STANDARD_OUTPUT, locate

Named = tuple[str, str]
"""The purpose of a path, and the path."""


def clashes(outputs: Iterable[Named], inputs: Iterable[Named]) -> list[str]:
    """Return a line for each output that is also an input or an output before it."""
    read = [(what, _input_marks(path)) for what, path in inputs]
    written: list[tuple[str, set[Hashable]]] = []
    found = []
    for key, path in outputs:
        marks = _marks(path)
        uses = [f"read, as {what}" for what, others in read if marks & others]
        uses += [f"the file of {other}" for other, others in written if marks & others]
        if uses:
            found.append(f"{key}: {path} is also {uses[0]}; name another file")
        written.append((key, marks))
    return found


def _input_marks(path: str) -> set[Hashable]:
    return _marks("/proc/self/fd/0" if path == STANDARD_OUTPUT else path) - {_descriptor_mark(0)}


def _marks(path: str) -> set[Hashable]:
    """Return what a path shares with every other path to the same file; nothing for a device."""
    try:
        place = locate(path)
    except OSError:
        return set()  # it is reported as unwritable
    if place.found is None:
        return {_name_mark(place.target)}
    inode = place.found.st_dev, place.found.st_ino
    if place.descriptor is not None:
        return {_descriptor_mark(place.descriptor), *([inode] if place.is_regular else [])}
    return set() if stat.S_ISCHR(place.found.st_mode) else {inode}


def _descriptor_mark(number: int) -> Hashable:
    return "descriptor", number


def _name_mark(target: str) -> Hashable:
    """Return the mark of a new file: its name, and its directory however that is mounted."""
    directory, name = os.path.split(target)
    try:
        found = os.stat(directory)
    except OSError:
        return target
    return found.st_dev, found.st_ino, name

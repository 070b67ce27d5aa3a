"""Ingress: files arrive in the ingress folder, over any protocol."""

from __future__ import annotations

import contextlib
import os
import uuid

from .egress import Egress
from .passage import Observers, Passage


class Arrival:
    """One file that is being written, until the first call of `keep`, `park` or `drop`."""

    def __init__(
        self, passage: Passage, path: str, part: str, ingress: Ingress, flags: int
    ) -> None:
        """Write to `part`, which `keep` renames to `path`; OSError if it cannot be opened."""
        self.passage = passage
        self.path = path
        self.part = part
        self._ingress = ingress
        self.fd = os.open(part, flags | os.O_CREAT | os.O_CLOEXEC, 0o640)
        self._open = True
        ingress.observers.enters_ingress(passage)

    def write(self, data: bytes, offset: int) -> None:
        """Write all data at the offset; OSError if that fails."""
        view = memoryview(data)
        while view:
            written = os.pwrite(self.fd, view, offset)
            view, offset = view[written:], offset + written

    def keep(self) -> None:
        """Complete the file: rename it and pass it on."""
        if self._close():
            os.replace(self.part, self.path)
            self._ingress.accept(self.passage, self.path)

    def park(self) -> None:
        """Complete the file under a temporary name; it waits to be renamed."""
        if self._close():
            self._ingress.parked[self.path] = self.passage

    def drop(self) -> None:
        """Remove the file, as the sender aborted."""
        if self._close():
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.part)
            self._ingress.observers.leaves_ingress(self.passage, "FAILED")

    def _close(self) -> bool:
        was_open, self._open = self._open, False
        if was_open:
            os.close(self.fd)
        return was_open


class Ingress:
    """The folder that receives files."""

    def __init__(self, directory: str, observers: Observers, egress: Egress) -> None:
        self.directory = directory
        self.observers = observers
        self.parked: dict[str, Passage] = {}  # complete files under temporary names
        self._egress = egress

    def arrive(self, passage: Passage, name: str) -> Arrival:
        """Open a new file, hidden until it is kept under the last part of `name`."""
        safe = os.path.basename(name.replace("\0", ""))
        if safe in ("", ".", ".."):
            safe = passage.uuid
        part = os.path.join(self.directory, f".{uuid.uuid4().hex}.part")
        flags = os.O_WRONLY | os.O_EXCL
        return Arrival(passage, os.path.join(self.directory, safe), part, self, flags)

    def arrive_at(self, passage: Passage, path: str, flags: int) -> Arrival:
        """Open a file that is written in place at `path`, with the flags of `os.open`."""
        return Arrival(passage, path, path, self, flags)

    def accept(self, passage: Passage, path: str) -> None:
        """Pass the complete file at `path` on to egress."""
        self.observers.leaves_ingress(passage, "SUCCESS")
        self._egress.take(passage, path, os.path.relpath(path, self.directory))

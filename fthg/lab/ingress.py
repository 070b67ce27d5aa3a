"""The near side: files arrive in the ingress folder, whatever protocol brings them."""

from __future__ import annotations

import contextlib
import os
import uuid

from .egress import Egress
from .passage import Passage, Witnesses


class Arrival:
    """One file that is being written; it ends with `keep` or `drop`, and only the first counts."""

    def __init__(
        self, passage: Passage, path: str, part: str, ingress: Ingress, flags: int
    ) -> None:
        """Write to `part`, which becomes `path` when the file is kept; OSError if it cannot be."""
        self.passage = passage
        self.path = path
        self.part = part
        self._ingress = ingress
        self.fd = os.open(part, flags | os.O_CREAT | os.O_CLOEXEC, 0o640)
        self._open = True
        ingress.witnesses.enters_ingress(passage)

    def write(self, data: bytes, offset: int) -> None:
        """Write all of the data at the offset; OSError if it cannot be."""
        view = memoryview(data)
        while view:
            written = os.pwrite(self.fd, view, offset)
            view, offset = view[written:], offset + written

    def keep(self) -> None:
        """The file is complete: it gets its name and is passed on."""
        if self._close():
            os.replace(self.part, self.path)
            self._ingress.accept(self.passage, self.path)

    def park(self) -> None:
        """The file is complete under a working name: it waits for its last one."""
        if self._close():
            self._ingress.parked[self.path] = self.passage

    def drop(self) -> None:
        """The sender broke off: nothing of the file stays."""
        if self._close():
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.part)
            self._ingress.witnesses.leaves_ingress(self.passage, "FAILED")

    def _close(self) -> bool:
        was_open, self._open = self._open, False
        if was_open:
            os.close(self.fd)
        return was_open


class Ingress:
    """The folder that files arrive in."""

    def __init__(self, directory: str, witnesses: Witnesses, egress: Egress) -> None:
        self.directory = directory
        self.witnesses = witnesses
        self.parked: dict[str, Passage] = {}  # complete files under working names
        self._egress = egress

    def arrive(self, passage: Passage, name: str) -> Arrival:
        """A new file, unseen until it is kept under the last part of `name`."""
        safe = os.path.basename(name.replace("\0", ""))
        if safe in ("", ".", ".."):
            safe = passage.uuid
        part = os.path.join(self.directory, f".{uuid.uuid4().hex}.part")
        flags = os.O_WRONLY | os.O_EXCL
        return Arrival(passage, os.path.join(self.directory, safe), part, self, flags)

    def arrive_at(self, passage: Passage, path: str, flags: int) -> Arrival:
        """A file written in place at `path`, opened with the flags of `os.open`."""
        return Arrival(passage, path, path, self, flags)

    def accept(self, passage: Passage, path: str) -> None:
        """The complete file at `path` goes on its way."""
        self.witnesses.leaves_ingress(passage, "SUCCESS")
        self._egress.take(passage, path, os.path.relpath(path, self.directory))

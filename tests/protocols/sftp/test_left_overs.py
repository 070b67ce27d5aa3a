"""The files that each single failure of an upload leaves at a server, and the report on them."""

from __future__ import annotations

import struct
from collections.abc import Generator
from itertools import product

import pytest

from fthg.errors import TransferError
from fthg.protocols.sftp import packets
from fthg.protocols.sftp.abilities import Abilities
from fthg.protocols.sftp.packets import SUCCESS, Attributes, Handle, Reply, Request, Status
from fthg.protocols.sftp.remote_path import RemoteNames
from fthg.protocols.sftp.steps import UploadSettings
from fthg.protocols.sftp.upload import Upload
from fthg.protocols.stopwatch import Stopwatch

BLOCKS = b"ab", b"cd", b"e"
WHOLE = b"".join(BLOCKS)
MISSING = Status(2, "No such file")
DENIED = Status(3, "Permission denied")
FAULTS = "refused", "lost before it", "lost after it", "given up before it", "given up after it"


class Content:
    size = len(WHOLE)

    def poll_blocks(self, *_: object, **__: object) -> Generator[bytes, None, None]:
        yield from BLOCKS


class Disk:
    """The files of a server: OPEN, WRITE, STAT, REMOVE, MKDIR and both renames do what they say."""

    def __init__(self) -> None:
        self.files: dict[bytes, bytearray] = {}
        self.directories = {b"", b"/in"}
        self.open: dict[bytes, bytearray] = {}

    def answer(self, request: Request) -> Reply:
        body = b"".join(request.parts)
        first, at = _text(body, 0)
        if request.kind == packets.OPEN:
            if not self._has_directory(first):
                return MISSING
            handle = b"%d" % (len(self.files) + len(self.open))
            self.files[first] = self.open[handle] = bytearray()
            return Handle(handle)
        if request.kind == packets.WRITE:
            (offset,) = struct.unpack_from(">Q", body, at)
            self.open[first][offset:] = _text(body, at + 8)[0]
        if request.kind == packets.CLOSE:
            del self.open[first]
        if request.kind == packets.STAT:
            return Attributes(len(self.files[first])) if first in self.files else MISSING
        if request.kind == packets.REMOVE:
            return SUCCESS if self.files.pop(first, None) is not None else MISSING
        if request.kind == packets.MKDIR:
            self.directories.add(first)
        if request.kind == packets.EXTENDED:
            source, at = _text(body, at)
            target, _ = _text(body, at)
            if source not in self.files or not self._has_directory(target):
                return MISSING
            self.files[target] = self.files.pop(source)
        return SUCCESS

    def _has_directory(self, path: bytes) -> bool:
        return path.rpartition(b"/")[0] in self.directories


def _text(body: bytes, at: int) -> tuple[bytes, int]:
    (size,) = struct.unpack_from(">I", body, at)
    return body[at + 4 : at + 4 + size], at + 4 + size


def run(upload: Upload, disk: Disk, fault: str, number: int) -> int:
    """Serve an upload, with a fault at the request of this number; return how many there were."""
    upload.begin(Abilities({packets.POSIX_RENAME: b"1"}))
    asked: list[Request] = []
    count = 0
    while True:
        while (request := upload.pull()) is not None:
            asked.append(request)
        if upload.done or not asked:
            return count
        request, due = asked.pop(0), count == number
        count += 1
        if due and fault == "given up before it":
            upload.abandon(TransferError("timeout", "too late"))
        if due and fault == "lost before it":
            upload.fail(TransferError("reset", "lost"))
            return count
        refused = due and fault == "refused"
        upload.answer(request.kind, DENIED if refused else disk.answer(request))
        if due and fault == "given up after it":
            upload.abandon(TransferError("timeout", "too late"))
        if due and fault == "lost after it":
            for later in asked:
                disk.answer(later)
            upload.fail(TransferError("reset", "lost"))
            return count


def untruths(upload: Upload, names: RemoteNames, disk: Disk) -> list[str]:
    """Return what is wrong with the outcome, its words, and what is there."""
    whole = disk.files.get(names.target, b"") == WHOLE
    marked = names.marker in disk.files
    if upload.error is None:
        right = set(disk.files) == {names.target, names.marker} - {None} and whole
        return [] if upload.done and right and not disk.open else [f"success with {disk.files}"]
    said = upload.left
    unsaid = [
        path
        for path, content in disk.files.items()
        if (content != WHOLE or path == names.part != names.target)
        and path != names.marker
        and repr(path.decode()) not in said
    ]
    wrong = {
        "it does not end": not upload.done,
        "a marker beside a file that is not whole": marked and not whole,
        f"{unsaid} are not mentioned": unsaid,
        "it is not delivered": "is delivered" in said and not whole,
        "the marker is there": "is missing" in said and marked,
        "the lack of a marker is not mentioned": whole
        and names.marker
        and not (marked or "marker" in said or "left there" in said),
    }
    return [problem for problem, found in wrong.items() if found]


def paths(atomic: bool, marker: bool, deep: bool) -> RemoteNames:
    target, part, mark = b"/in/f", b"/in/f.part", b"/in/f.done"
    if deep:
        target, part, mark = b"/in/new/f", b"/in/tmp/f.part", b"/in/done/f"
    return RemoteNames(target, part if atomic else target, mark if marker else None)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("atomic", [False, True])
def test_what_is_said_about_each_failure_is_true(fault: str, atomic: bool) -> None:
    found = []
    for marker, mkdir, sized, mode, deep in product((False, True), repeat=5):
        names = paths(atomic, marker, deep)
        settings = UploadSettings(mkdir, 0o640 if mode else None, sized)
        number, count = 0, 1
        while number < count:
            disk = Disk()
            upload = Upload(names, Content(), settings, Stopwatch(lambda: 0, "blocked"))
            count = run(upload, disk, fault, number)
            context = names, settings, number
            found += [(problem, context) for problem in untruths(upload, names, disk)]
            number += 1
    assert found == []

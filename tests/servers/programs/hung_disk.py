"""A FUSE file system that shows a directory, and hangs on demand; it speaks /dev/fuse itself.

Usage: python -m tests.servers.programs.hung_disk FUSERMOUNT DIRECTORY MOUNTPOINT. It prints a line
once it is mounted, then obeys lines of standard input, and answers each: `hang OPERATION...` (see
GROUPS) and `go on`. At the end of input it unmounts and ends; all that hung then fails.

A hanging operation does not return to its caller, unless the caller is killed, as with NFS. But a
process that ends, or was killed, waits there until the files are closed that it has written.
Nothing is cached, so every call of the file system's users arrives here.
"""

from __future__ import annotations

import array
import errno
import fcntl
import os
import re
import select
import socket
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from . import fuse_directory as fuse
from .fuse_directory import Directory, Request, handle_of

GROUPS = {
    "stat": {fuse.LOOKUP, fuse.GETATTR, fuse.STATFS},  # LOOKUP: a path is used, whatever for
    "open": {fuse.OPEN, fuse.OPENDIR, fuse.CREATE},
    "read": {fuse.READ, fuse.READDIR},
    "write": {fuse.WRITE, fuse.SETATTR, fuse.FSYNC, fuse.FLUSH},  # FLUSH: a written file is closed
    "names": {fuse.MKDIR, fuse.UNLINK, fuse.RMDIR, fuse.RENAME, fuse.RENAME2},
}
_SILENT = {fuse.FORGET, fuse.BATCH_FORGET, fuse.INTERRUPT}  # have no answer
_HEADER = struct.Struct("<2I2Q4I")
_SIGKILL = 1 << 8  # in a mask of signals


class Disk:
    """The connection with the kernel, and the requests that hang."""

    def __init__(self, device: int, directory: Directory) -> None:
        self._device = device
        self._answers = directory.answers
        self._hanging: set[int] = set()
        self._held: list[Request] = []

    def serve(self) -> None:
        """Answer requests and obey commands until the end of input or the unmounting."""
        waiting = select.poll()
        for descriptor in (self._device, sys.stdin.fileno()):
            waiting.register(descriptor, select.POLLIN)
        while True:
            for descriptor, _ in waiting.poll(100 if self._held else None):
                if not (self._one() if descriptor == self._device else self._obey()):
                    return
            self._release_the_killed()

    def _obey(self) -> bool:
        words = sys.stdin.readline().split()
        if not words:
            return False
        self._hanging = set().union(*(GROUPS[word] for word in words[1:] if words[0] == "hang"))
        held, self._held = self._held, []
        for request in held:
            self._take(request)
        print("done", flush=True)  # noqa: T201
        return True

    def _one(self) -> bool:
        try:
            message = os.read(self._device, fuse.MAX_WRITE + 4096)
        except OSError as error:
            return error.errno in (errno.ENOENT, errno.EINTR)  # the request was withdrawn
        _, operation, unique, node, _, _, thread, _ = _HEADER.unpack_from(message)
        if operation not in _SILENT:
            self._take(Request(operation, unique, node, thread, message[_HEADER.size :]))
        return True

    def _take(self, request: Request) -> None:
        if request.operation in self._hanging and not _writes_nothing(request):
            self._held.append(request)
            return
        try:
            answer = self._answers.get(request.operation, _unknown)(request)
        except OSError as error:
            self._answer(request, error.errno or errno.EIO)
        else:
            self._answer(request, 0, answer)

    def _answer(self, request: Request, error: int, data: bytes = b"") -> None:
        with suppress(FileNotFoundError):  # the request was withdrawn
            os.write(
                self._device, struct.pack("<IiQ", 16 + len(data), -error, request.unique) + data
            )

    def _release_the_killed(self) -> None:
        for request in [held for held in self._held if _is_being_killed(held.thread)]:
            self._held.remove(request)
            self._answer(request, errno.EINTR)


def _writes_nothing(request: Request) -> bool:
    """Return True for the closing of a file that was opened for reading."""
    if request.operation != fuse.FLUSH:
        return False
    return fcntl.fcntl(handle_of(request), fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY


def _unknown(_request: Request) -> bytes:
    raise OSError(errno.ENOSYS, "unknown")


def _is_being_killed(thread: int) -> bool:
    try:
        status = Path(f"/proc/{thread}/status").read_text()
    except OSError:
        return True
    pending = re.search(r"SigPnd:\s+(\w+)", status)
    return pending is not None and bool(int(pending[1], 16) & _SIGKILL)


def _mount(fusermount: str, mountpoint: str) -> int:
    """Mount, and return the descriptor of the connection, which fusermount3 sends us."""
    ours, theirs = socket.socketpair()
    command = [fusermount, "-o", "rw,nosuid,nodev,fsname=fthg-hung-disk", "--", mountpoint]
    environment = {**os.environ, "_FUSE_COMMFD": str(theirs.fileno())}
    subprocess.run(command, env=environment, pass_fds=[theirs.fileno()], check=True, timeout=20)
    _, extra, _, _ = ours.recvmsg(1, socket.CMSG_SPACE(4))
    return array.array("i", extra[0][2][:4])[0]


def main() -> None:
    """Mount, serve, unmount."""
    fusermount, directory, mountpoint = sys.argv[1:]
    device = _mount(fusermount, mountpoint)
    try:
        print("mounted", flush=True)  # noqa: T201
        Disk(device, Directory(directory)).serve()
    finally:
        subprocess.run([fusermount, "-u", "-z", "--", mountpoint], check=False, timeout=20)


if __name__ == "__main__":
    main()

"""A FUSE file system that shows a directory, and hangs on demand: speaks /dev/fuse itself.

Usage: hung_disk.py FUSERMOUNT DIRECTORY MOUNTPOINT. It prints a line once it is mounted, then obeys
lines of standard input, and answers each: `hang OPERATION...` (see GROUPS) and `go on`. At the end
of input it unmounts and ends; all that hung then fails.

A hanging operation does not return to its caller, unless the caller is killed or ends: so it mostly
is with NFS. Nothing is cached, so every call of the file system's users arrives here.
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
from typing import Callable, NamedTuple

LOOKUP, FORGET, GETATTR, SETATTR, MKDIR, UNLINK, RMDIR, RENAME = 1, 2, 3, 4, 9, 10, 11, 12
OPEN, READ, WRITE, STATFS, RELEASE, FSYNC, FLUSH, INIT, OPENDIR = 14, 15, 16, 17, 18, 20, 25, 26, 27
READDIR, RELEASEDIR, FSYNCDIR, CREATE, INTERRUPT, BATCH_FORGET, RENAME2 = 28, 29, 30, 35, 36, 42, 45

GROUPS = {
    "stat": {LOOKUP, GETATTR, STATFS},  # LOOKUP: a path is used, whatever for
    "open": {OPEN, OPENDIR, CREATE},
    "read": {READ, READDIR},
    "write": {WRITE, SETATTR, FSYNC, FLUSH},  # FLUSH: a written file is closed
    "names": {MKDIR, UNLINK, RMDIR, RENAME, RENAME2},
}
_SILENT = {FORGET, BATCH_FORGET, INTERRUPT}  # have no answer
_ROOT = 1
_DIRECT_IO = 1
_BIG_WRITES, _ATOMIC_O_TRUNC, _PARALLEL_DIROPS = 1 << 5, 1 << 3, 1 << 18
_MAX_WRITE = 1 << 17
_HEADER = struct.Struct("<2I2Q4I")
_SIGKILL = 1 << 8  # in a mask of signals
_EXITING = 4  # among the flags of a thread


class Request(NamedTuple):
    """A request of the kernel; `node` names a file, `thread` is the caller's id."""

    operation: int
    unique: int
    node: int
    thread: int
    data: bytes


class Directory:
    """The answers, as in the directory that is shown; OSError if the operation fails there."""

    def __init__(self, root: str) -> None:
        self._paths = {_ROOT: root}
        self._last = _ROOT
        self.answers: dict[int, Callable[[Request], bytes]] = {
            LOOKUP: lambda request: self._entry(self._child(request.node, request.data)),
            GETATTR: self._getattr, SETATTR: self._setattr, STATFS: self._statfs,
            OPEN: self._open, CREATE: self._create, RELEASE: self._close,
            READ: self._read, WRITE: self._write, FSYNC: self._fsync, FLUSH: lambda _: b"",
            OPENDIR: lambda _: struct.pack("<Q2I", 0, 0, 0), READDIR: self._list,
            RELEASEDIR: lambda _: b"", FSYNCDIR: lambda _: b"", INIT: self._init,
            MKDIR: self._mkdir, UNLINK: self._unlink, RMDIR: self._rmdir,
            RENAME: lambda request: self._rename(request, 8),
            RENAME2: lambda request: self._rename(request, 16),
        }  # fmt: skip

    def _init(self, request: Request) -> bytes:
        readahead, flags = struct.unpack_from("<8x2I", request.data)
        flags &= _BIG_WRITES | _ATOMIC_O_TRUNC | _PARALLEL_DIROPS
        return struct.pack("<4I2H2I32x", 7, 31, readahead, flags, 64, 64, _MAX_WRITE, 1).ljust(
            64, b"\0"
        )

    def _child(self, node: int, name: bytes) -> str:
        return os.path.join(self._paths[node], os.fsdecode(name.split(b"\0")[0]))

    def _entry(self, path: str) -> bytes:
        attributes = _attributes(os.lstat(path))
        node = next((node for node, known in self._paths.items() if known == path), None)
        if node is None:
            self._last = node = self._last + 1
            self._paths[node] = path
        return struct.pack("<4Q2I", node, 0, 0, 0, 0, 0) + attributes

    def _getattr(self, request: Request) -> bytes:
        by_handle, handle = struct.unpack_from("<I4xQ", request.data)
        found = os.fstat(handle) if by_handle & 1 else os.lstat(self._paths[request.node])
        return bytes(16) + _attributes(found)

    def _setattr(self, request: Request) -> bytes:
        path = self._paths[request.node]
        which, _, _, size, _, accessed, changed, _, *rest = struct.unpack("<2I6Q8I", request.data)
        mode, owner, group = rest[3], rest[5], rest[6]
        if which & 1:
            os.chmod(path, mode & 0o7777)
        if which & 6:
            os.chown(path, owner if which & 2 else -1, group if which & 4 else -1)
        if which & 8:
            os.truncate(path, size)
        if which & 48:
            os.utime(path, (accessed, changed))
        return bytes(16) + _attributes(os.lstat(path))

    def _statfs(self, request: Request) -> bytes:
        found = os.statvfs(self._paths[request.node])
        counts = (found.f_blocks, found.f_bfree, found.f_bavail, found.f_files, found.f_ffree)
        return struct.pack("<5Q3I28x", *counts, found.f_bsize, found.f_namemax, found.f_frsize)

    def _open(self, request: Request) -> bytes:
        flags = (
            struct.unpack_from("<I", request.data)[0] & ~os.O_APPEND
        )  # the kernel's offsets count
        return struct.pack("<Q2I", os.open(self._paths[request.node], flags), _DIRECT_IO, 0)

    def _create(self, request: Request) -> bytes:
        flags, mode = struct.unpack_from("<2I", request.data)
        path = self._child(request.node, request.data[16:])
        handle = os.open(path, (flags & ~os.O_APPEND) | os.O_CREAT, mode & 0o7777)
        return self._entry(path) + struct.pack("<Q2I", handle, _DIRECT_IO, 0)

    def _close(self, request: Request) -> bytes:
        os.close(_handle(request))
        return b""

    def _read(self, request: Request) -> bytes:
        handle, offset, size = struct.unpack_from("<2QI", request.data)
        return os.pread(handle, size, offset)

    def _write(self, request: Request) -> bytes:
        handle, offset, size = struct.unpack_from("<2QI", request.data)
        return struct.pack("<2I", os.pwrite(handle, request.data[40 : 40 + size], offset), 0)

    def _fsync(self, request: Request) -> bytes:
        os.fsync(_handle(request))
        return b""

    def _list(self, request: Request) -> bytes:
        _, start, size = struct.unpack_from("<2QI", request.data)
        found = b""
        for number, name in enumerate(sorted(os.listdir(self._paths[request.node]))[start:], start):
            raw = os.fsencode(name)
            entry = struct.pack("<2Q2I", number + 2, number + 1, len(raw), 0) + raw
            entry = entry.ljust(-(-len(entry) // 8) * 8, b"\0")
            if len(found) + len(entry) > size:
                break
            found += entry
        return found

    def _mkdir(self, request: Request) -> bytes:
        path = self._child(request.node, request.data[8:])
        os.mkdir(path, struct.unpack_from("<I", request.data)[0] & 0o7777)
        return self._entry(path)

    def _unlink(self, request: Request) -> bytes:
        path = self._child(request.node, request.data)
        os.unlink(path)
        self._forget(path)
        return b""

    def _rmdir(self, request: Request) -> bytes:
        path = self._child(request.node, request.data)
        os.rmdir(path)
        self._forget(path)
        return b""

    def _rename(self, request: Request, names: int) -> bytes:
        (directory,) = struct.unpack_from("<Q", request.data)
        old, new = request.data[names:].split(b"\0")[:2]
        before, after = self._child(request.node, old), self._child(directory, new)
        os.rename(before, after)
        self._forget(after)
        for node, path in self._paths.items():
            if path == before or path.startswith(f"{before}/"):
                self._paths[node] = after + path[len(before) :]
        return b""

    def _forget(self, path: str) -> None:
        """Let a later file of this path be another one."""
        for node, known in self._paths.items():
            if known == path:
                self._paths[node] = f"{path}\0removed"


def _attributes(found: os.stat_result) -> bytes:
    seconds = (int(found.st_atime), int(found.st_mtime), int(found.st_ctime))
    parts = (found.st_atime_ns, found.st_mtime_ns, found.st_ctime_ns)
    owner = (found.st_mode, found.st_nlink, found.st_uid, found.st_gid, found.st_rdev)
    return struct.pack(
        "<6Q10I", found.st_ino, found.st_size, found.st_blocks, *seconds,
        *(part % 1_000_000_000 for part in parts), *owner, found.st_blksize, 0,
    )  # fmt: skip


def _handle(request: Request) -> int:
    (handle,) = struct.unpack_from("<Q", request.data)
    return int(handle)


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
            self._release_the_dying()

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
            message = os.read(self._device, _MAX_WRITE + 4096)
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

    def _release_the_dying(self) -> None:
        for request in [held for held in self._held if _is_dying(held.thread)]:
            self._held.remove(request)
            self._answer(request, errno.EINTR)


def _writes_nothing(request: Request) -> bool:
    """Return True for the closing of a file that was opened for reading."""
    if request.operation != FLUSH:
        return False
    return fcntl.fcntl(_handle(request), fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY


def _unknown(_request: Request) -> bytes:
    raise OSError(errno.ENOSYS, "unknown")


def _is_dying(thread: int) -> bool:
    """Return True for a thread that is being killed, and for one that ends and closes its files."""
    try:
        status = Path(f"/proc/{thread}/status").read_text()
        flags = Path(f"/proc/{thread}/stat").read_text().rpartition(")")[2].split()[6]
    except OSError:
        return True
    pending = re.search(r"SigPnd:\s+(\w+)", status)
    return bool((pending and int(pending[1], 16) & _SIGKILL) or int(flags) & _EXITING)


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

"""The answers to the requests of FUSE, from a directory; the numbers are those of linux/fuse.h."""

from __future__ import annotations

import os
import struct
from typing import Callable, NamedTuple

LOOKUP, FORGET, GETATTR, SETATTR, MKDIR, UNLINK, RMDIR, RENAME = 1, 2, 3, 4, 9, 10, 11, 12
OPEN, READ, WRITE, STATFS, RELEASE, FSYNC, FLUSH, INIT, OPENDIR = 14, 15, 16, 17, 18, 20, 25, 26, 27
READDIR, RELEASEDIR, FSYNCDIR, CREATE, INTERRUPT, BATCH_FORGET, RENAME2 = 28, 29, 30, 35, 36, 42, 45


MAX_WRITE = 1 << 17

_ROOT = 1
_DIRECT_IO = 1
_BIG_WRITES, _ATOMIC_O_TRUNC, _PARALLEL_DIROPS = 1 << 5, 1 << 3, 1 << 18


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
        return struct.pack("<4I2H2I32x", 7, 31, readahead, flags, 64, 64, MAX_WRITE, 1).ljust(
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
        os.close(handle_of(request))
        return b""

    def _read(self, request: Request) -> bytes:
        handle, offset, size = struct.unpack_from("<2QI", request.data)
        return os.pread(handle, size, offset)

    def _write(self, request: Request) -> bytes:
        handle, offset, size = struct.unpack_from("<2QI", request.data)
        return struct.pack("<2I", os.pwrite(handle, request.data[40 : 40 + size], offset), 0)

    def _fsync(self, request: Request) -> bytes:
        os.fsync(handle_of(request))
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


def handle_of(request: Request) -> int:
    (handle,) = struct.unpack_from("<Q", request.data)
    return int(handle)

"""SFTP ingress: the operations of an SFTP session on the ingress folder."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import Union

import paramiko
from paramiko.sftp import SFTP_FAILURE, SFTP_OK

from .faults import Faults
from .ingress import Arrival, Ingress
from .passage import identify

_TEMPORARY_SUFFIXES = (".part", ".tmp", ".filepart")

Attributes = paramiko.SFTPAttributes


class Files(paramiko.SFTPServerInterface):
    """The operations of one session on the ingress folder."""

    def __init__(
        self,
        server: paramiko.ServerInterface,
        ingress: Ingress,
        faults: Faults,
        connected: Callable[[], bool],
    ) -> None:
        """Hang only as long as `connected` returns True."""
        super().__init__(server)
        self.ended = False
        self._ingress = ingress
        self._faults = faults
        self._connected = connected

    def session_ended(self) -> None:
        """Treat files that are closed from now on as aborted: the client did not close them."""
        self.ended = True

    def open(self, path: str, flags: int, attr: Attributes) -> Union[paramiko.SFTPHandle, int]:  # noqa: ARG002
        """Open a file to write, with random faults, or to read."""
        real = self._real(path)
        try:
            if not flags & (os.O_WRONLY | os.O_RDWR):
                return _Reading(os.open(real, flags))
            fault = self._faults.draw()
            if fault in ("refuse", "hang"):
                return self._fail(fault)
            passage = identify(os.path.basename(real), "sftp")
            return _Writing(self, self._ingress.arrive_at(passage, real, flags), cut=fault == "cut")
        except OSError as error:
            return _code(error)

    def _fail(self, fault: str) -> int:
        if fault == "refuse":
            self._faults.counts.refused += 1
        else:
            self._faults.counts.hung += 1
            self._faults.hang_while(self._connected)
        return SFTP_FAILURE

    def close_written(self, arrival: Arrival, *, cut: bool) -> None:
        """Complete a file that the client has closed, or abort it; OSError becomes a failure."""
        if self.ended:
            arrival.drop()
        elif arrival.path.endswith(_TEMPORARY_SUFFIXES):
            arrival.park()
        else:
            arrival.keep()
        if cut and not self.ended:
            self._faults.counts.cut += 1
            raise OSError(errno.EIO, "received, but reported as failed at random by the lab")

    def list_folder(self, path: str) -> Union[list[Attributes], int]:
        """List the files that wait to be passed on."""
        try:
            with os.scandir(self._real(path)) as entries:
                return [
                    Attributes.from_stat(entry.stat(follow_symlinks=False), entry.name)
                    for entry in entries
                ]
        except OSError as error:
            return _code(error)

    def stat(self, path: str) -> Union[Attributes, int]:
        """Return size and times."""
        try:
            return Attributes.from_stat(os.stat(self._real(path)))
        except OSError as error:
            return _code(error)

    lstat = stat

    def remove(self, path: str) -> int:
        """Remove a file."""
        return _try(lambda: os.unlink(self._real(path)))

    def mkdir(self, path: str, attr: Attributes) -> int:  # noqa: ARG002
        """Make a folder."""
        return _try(lambda: os.mkdir(self._real(path)))

    def rmdir(self, path: str) -> int:
        """Remove an empty folder."""
        return _try(lambda: os.rmdir(self._real(path)))

    def chattr(self, path: str, attr: Attributes) -> int:
        """Change the mode; ignore other attributes."""
        if attr.st_mode is None:
            return SFTP_OK
        mode = attr.st_mode
        return _try(lambda: os.chmod(self._real(path), mode & 0o777))

    def rename(self, oldpath: str, newpath: str) -> int:
        """Rename, unless the new name exists, as SFTP requires."""
        if os.path.lexists(self._real(newpath)):
            return SFTP_FAILURE
        return self.posix_rename(oldpath, newpath)

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        """Rename in any case; pass on a file that has waited under a temporary name."""
        old, new = self._real(oldpath), self._real(newpath)
        return _try(lambda: self._rename(old, new))

    def _rename(self, old: str, new: str) -> None:
        os.replace(old, new)
        if passage := self._ingress.parked.pop(old, None):
            name = os.path.basename(new)
            self._ingress.accept(identify(name, passage.protocol, passage.uuid), new)

    def _real(self, path: str) -> str:
        return os.path.join(self._ingress.directory, self.canonicalize(path).lstrip("/"))


class _Reading(paramiko.SFTPHandle):
    def __init__(self, fd: int) -> None:
        super().__init__()
        self._fd = fd

    def read(self, offset: int, length: int) -> Union[bytes, int]:
        return os.pread(self._fd, min(length, 1 << 18), offset)

    def stat(self) -> Union[Attributes, int]:
        return Attributes.from_stat(os.fstat(self._fd))

    def close(self) -> None:
        os.close(self._fd)


class _Writing(paramiko.SFTPHandle):
    def __init__(self, files: Files, arrival: Arrival, *, cut: bool) -> None:
        super().__init__()
        self._files = files
        self._arrival = arrival
        self._cut = cut
        self._closed = False

    def write(self, offset: int, data: bytes) -> int:  # type: ignore[override]
        return _try(lambda: self._arrival.write(data, offset))

    def stat(self) -> Union[Attributes, int]:
        return Attributes.from_stat(os.fstat(self._arrival.fd))

    def chattr(self, attr: Attributes) -> int:  # noqa: ARG002
        return SFTP_OK

    def close(self) -> None:
        if self._closed:  # a failed close is repeated at the end of the session
            return
        self._closed = True
        self._files.close_written(self._arrival, cut=self._cut)


def _try(act: Callable[[], object]) -> int:
    try:
        act()
    except OSError as error:
        return _code(error)
    return SFTP_OK


def _code(error: OSError) -> int:
    return paramiko.SFTPServer.convert_errno(error.errno or 0)

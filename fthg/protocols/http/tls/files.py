"""Reads the files that TLS needs, in threads: a hanging file system blocks no job for long."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple, Optional

from .... import native
from ....access import Access
from ....errors import StartError
from ....threads import NoThreadError
from ...content import state_of

_LONGEST = 16 << 20  # bytes; more is no certificate, nor all those of a system


class TlsFile(NamedTuple):
    """A file of certificates or with a key, as it was when it was read."""

    key: str  # the key of the configuration that names it
    path: str
    version: tuple[int, ...]  # changes when the file does
    content: bytes
    is_directory: bool = False


class FileReader:
    """Reads files again if they have changed, one after another."""

    def __init__(self) -> None:
        self.busy = False
        """True while a thread is on it, perhaps in a file system that hangs."""

    def read(self, key: str, path: str, known: Optional[TlsFile], timeout: float) -> TlsFile:
        """Return the file as it is now, `known` itself if it has not changed.

        StartError names key, file and reason: unreadable, or not read after `timeout` seconds.
        """
        access = Access(local=False, timeout=timeout)
        self.busy = True
        try:
            return access(partial(_read, key, path, known), self._on_end)
        except NoThreadError:
            return _read(key, path, known)
        except OSError as error:
            raise _unreadable(key, path, error) from None
        finally:
            access.close()  # its thread would stay for seconds, and must not be there at a fork

    def _on_end(self, _file: Optional[TlsFile], _wanted: bool) -> None:
        self.busy = False


def _read(key: str, path: str, known: Optional[TlsFile]) -> TlsFile:
    found = os.stat(path)
    if known is not None and known.version == state_of(found):
        return known
    if stat.S_ISDIR(found.st_mode) and key == "ca":
        return TlsFile(key, path, state_of(found), b"", is_directory=True)
    with open(path, "rb") as file:
        version = state_of(os.fstat(file.fileno()))  # before the content, which may be changing
        return TlsFile(key, path, version, file.read(_LONGEST))


@contextmanager
def in_memory(content: bytes) -> Iterator[str]:
    """Return the path of a file in memory with this content: OpenSSL reads only files."""
    descriptor = os.memfd_create("fthg")
    try:
        os.fchmod(descriptor, 0o600)
        with open(descriptor, "wb", closefd=False) as file:
            file.write(content)
        yield f"/proc/self/fd/{descriptor}"
    finally:
        native.close(descriptor)


def unusable(key: str, path: str, reason: str) -> StartError:
    """Return the error of a file that this key of the configuration names."""
    return StartError(f"{key}: {path}: {reason}")


def _unreadable(key: str, path: str, error: OSError) -> StartError:
    reason = f"it cannot be read: {error.strerror}"
    if isinstance(error, PermissionError):
        reason += f"; make it readable for user {_user()}"
    return unusable(key, path, reason)


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())

"""Files that are read again when they change, in threads: one that hangs delays nobody for long."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Generic, Optional, TypeVar

from ....access import Access, NoAnswerError, threads_of
from ....errors import StartError
from ....log import Log
from ....threads import Call, NoThreadError
from ...content import state_of

PATIENCE = 0.5
"""Seconds that a login waits for a file system."""

T = TypeVar("T")
_Version = Optional[tuple[int, ...]]
_log = Log("fthg.sftp")


class ChangingFile(Generic[T]):
    """What a file holds; the last good content, with one warning, while there is no other.

    That is while a new one is unusable, or while the file system does not answer.
    """

    last: T
    """What it held when it was last read."""

    def __init__(self, path: str, read: Callable[[str], T], patience: float = 10) -> None:
        """Read it within some seconds; StartError, also of `read`, if it is unusable."""
        self._path = path
        self._read = read
        self._version, self.last = self._begin(patience)
        self._threads = threads_of(path)
        self._looking: Optional[Call[tuple[_Version, Optional[T], str]]] = None
        self._hangs = False

    def _begin(self, patience: float) -> tuple[_Version, T]:
        access = Access(local=False, patience=patience)
        try:
            return access(lambda: (_version(self._path), self._read(self._path)))
        except NoAnswerError:
            raise StartError(f"{self._path}: the file system does not answer") from None
        finally:
            access.close()  # a fork must find no thread

    @property
    def exists(self) -> bool:
        """True if it was there when it was last looked at."""
        return self._version is not None

    def current(self) -> T:
        """Return what the file holds now; others run meanwhile. OSErrors of `read` are raised."""
        if self._looking is None or self._looking.done.ready():
            try:
                self._looking = self._threads.begin(self._look)
            except NoThreadError:
                self._take(*self._look())
                return self.last
            self._hangs = False
        call = self._looking
        if not self._hangs and call.done.wait(PATIENCE):
            self._take(*call.result())
        elif not self._hangs:
            self._hangs = True
            self._warn(f"{self._path}: the file system does not answer")
        return self.last

    def _look(self) -> tuple[_Version, Optional[T], str]:
        """Return version, content and fault of the file; only the version if it is the last one."""
        version = _version(self._path)
        if version == self._version:
            return version, None, ""
        try:
            return version, self._read(self._path), ""
        except StartError as error:
            return version, None, str(error)

    def _take(self, version: _Version, content: Optional[T], fault: str) -> None:
        """Take what a look has found, each time that somebody has waited for it."""
        if fault and version != self._version:
            self._warn(fault)
        if content is not None:
            self.last = content
        self._version = version

    def _warn(self, reason: str) -> None:
        _log.warning("the former content of a file is used", reason=reason)


def _version(path: str) -> _Version:
    """Return what changes when a file does; None: it cannot be seen."""
    try:
        return state_of(os.stat(path))
    except OSError:
        return None

"""Files that are read again when they change, in threads: a hanging one delays no login much."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Generic, Optional, TypeVar

from ....access import Access, NoAnswerError, threads_of
from ....errors import StartError
from ....log import Log
from ....threads import Call, NoThreadError
from ...content import state_of

READ_TIMEOUT = 0.5
"""Seconds that a login waits for a file system."""

T = TypeVar("T")
_Version = Optional[tuple[int, ...]]
_log = Log("fthg.sftp")


class ChangingFile(Generic[T]):
    """A file's parsed content, read again when the file changes.

    While new content is unusable, or the file system does not answer, the last good content is
    used, with one warning.
    """

    last: T
    """The content when it was last read."""

    def __init__(self, path: str, read: Callable[[str], T], timeout: float = 10) -> None:
        """Read it within some seconds; StartError, also of `read`, if it is unusable."""
        self._path = path
        self._read = read
        self._version, self.last = self._begin(timeout)
        self._threads = threads_of(path)
        self._reading: Optional[Call[tuple[_Version, Optional[T], str]]] = None
        self._hangs = False

    def _begin(self, timeout: float) -> tuple[_Version, T]:
        access = Access(local=False, timeout=timeout)
        try:
            return access(lambda: (_version(self._path), self._read(self._path)))
        except NoAnswerError:
            raise StartError(f"{self._path}: the file system does not answer") from None
        finally:
            access.close()  # there must be no thread at a fork

    @property
    def exists(self) -> bool:
        """True if it existed at the last check."""
        return self._version is not None

    def current(self) -> T:
        """Return the present content; other greenlets run meanwhile. Raises OSErrors of `read`."""
        if self._reading is None or self._reading.done.ready():
            try:
                self._reading = self._threads.begin(self._read_changed)
            except NoThreadError:
                self._take(*self._read_changed())
                return self.last
            self._hangs = False
        call = self._reading
        if not self._hangs and call.done.wait(READ_TIMEOUT):
            self._take(*call.result())
        elif not self._hangs:
            self._hangs = True
            self._warn(f"{self._path}: the file system does not answer")
        return self.last

    def _read_changed(self) -> tuple[_Version, Optional[T], str]:
        """Return version, content and error of the file; only the version if it is unchanged."""
        version = _version(self._path)
        if version == self._version:
            return version, None, ""
        try:
            return version, self._read(self._path), ""
        except StartError as error:
            return version, None, str(error)

    def _take(self, version: _Version, content: Optional[T], reason: str) -> None:
        """Take over the result of a check, each time that a caller has waited for it."""
        if reason and version != self._version:
            self._warn(reason)
        if content is not None:
            self.last = content
        self._version = version

    def _warn(self, reason: str) -> None:
        _log.warning("the former content of a file is used", reason=reason)


def _version(path: str) -> _Version:
    """Return the stat fields that change with a file; None: it cannot be accessed."""
    try:
        return state_of(os.stat(path))
    except OSError:
        return None

"""A directory that is opened once, so that a link put in its place is not followed."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import NamedTuple, TypeVar, Union

from . import native
from .mounts import is_local

T = TypeVar("T")

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_PLAIN = _DIRECTORY | os.O_NOFOLLOW


class FoundEntry:
    """An entry of a directory on a file system that may hang.

    It says what an os.DirEntry does. That of Python 3.9 would keep all threads from running until
    the file system answers.
    """

    def __init__(self, name: str, directory: int) -> None:
        self.name = name
        self._directory = directory

    @cached_property
    def _own(self) -> os.stat_result:
        return os.stat(self.name, dir_fd=self._directory, follow_symlinks=False)

    @cached_property
    def _target(self) -> os.stat_result:
        return os.stat(self.name, dir_fd=self._directory) if self.is_symlink() else self._own

    def stat(self) -> os.stat_result:
        """Return its status, of a link that of its target; raises OSError."""
        return self._target

    def is_symlink(self) -> bool:
        """Return True for a link; raises OSError."""
        return stat.S_ISLNK(self._own.st_mode)

    def is_dir(self) -> bool:
        """Return True for a directory, or a link to one; raises OSError."""
        return stat.S_ISDIR(self._target.st_mode)

    def is_file(self) -> bool:
        """Return True for a regular file, or a link to one; raises OSError."""
        return stat.S_ISREG(self._target.st_mode)


Entry = Union["os.DirEntry[str]", FoundEntry]


class State(NamedTuple):
    """The identity of a directory, and when it was last changed."""

    device: int
    inode: int
    changed: int  # nanoseconds since 1970


class Folder:
    """An open directory; files are found from its descriptor, whatever its path leads to later.

    Without `follow_links` no part of a file's path below it may be a symbolic link. Where a path
    is asked for it begins with that of the directory. After a fork each process has its own.
    """

    def __init__(self, path: str, follow_links: bool = False) -> None:
        """Open it; raises OSError. `path` itself may be a link, or lead through some."""
        self.path = path
        self.real = os.path.realpath(path)
        self._follow_links = follow_links
        self._name_from = len(path) + 1
        self._descriptor = os.open(self.real, _DIRECTORY)
        self._local = False

    @property
    def local(self) -> bool:
        """True if all file systems that a path in it leads to are of this host."""
        return is_local(self._descriptor, self.real, everywhere=self._follow_links)

    def renew(self) -> bool:
        """Open the directory that has replaced this one, unless it is a link; return True if so."""
        with suppress(OSError):
            now, known = os.lstat(self.real), os.fstat(self._descriptor)
            same = (now.st_ino, now.st_dev) == (known.st_ino, known.st_dev)
            if same or not stat.S_ISDIR(now.st_mode) or os.path.realpath(self.real) != self.real:
                return False
            new = os.open(self.real, _PLAIN)
            os.dup2(new, self._descriptor, inheritable=False)  # so that it is open at every moment
            native.close(new)
            return True
        return False

    @property
    def state(self) -> State:
        """The state of the directory, which changes with its entries; raises OSError."""
        return _state(os.fstat(self._descriptor))

    def is_in(self, state: State) -> bool:
        """Return True if its path leads to the same directory, with the same entries as then."""
        return _state(os.lstat(self.real)) == state

    def stat(self, path: str) -> os.stat_result:
        """Return the status of a file, of a link itself if links are not followed."""
        name = path[self._name_from :]
        if self._follow_links or "/" not in name:  # at once: it is done for each transfer
            return os.stat(name, dir_fd=self._descriptor, follow_symlinks=self._follow_links)
        return self._within(name, lambda last, at: os.stat(last, dir_fd=at, follow_symlinks=False))

    def open(self, path: str, flags: int) -> int:
        """Open a file and return its descriptor."""
        name = path[self._name_from :]
        if self._follow_links:
            return os.open(name, flags & ~os.O_NOFOLLOW, dir_fd=self._descriptor)
        return self._within(name, lambda last, at: os.open(last, flags | os.O_NOFOLLOW, dir_fd=at))

    @contextmanager
    def scan(self, name: str = "") -> Iterator[Iterator[Entry]]:
        """Return the entries of the directory, or of one within it that is named relative to it."""
        if not name:  # asked once for all directories within
            self._local = self.local
        if self._follow_links or not name:
            descriptor = os.open(name or ".", _DIRECTORY, dir_fd=self._descriptor)
        else:
            descriptor = self._within(name, lambda last, at: os.open(last, _PLAIN, dir_fd=at))
        try:
            with os.scandir(descriptor) as entries:
                yield (
                    entries
                    if self._local
                    else (FoundEntry(one.name, descriptor) for one in entries)
                )
        finally:
            native.close(descriptor)

    def _within(self, name: str, act: Callable[[str, int], T]) -> T:
        """Call `act` with the last part of a name and the descriptor of the directory it is in."""
        *directories, last = name.split("/")
        at = self._descriptor
        try:
            for directory in directories:
                inner = os.open(directory, _PLAIN, dir_fd=at)
                if at != self._descriptor:
                    native.close(at)
                at = inner
            return act(last, at)
        finally:
            if at != self._descriptor:
                native.close(at)

    def close(self) -> None:
        """Close it."""
        native.close(self._descriptor)


def _state(found: os.stat_result) -> State:
    # Unlike the time of the last modification that of the last change cannot be set.
    return State(found.st_dev, found.st_ino, found.st_ctime_ns)

"""The end of an output path: a file to replace, or a device, pipe or descriptor to write to."""

from __future__ import annotations

import errno
import os
import stat
from typing import NamedTuple, Optional

STANDARD_OUTPUT = "-"

_MOST_LINKS = 40  # as many as Linux follows


class Place(NamedTuple):
    """The end of all symbolic links of a path."""

    target: str  # the real path
    descriptor: Optional[int]  # of this process, which the path stands for
    found: Optional[os.stat_result]  # None: nothing is there yet

    @property
    def is_stream(self) -> bool:
        """True if it is written to; False for a file that is replaced or created."""
        return self.descriptor is not None or not (self.found is None or self.is_regular)

    @property
    def is_regular(self) -> bool:
        """True for a regular file that exists, also one that an open descriptor leads to."""
        return self.found is not None and stat.S_ISREG(self.found.st_mode)

    @property
    def is_directory(self) -> bool:
        """True for a directory."""
        return self.found is not None and stat.S_ISDIR(self.found.st_mode)


def locate(path: str) -> Place:
    """Follow all links of a path, the last of which may lead to nothing; OSError if it cannot."""
    number = descriptor(path)
    if number is not None:
        return Place(path, number, os.fstat(number))
    try:
        found = os.stat(path)
    except FileNotFoundError:
        if path.endswith("/"):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path) from None
        return Place(os.path.realpath(path), None, None)
    return Place(os.path.realpath(path), None, found)


def descriptor(path: str) -> Optional[int]:
    """Return the descriptor of this process that a path stands for, as `-` or `/dev/stdout` does.

    Opening such a path would start again at the beginning of a file, and over the text that the
    process has written there.
    """
    if path == STANDARD_OUTPUT:
        return 1
    own = os.path.realpath("/proc/self/fd")
    for _ in range(_MOST_LINKS):
        directory, name = os.path.split(path)
        directory = os.path.realpath(directory or ".")
        if directory == own and name.isdecimal():
            return int(name)
        try:
            path = os.path.join(directory, os.readlink(os.path.join(directory, name)))
        except OSError:  # no link
            return None
    return None


def is_standard_output(path: str) -> bool:
    """Return True for `-` and for every name of standard output, such as `/dev/stdout`."""
    return descriptor(path) == 1


def is_stream(path: str) -> bool:
    """Return True for a path that is written to; False for a file that is replaced or created."""
    try:
        return locate(path).is_stream
    except OSError:
        return False


def is_descriptor(path: str) -> bool:
    """Return True if a path stands for an open descriptor of this process, which has no name."""
    return descriptor(path) is not None


def open_stream(path: str) -> int:
    """Open what is not a regular file for writing, and return a descriptor to be closed.

    OSError if it fails, also where a named pipe has no reader: the open would wait for one.
    """
    number = descriptor(path)
    if number is not None:
        return os.dup(number)
    fd = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    os.set_blocking(fd, True)
    return fd

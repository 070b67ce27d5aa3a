"""Find out whether an output can be written, without writing it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence

from ..errors import StartError
from .failure import unwritable
from .place import Place, locate
from .whole import create_beside


def check_writable(key: str, path: str, *, appended: bool, only_file: bool) -> None:
    """Raise StartError with key, path, reason and remedy if a path cannot be written."""
    try:
        place = locate(path)
        if place.is_directory:
            raise _error(errno.EISDIR, path)
        if only_file and place.is_stream:
            raise StartError(f"{key}: {path} is not a regular file; name another one")
        if place.is_stream:
            _check_stream(place, path)
        elif appended:
            _check_appendable(place)
        else:
            _check_replaceable(place)
    except OSError as error:
        raise unwritable(path, error, f"{key}: ") from None


def _check_stream(place: Place, path: str) -> None:
    if place.found is None or place.descriptor is not None:
        return
    if stat.S_ISSOCK(place.found.st_mode):
        raise _error(errno.ENOTSUP, path)
    # Not by opening it: the reader of a pipe would take the closing for the end.
    if not os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        raise _error(errno.EACCES, path)


def _check_appendable(place: Place) -> None:
    if place.found is None:
        _check_directory(place.target)
    else:
        os.close(os.open(place.target, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC))


def _check_replaceable(place: Place) -> None:
    _check_directory(place.target)
    if place.found is None:
        return
    directory = os.stat(os.path.dirname(place.target))
    owners = (directory.st_uid, place.found.st_uid, 0)
    if directory.st_mode & stat.S_ISVTX and os.geteuid() not in owners:
        raise _error(errno.EPERM, place.target)
    if place.target in _mount_points():
        raise _error(errno.EBUSY, place.target)


def _check_directory(target: str) -> None:
    descriptor, name = create_beside(target)
    os.close(descriptor)
    os.unlink(name)


def _mount_points() -> Sequence[str]:
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
            return [_unescaped(line.split(" ")[4]) for line in file]
    except (OSError, IndexError):
        return []


def _unescaped(path: str) -> str:
    for code, plain in ((r"\040", " "), (r"\011", "\t"), (r"\012", "\n"), (r"\134", "\\")):
        path = path.replace(code, plain)
    return path


def _error(number: int, path: str) -> OSError:
    return OSError(number, os.strerror(number), path)

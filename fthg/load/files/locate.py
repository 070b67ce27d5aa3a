"""Finds a listed file at the time of its transfer."""

from __future__ import annotations

import os
import stat

from ...errors import TransferError
from .listing import is_within
from .source import Source


def locate(source: Source, name: str) -> tuple[str, str]:
    """Return the path of a listed file, and its name as people and placeholders see it."""
    if not name:
        return source.files, os.path.basename(source.files)
    return f"{source.files}/{name}", name


def find(source: Source, path: str) -> tuple[str, os.stat_result]:
    """Return path and status of a file to send now, the path free of links; may raise OSError.

    TransferError (file) if it is a link that leaves the directory: it may be younger than the
    listing. A link that is itself given as `files` may lead anywhere.
    """
    folder = source.folder
    found = os.lstat(path) if folder is None else folder.stat(path)
    if not stat.S_ISLNK(found.st_mode):
        return path, found
    if folder is None:
        real = os.path.realpath(path)
        return real, os.lstat(real)
    real = os.path.realpath(os.path.join(folder.real, path[len(folder.path) + 1 :]))
    if not is_within(real, folder.real):
        raise TransferError("file", f"{path!r} is a link that leads out of {source.files!r}")
    path = f"{folder.path}/{os.path.relpath(real, folder.real)}"
    return path, folder.stat(path)

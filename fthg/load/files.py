"""The files of a job, one after another: a directory in order, read again at each pass."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Optional

import gevent

from ..errors import StartError, TransferError
from .plan import Source

_QUICK = 1000
"""The size of a directory up to which it is read at once, and not in a thread."""


def names(source: Source) -> Iterator[Optional[str]]:
    """Return file names relative to the directory, pass after pass; None where it is empty now.

    A file that vanishes after its name was read fails its transfer. Ends after one pass if the
    source does not repeat. Raises StartError if there is nothing to send now.
    """
    return _passes(source, first_names(source))


def _passes(source: Source, listed: list[str]) -> Iterator[Optional[str]]:
    shuffle = random.Random(source.seed).shuffle  # noqa: S311 - an order of files is no secret
    while True:
        if source.order == "random":
            shuffle(listed)
        yield from listed
        if not listed:
            yield None
        if not source.repeat:
            return
        listed = _again(source, listed)


def first_names(source: Source) -> list[str]:
    """Return the names of the first pass; StartError if there are none, or they cannot be read."""
    try:
        found = list_names(source)
    except OSError as error:
        raise StartError(f"files: {source.files} cannot be read: {error.strerror}") from None
    if not found:
        which = "" if source.match == "*" else f" that matches {source.match}"
        raise StartError(f"files: {source.files} holds no file{which}; put at least one there")
    return found


def _again(source: Source, before: list[str]) -> list[str]:
    """Return the names there are now; if they cannot be read, those of before, which then fail."""
    found: Optional[list[str]]
    if len(before) <= _QUICK:
        found = _listing(source)
    else:
        found = gevent.get_hub().threadpool.apply(_listing, (source,))
    return before if found is None else found


def _listing(source: Source) -> Optional[list[str]]:
    """Return the names, or None where they cannot be read: gevent prints what its threads raise."""
    try:
        return list_names(source)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError:
        return None


def list_names(source: Source) -> list[str]:
    """Return the names in their order (unshuffled); OSError if the directory cannot be read."""
    if not os.path.isdir(source.files):
        os.stat(source.files)
        return [""]
    found = list(_walk(source, source.files, ""))
    if source.order == "mtime":
        found.sort(key=lambda item: (item[1], item[0]))
    else:
        found.sort()
    return [name for name, _ in found]


def _walk(
    source: Source, directory: str, prefix: str, above: tuple[str, ...] = ()
) -> Iterator[tuple[str, int]]:
    """Yield name and mtime of each regular file, without hidden ones and links that lead out."""
    above = (*above, os.path.realpath(directory))
    with os.scandir(directory) as entries:
        for entry in entries:
            name = prefix + entry.name
            try:
                if entry.name.startswith(".") or _is_barred(source, entry, above):
                    continue
                if entry.is_dir():
                    if source.recursive:
                        yield from _walk(source, entry.path, f"{name}/", above)
                elif fnmatchcase(entry.name, source.match) and entry.is_file():
                    yield name, entry.stat().st_mtime_ns if source.order == "mtime" else 0
            except OSError:
                # It vanished, may not be read, or is a link to itself: it cannot be sent.
                continue


def _is_barred(source: Source, entry: os.DirEntry[str], above: tuple[str, ...]) -> bool:
    """Return True for links that must not be followed, and for those that lead in circles."""
    if not entry.is_symlink():
        return False
    real = os.path.realpath(entry.path)
    if source.follow_links:
        return real in above
    return entry.is_dir() or not _is_within(real, source.files)


def _is_within(real: str, directory: str) -> bool:
    inside = os.path.realpath(directory)
    return os.path.commonpath([inside, real]) == inside


def locate(source: Source, name: str) -> tuple[str, str]:
    """Return the path of a listed file, and its name as people and placeholders see it."""
    if not name:
        return source.files, os.path.basename(source.files)
    return f"{source.files}/{name}", name


def resolve_link(source: Source, path: str) -> str:
    """Resolve a symbolic link; TransferError (file) if it leaves the directory.

    It may be younger than the listing of the directory. A link that is itself given as `files` may
    lead anywhere.
    """
    real = os.path.realpath(path)
    if source.follow_links or path == source.files or _is_within(real, source.files):
        return real
    raise TransferError("file", f"{path!r} is a link that leads out of {source.files!r}")

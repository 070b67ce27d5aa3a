"""Which file comes next: the directory in order, read again at each pass."""

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
"""Files in a directory up to which it is read at once, and not in a thread."""


def names(source: Source) -> Iterator[Optional[str]]:
    """File names relative to the directory, pass after pass; None where it is empty now.

    A file vanishing after its name was read is the transfer's fault, not ours. Ends after one pass
    if the source does not repeat. Raises StartError if there is nothing to send now.
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
    """The names of the first pass; raises StartError where there are none, or none to be read."""
    try:
        found = list_names(source)
    except OSError as error:
        raise StartError(f"files: {source.files} cannot be read: {error.strerror}") from None
    if not found:
        which = "" if source.match == "*" else f" that matches {source.match}"
        raise StartError(f"files: {source.files} holds no file{which}; put at least one there")
    return found


def _again(source: Source, before: list[str]) -> list[str]:
    """The names there are now. If they cannot be read, those of before: the files tell why not."""
    found: Optional[list[str]]
    if len(before) <= _QUICK:
        found = _listing(source)
    else:
        found = gevent.get_hub().threadpool.apply(_listing, (source,))
    return before if found is None else found


def _listing(source: Source) -> Optional[list[str]]:
    """The names, or None where they cannot be read; gevent would print what its threads raise."""
    try:
        return list_names(source)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError:
        return None


def list_names(source: Source) -> list[str]:
    """The names in their order (unshuffled); raises OSError if the directory cannot be read."""
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
                # It vanished, may not be read, or is a link to itself: nothing that can be sent.
                continue


def _is_barred(source: Source, entry: os.DirEntry[str], above: tuple[str, ...]) -> bool:
    """True for links that are not to be followed, and for those that would lead in circles."""
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
    """The path of a listed file, and its name as people and placeholders see it."""
    if not name:
        return source.files, os.path.basename(source.files)
    return f"{source.files}/{name}", name


def behind(source: Source, path: str) -> str:
    """Where a link leads that is to be sent; raises TransferError (file) if it leads out.

    It may have come after the directory was read. A link that is itself given as `files` may lead
    anywhere.
    """
    real = os.path.realpath(path)
    if source.follow_links or path == source.files or _is_within(real, source.files):
        return real
    raise TransferError("file", f"{path!r} is a link that leads out of {source.files!r}")

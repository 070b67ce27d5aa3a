"""The files of a job, one after another: a directory in order, read again at each pass."""

from __future__ import annotations

import os
import random
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import NamedTuple, Optional

import gevent

from ..clock import SECOND
from ..errors import StartError, TransferError
from ..folder import Folder
from .plan import Plan, Source

_QUICK = 1000
"""The size of a directory up to which it is read at once, and not in a thread."""

Utc = Callable[[], int]
"""Reads the time, in nanoseconds since 1970."""


class File(NamedTuple):
    """A file of a directory: its name relative to it, and when it was changed."""

    name: str
    mtime: int  # nanoseconds since 1970; 0 where nothing depends on it


def with_folders(plan: Plan, stack: ExitStack) -> Plan:
    """Return the plan with the directories of its jobs opened, until the stack is closed.

    One that cannot be opened is left to `first_names`, whose error says why.
    """
    return replace(
        plan, jobs=tuple(replace(job, source=_open(job.source, stack)) for job in plan.jobs)
    )


def _open(source: Source, stack: ExitStack) -> Source:
    try:
        folder = Folder(source.files, source.follow_links)
    except OSError:
        return source
    return replace(source, folder=stack.enter_context(closing(folder)))


def names(source: Source, utc: Utc) -> Iterator[Optional[str]]:
    """Return file names relative to the directory, pass after pass; None where none is ready now.

    A file that vanishes after its name was read fails its transfer. Without repetition it ends
    once every file of the first pass was ready and had its turn. Raises StartError if there is
    nothing to send, ready or not.
    """
    # Read and judged now, before workers are forked: the first pass is the same for all.
    return _passes(source, _first(source), utc, utc())


def _passes(source: Source, listed: list[File], utc: Utc, now: int) -> Iterator[Optional[str]]:
    shuffle = random.Random(source.seed).shuffle  # noqa: S311 - an order of files is no secret
    read = now
    while True:
        latest = now - round(source.min_age * SECOND)
        young = {file.name for file in listed if source.min_age and file.mtime > latest}
        ready = [file.name for file in listed if file.name not in young]
        if source.order == "random":
            shuffle(ready)
        yield from ready
        if not source.repeat and not young:
            return
        if not ready:
            yield None
            now = utc()
            if young and now - read < SECOND:
                continue  # to read many files at each arrival would take all the time
        read = now = utc()
        again = _again(source, listed)
        listed = again if source.repeat else [file for file in again if file.name in young]


def first_names(source: Source) -> list[str]:
    """Return the names of all files; StartError if there are none, or they cannot be read."""
    return [file.name for file in _first(source)]


def _first(source: Source) -> list[File]:
    try:
        found = list_files(source)
    except OSError as error:
        raise StartError(f"files: {source.files} cannot be read: {error.strerror}") from None
    if not found:
        which = "" if "*" in source.match else f" that matches {' or '.join(source.match)}"
        left_out = " and is not excluded" if source.exclude else ""
        raise StartError(
            f"files: {source.files} holds no file{which}{left_out}; put at least one there"
        )
    return found


def _again(source: Source, before: list[File]) -> list[File]:
    """Return the files there are now; if they cannot be read, those of before, which then fail."""
    found: Optional[list[File]]
    if len(before) <= _QUICK:
        found = _listing(source)
    else:
        found = gevent.get_hub().threadpool.apply(_listing, (source,))
    return before if found is None else found


def _listing(source: Source) -> Optional[list[File]]:
    """Return the files, or None where they cannot be read: gevent prints what its threads raise."""
    try:
        if source.folder is not None:
            source.folder.renew()
        return list_files(source)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError:
        return None


def list_files(source: Source) -> list[File]:
    """Return the files in their order (unshuffled); OSError if the directory cannot be read."""
    if source.folder is not None:
        return _sorted(source, _walk(source, source.folder, ""))
    if not os.path.isdir(source.files):
        return [File("", os.stat(source.files).st_mtime_ns)]
    with closing(Folder(source.files, source.follow_links)) as folder:
        return _sorted(source, _walk(source, folder, ""))


def _sorted(source: Source, found: Iterator[File]) -> list[File]:
    if source.order == "mtime":
        return sorted(found, key=lambda file: (file.mtime, file.name))
    return sorted(found)


def _walk(
    source: Source, folder: Folder, prefix: str, above: tuple[str, ...] = ()
) -> Iterator[File]:
    """Yield each regular file, without hidden ones and links that lead out."""
    above = (*above, os.path.realpath(os.path.join(folder.real, prefix)))
    timed = source.order == "mtime" or source.min_age
    with folder.scan(prefix.rstrip("/")) as entries:
        for entry in entries:
            name = prefix + entry.name
            try:
                if _is_left_out(source, entry.name) or _is_barred(source, folder, entry, above):
                    continue
                if entry.is_dir():
                    if source.recursive:
                        yield from _walk(source, folder, f"{name}/", above)
                elif _fits(entry.name, source.match) and entry.is_file():
                    yield File(name, entry.stat().st_mtime_ns if timed else 0)
            except OSError:
                # It vanished, may not be read, or is a link to itself: it cannot be sent.
                continue


def _is_left_out(source: Source, name: str) -> bool:
    return name.startswith(".") or _fits(name, source.exclude)


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _is_barred(
    source: Source, folder: Folder, entry: os.DirEntry[str], above: tuple[str, ...]
) -> bool:
    """Return True for links that must not be followed, and for those that lead in circles."""
    if not entry.is_symlink():
        return False
    real = os.path.realpath(os.path.join(above[-1], entry.name))
    if source.follow_links:
        return real in above
    return entry.is_dir() or not _is_within(real, folder.real)


def _is_within(real: str, directory: str) -> bool:
    return os.path.commonpath([directory, real]) == directory


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
    if not _is_within(real, folder.real):
        raise TransferError("file", f"{path!r} is a link that leads out of {source.files!r}")
    path = f"{folder.path}/{os.path.relpath(real, folder.real)}"
    return path, folder.stat(path)

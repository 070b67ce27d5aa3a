"""Reads the names of a directory's files, a million of them without delaying a transfer."""

from __future__ import annotations

import errno
import os
import random
import re
import stat
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from fnmatch import translate
from typing import NamedTuple, Optional, TypeVar

from ...access import Step
from ...clock import SECOND
from ...folder import Entry, Folder, State
from .source import Source

_PIECE = 2000
"""Names that are sorted at once: more would hold Python's lock for too long."""

K = TypeVar("K", str, "tuple[int, str]")


_SETTLED = 2 * SECOND
"""After that a further change of a directory has another time, however coarse the clock is."""


class Listing(NamedTuple):
    """The names of files, relative to their directory: those to send, in order, and the others."""

    names: list[str]
    young: set[str]  # changed too short a time ago
    state: Optional[State] = None
    """The state of the directory in which they stay the same; None: that cannot be known."""

    def settled(self, now: int) -> Listing:
        """Return it without the state, if after `now`, when it was read, that may have changed
        once more at the same time."""
        if self.state is not None and now - self.state.changed < _SETTLED:
            return self._replace(state=None)
        return self


class TooManyError(Exception):
    """A directory has more entries than may be read at once."""


class AtMost:
    """A step that raises TooManyError at the end of a number."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def __call__(self) -> None:
        """Count one step."""
        self._left -= 1
        if self._left < 0:
            raise TooManyError


def list_files(
    source: Source,
    latest: Optional[int] = None,
    only: Optional[Collection[str]] = None,
    step: Step = lambda: None,
) -> Listing:
    """Return the files, unshuffled; OSError if the directory cannot be read.

    Those that were changed after `latest` (nanoseconds since 1970) are too young. Of the others
    `only` these count.
    """
    if source.folder is not None:
        return _listing(source, source.folder, latest, only, step)
    if not os.path.isdir(source.files):
        found = os.stat(source.files)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, f"it is a {_kind(found.st_mode)}, not a directory or file")
        young = latest is not None and found.st_mtime_ns > latest
        return Listing([], {""}) if young else Listing([""], set())
    with closing(Folder(source.files, source.follow_links)) as folder:
        return _listing(source, folder, latest, only, step)


def _kind(mode: int) -> str:
    if stat.S_ISFIFO(mode):
        return "FIFO"
    return "socket" if stat.S_ISSOCK(mode) else "device"


def _listing(
    source: Source,
    folder: Folder,
    latest: Optional[int],
    only: Optional[Collection[str]],
    step: Step,
) -> Listing:
    by_time = source.order == "mtime"
    timed = by_time or latest is not None
    state = None if timed or source.recursive else folder.state
    names, stamped, young = list[str](), list[tuple[int, str]](), set[str]()
    search = _Search(source)
    for name, entry in _walk(source, folder, search, step):
        changed = _changed(entry) if timed else 0
        if changed is None or (only is not None and name not in only):
            continue
        if latest is not None and changed > latest:
            young.add(name)
        elif by_time:
            stamped.append((changed, name))
        else:
            names.append(name)
    ordered = list[str]()
    for part in sorted_parts(names, step):
        ordered += part
    for timed_part in sorted_parts(stamped, step):
        ordered += [name for _, name in timed_part]
    return Listing(ordered, young, None if search.met_links else state)


def sorted_parts(keys: list[K], step: Step) -> Iterator[list[K]]:
    """Remove all keys from a list and yield them in order, part by part.

    Sorting many at once, or freeing them, would keep all other threads from running.
    """
    if len(keys) <= _PIECE:
        yield sorted(keys)
        keys.clear()
        return
    count = len(keys) // _PIECE
    sample = sorted(random.sample(keys, 8 * count))  # a stride might meet a period of the names
    bounds = sample[8::8]
    parts: list[list[K]] = [[] for _ in range(len(bounds) + 1)]
    while keys:
        key = keys.pop()
        parts[bisect_right(bounds, key)].append(key)
        step()
    parts.reverse()
    while parts:
        part = parts.pop()
        part.sort()
        yield part
        step()


def discard(listing: Listing, step: Step) -> None:
    """Free the names of an unused listing, one by one."""
    for names in (listing.names, listing.young):
        while names:
            names.pop()
            step()


class _Search:
    """A search for the files of a source, with its patterns, each kind as one."""

    def __init__(self, source: Source) -> None:
        self.met_links = False  # where they lead to may change, and the directory does not
        self.fits = _compile(source.match)
        self.is_left_out = _compile([".*", *source.exclude])


def _compile(patterns: Sequence[str]) -> Callable[[str], object]:
    """Return a function that tells whether a name fits one of some patterns."""
    return re.compile("|".join(map(translate, patterns)) or "(?!)").match


def _walk(
    source: Source,
    folder: Folder,
    search: _Search,
    step: Step,
    prefix: str = "",
    above: tuple[str, ...] = (),
) -> Iterator[tuple[str, Entry]]:
    """Yield each regular file, without hidden ones and links that lead out."""
    above = (*above, os.path.realpath(os.path.join(folder.real, prefix)))
    with folder.scan(prefix.rstrip("/")) as entries:
        for entry in entries:
            step()
            name = prefix + entry.name
            try:
                if search.is_left_out(entry.name):
                    continue
                if entry.is_symlink():
                    search.met_links = True
                    if _is_barred(source, folder, entry, above):
                        continue
                if entry.is_dir():
                    if source.recursive:
                        yield from _walk(source, folder, search, step, f"{name}/", above)
                elif search.fits(entry.name) and entry.is_file():
                    yield name, entry
            except OSError:
                # It vanished, may not be read, or is a link to itself: it cannot be sent.
                continue


def _changed(entry: Entry) -> Optional[int]:
    try:
        return entry.stat().st_mtime_ns
    except OSError:
        return None


def _is_barred(source: Source, folder: Folder, entry: Entry, above: tuple[str, ...]) -> bool:
    """Return True for a link that must not be followed, or that leads in circles."""
    real = os.path.realpath(os.path.join(above[-1], entry.name))
    if source.follow_links:
        return real in above
    return entry.is_dir() or not is_within(real, folder.real)


def is_within(path: str, directory: str) -> bool:
    """Return True if a path lies in a directory, both free of links."""
    return os.path.commonpath([directory, path]) == directory

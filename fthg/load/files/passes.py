"""The files of a job, one after another: a directory in order, read again at each pass."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice, repeat
from typing import Optional

from ...access import Step, Throttle
from ...clock import SECOND
from ...threads import Call, NoThreadError
from .first import check_templates, first_listing, latest_change
from .listing import AtMost, Listing, TooManyError, discard, list_files
from .source import Source

_QUICK = 1000
"""The most entries with which a directory is read at once, and not in a thread."""

_AHEAD = 0.1
"""The last part of a long pass, in which the directory is read for the next one."""

_REREAD_TIMEOUT = 0.5
"""Seconds for which a pass waits for a directory that is read again in a thread."""

Utc = Callable[[], int]
"""Reads the time, in nanoseconds since 1970."""


def names(source: Source, utc: Utc) -> Iterator[Optional[str]]:
    """Return file names relative to the directory, pass after pass; None where none is ready now.

    A file that vanishes after its name was read fails its transfer. Without repetition it ends
    once every file of the first pass was ready and had its turn. Raises StartError if there is
    nothing to send, ready or not, or no template. Generated files have no names yet.

    A directory that cannot be read again, or not in time, is passed through once more as it was: so
    it is, too, if its file system hangs.
    """
    if source.generate is not None:
        return repeat(None)
    # Read and judged now, before workers are forked: the first pass is the same for all.
    now = utc()
    listed = first_listing(source, latest_change(source, now)).settled(now)
    check_templates(source, listed.names)
    files = len(listed.names) + len(listed.young)
    return _Passes(partial(_passes, source, listed, utc, now), files)


def listed_files(names: Iterator[Optional[str]]) -> int:
    """Return how many files there were at first, ready or not; 0 where they are generated."""
    return names.files if isinstance(names, _Passes) else 0


def passed_over(names: Iterator[Optional[str]], count: int) -> Iterator[Optional[str]]:
    """Return file names without the first ones, of which none was taken yet.

    They are counted as if the directory had always been as it is: without reading it for each pass.
    """
    if isinstance(names, _Passes):
        names.begin(count)
        return names
    if isinstance(names, repeat):
        return names  # of generated files, which may be billions: all are alike
    return islice(names, count, None)


class _Passes(Iterator[Optional[str]]):
    """The names of all passes, from the first one or a later one on."""

    def __init__(self, passes: Callable[[int], Iterator[Optional[str]]], files: int) -> None:
        self.files = files  # at first
        self._passes = passes
        self._names = passes(0)

    def begin(self, count: int) -> None:
        """Begin after the first `count` names."""
        self._names = self._passes(count)

    def __next__(self) -> Optional[str]:
        return next(self._names)


def _passes(
    source: Source, listed: Listing, utc: Utc, read: int, skipped: int
) -> Iterator[Optional[str]]:
    number, skipped = _place(source, listed, skipped)
    rereader = _Rereader(source, len(listed.names) + len(listed.young) > _QUICK)
    while True:
        order = islice(_ordered(source, listed, number), skipped, None)
        number, skipped = number + 1, 0
        if rereader.is_large:
            yield from islice(order, round(len(listed.names) * (1 - _AHEAD)))
            rereader.begin(listed, utc())
        yield from order
        if not source.repeat and not listed.young:
            return
        now = utc()
        if not listed.names:
            yield None
            now = utc()
            if listed.young and now - read < SECOND:
                continue  # to read many files at each arrival would take all the time
        found = rereader.read(listed, now)
        if found is not None:
            rereader.discard(listed)
            listed, read = found, now
        elif not source.repeat:
            listed = listed._replace(names=[])


def _place(source: Source, listed: Listing, skipped: int) -> tuple[int, int]:
    """Return the pass that `skipped` names reach, and how many of them are in it."""
    if not (listed.names and source.repeat):
        return 0, skipped
    return divmod(skipped, len(listed.names))


def _ordered(source: Source, listed: Listing, number: int) -> Iterator[str]:
    if source.order != "random":
        return iter(listed.names)
    return _shuffled(listed.names, _generator(source, number))


def _generator(source: Source, number: int) -> random.Random:
    """Return the random generator of a pass: each has its own, so that any pass can be found."""
    seed = source.seed if source.seed is None or not number else f"{source.seed}/{number}"
    return random.Random(seed)  # noqa: S311 - an order of files is no secret


def _shuffled(names: Sequence[str], chance: random.Random) -> Iterator[str]:
    """Yield the names in a random order, each drawn when it is needed."""
    left = list(names)
    while left:
        drawn = chance.randrange(len(left))
        left[drawn], left[-1] = left[-1], left[drawn]
        yield left.pop()


class _Rereader:
    """Reads a directory for one pass after another."""

    def __init__(self, source: Source, is_large: bool) -> None:
        self._source = source
        self.is_large = is_large
        self._call: Optional[Call[Optional[Listing]]] = None

    def read(self, before: Listing, now: int) -> Optional[Listing]:
        """Return the files there are now; None if they are the same, cannot be read, or not yet.

        What was not ready is returned by a later call.
        """
        if self._call is None and self._source.access.local and not self.is_large:
            try:
                return _reread(self._source, before, now, AtMost(_QUICK))
            except TooManyError:
                self.is_large = True
        if self._call is None:
            self.begin(before, now)
            if self._call is not None:
                self._call.done.wait(_REREAD_TIMEOUT)
        return self._taken()

    def begin(self, before: Listing, now: int) -> None:
        """Begin to read them in a thread, unless that is under way."""
        if self._call is None and (self._source.repeat or before.young):
            with suppress(NoThreadError):
                reading = partial(_reread, self._source, before, now, Throttle())
                self._call = self._source.access.threads.begin(reading)

    def _taken(self) -> Optional[Listing]:
        if self._call is None or not self._call.done.ready():
            return None
        call, self._call = self._call, None
        return call.result()

    def discard(self, listing: Listing) -> None:
        """Free the names of a listing; where they are many, in a thread."""
        if self.is_large:
            with suppress(NoThreadError):
                self._source.access.threads.begin(partial(discard, listing, Throttle()))


def _reread(source: Source, before: Listing, now: int, step: Step) -> Optional[Listing]:
    """Return the files there are now, in any thread; None: they are the same, or cannot be read."""
    folder, local = source.folder, source.access.local
    only = None if source.repeat else before.young
    try:
        if folder is not None:
            if before.state and local and source.repeat and folder.is_in(before.state):
                return None
            if folder.renew():
                source.access.local = folder.local
        return list_files(source, latest_change(source, now), only, step).settled(now)
    except (FileNotFoundError, NotADirectoryError):
        return Listing([], set())
    except OSError:
        return None

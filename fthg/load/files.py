"""The files of a job, one after another: a directory in order, read again at each pass."""

from __future__ import annotations

import errno
import os
import random
import stat
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from functools import partial
from itertools import islice, repeat
from typing import Optional

from ..access import Access, FileThreads, Rests, Step
from ..clock import SECOND
from ..errors import StartError, TransferError, no_thread
from ..folder import Folder
from ..mounts import is_local, mounted
from ..threads import Call, NoThreadError
from .listing import AtMost, Listing, TooManyError, discard, is_within, list_files
from .plan import Job, Plan, Source
from .templates import check_all

_QUICK = 1000
"""The entries of a directory up to which it is read at once, and not in a thread."""

_AHEAD = 0.1
"""The last part of a long pass, in which the directory is read for the next one."""

_PATIENCE = 0.5
"""Seconds for which a pass waits for a directory that is read again in a thread."""

_MORE_DESCRIPTORS = "; each job keeps its directory open: raise `ulimit -n` (systemd: LimitNOFILE=)"

Utc = Callable[[], int]
"""Reads the time, in nanoseconds since 1970."""


def with_folders(plan: Plan, stack: ExitStack) -> Plan:
    """Return the plan with the directories of its jobs opened, until the stack is closed.

    One that cannot be opened is left to `first_names`, whose error says why.
    """
    threads = _file_threads()
    jobs = (replace(job, source=_open(job, threads, stack)) for job in plan.jobs)
    return replace(plan, jobs=tuple(jobs))


def _file_threads() -> FileThreads:
    try:
        return FileThreads(mounted())
    except OSError:
        return FileThreads(())


def _open(job: Job, threads: FileThreads, stack: ExitStack) -> Source:
    source = job.source
    if source.generate is not None:
        return source
    share = threads.share(source.files)
    access = Access(local=False, patience=job.options.timeout, threads=share)
    stack.enter_context(closing(access))
    try:
        folder = access(partial(Folder, source.files, source.follow_links))
    except NotADirectoryError:
        access.local = access(partial(_is_local_file, source.files))
        return replace(source, access=access)
    except OSError:
        return replace(source, access=access)
    access.local = folder.local
    return replace(source, folder=stack.enter_context(closing(folder)), access=access)


def _is_local_file(path: str) -> bool:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        return is_local(descriptor, os.path.realpath(path))
    finally:
        os.close(descriptor)


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
    listed = _first(source, _latest(source, now))
    check_templates(source, listed.names)
    return _passes(source, listed, utc, now)


def _passes(source: Source, listed: Listing, utc: Utc, read: int) -> Iterator[Optional[str]]:
    chance = random.Random(source.seed)  # noqa: S311 - an order of files is no secret
    again = _Again(source, len(listed.names) + len(listed.young) > _QUICK)
    while True:
        order = _shuffled(listed.names, chance) if source.order == "random" else iter(listed.names)
        if again.is_large:
            yield from islice(order, round(len(listed.names) * (1 - _AHEAD)))
            again.begin(listed, utc())
        yield from order
        if not source.repeat and not listed.young:
            return
        now = utc()
        if not listed.names:
            yield None
            now = utc()
            if listed.young and now - read < SECOND:
                continue  # to read many files at each arrival would take all the time
        found = again.read(listed, now)
        if found is not None:
            again.discard(listed)
            listed, read = found, now
        elif not source.repeat:
            listed = listed._replace(names=[])


def _shuffled(names: Sequence[str], chance: random.Random) -> Iterator[str]:
    """Yield the names in a random order, each drawn when it is needed."""
    left = list(names)
    while left:
        drawn = chance.randrange(len(left))
        left[drawn], left[-1] = left[-1], left[drawn]
        yield left.pop()


class _Again:
    """Reads a directory for one pass after another."""

    def __init__(self, source: Source, is_large: bool) -> None:
        self._source = source
        self.is_large = is_large
        self._call: Optional[Call[Optional[Listing]]] = None

    def read(self, before: Listing, now: int) -> Optional[Listing]:
        """Return the files there are now; None if they cannot be read, or not yet.

        What was not ready is returned by a later call.
        """
        if self._call is None and self._source.access.local and not self.is_large:
            try:
                return self._reading(before, now)(AtMost(_QUICK))
            except TooManyError:
                self.is_large = True
        if self._call is None:
            self.begin(before, now)
            if self._call is not None:
                self._call.done.wait(_PATIENCE)
        return self._taken()

    def begin(self, before: Listing, now: int) -> None:
        """Begin to read them in a thread, unless that is under way."""
        if self._call is None and (self._source.repeat or before.young):
            with suppress(NoThreadError):
                reading = partial(self._reading(before, now), Rests())
                self._call = self._source.access.threads.begin(reading)

    def _reading(self, before: Listing, now: int) -> Callable[[Step], Optional[Listing]]:
        only = None if self._source.repeat else before.young
        return partial(_again, self._source, _latest(self._source, now), only)

    def _taken(self) -> Optional[Listing]:
        if self._call is None or not self._call.done.ready():
            return None
        call, self._call = self._call, None
        return call.result()

    def discard(self, listing: Listing) -> None:
        """Free the names of a listing; where they are many, in a thread."""
        if self.is_large:
            with suppress(NoThreadError):
                self._source.access.threads.begin(partial(discard, listing, Rests()))


def _again(
    source: Source, latest: Optional[int], only: Optional[Collection[str]], step: Step
) -> Optional[Listing]:
    """Return the files there are now, in any thread; None where they cannot be read."""
    try:
        if source.folder is not None and source.folder.renew():
            source.access.local = source.folder.local
        return list_files(source, latest, only, step)
    except (FileNotFoundError, NotADirectoryError):
        return Listing([], set())
    except OSError:
        return None


def _latest(source: Source, now: int) -> Optional[int]:
    """Return the latest change of a file that is old enough; None: any is."""
    return now - round(source.min_age * SECOND) if source.min_age else None


def first_names(source: Source) -> Sequence[str]:
    """Return the names of all files; StartError if there are none, or they cannot be read."""
    return _first(source, None).names


def _first(source: Source, latest: Optional[int]) -> Listing:
    try:  # in a thread even here: a signal must end the waiting for a file system that hangs
        found = source.access.in_thread(partial(list_files, source, latest))
    except NoThreadError as error:
        raise no_thread(f"the files in {source.files}", error) from None
    except OSError as error:
        hint = _MORE_DESCRIPTORS if error.errno == errno.EMFILE else ""
        raise StartError(f"files: {source.files} cannot be read: {error.strerror}{hint}") from None
    if not found.names and not found.young:
        wanted = [] if "*" in source.match else [f"matches {' or '.join(source.match)}"]
        wanted += ["is not excluded"] if source.exclude else []
        which = f" that {' and '.join(wanted)}" if wanted else ""
        raise StartError(f"files: {source.files} holds no file{which}; put at least one there")
    return found


def check_templates(source: Source, names: Sequence[str]) -> None:
    """Raise StartError for the first file that cannot be a template, of those that are read now."""
    if source.templates is not None:
        finding = partial(_find_listed, source)
        source.access.in_thread(partial(check_all, names, finding, source.folder))


def _find_listed(source: Source, name: str) -> tuple[str, os.stat_result]:
    return find(source, locate(source, name)[0])


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

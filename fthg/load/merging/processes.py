"""Reads results files in several processes at once, each some of them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from typing import NamedTuple

import gevent
from gevent.util import wrap_errors

from ...errors import FthgError
from ...processes.companion import Companion, CompanionLostError
from ...results.read import Skipped
from ...results.reread import Rereadable
from ..plan import Plan
from .choice import Choice
from .counting import Basis, Counted, Counter
from .outages import Evidence, MergedOutages
from .reading import Chosen, count_blocks
from .scan import RunAndJob, Scanned, scan

WORTH = 16 * 1024 * 1024
"""Bytes of results for which starting a process is worthwhile."""

_AHEAD = 2_000_000
"""The most answers, 32 MB, that wait for a reader that is behind; then the others wait."""

_LOOK = 0.01


class Read(NamedTuple):
    """The counts of one process."""

    counted: Counted
    left_out: Mapping[str, Skipped]
    others: Collection[RunAndJob]


class Reader:
    """Scans and counts some files: the object of a companion."""

    def __init__(self, files: Sequence[Rereadable], choice: Choice, plan: Plan) -> None:
        self._files = files
        self._choice = choice
        self._plan = plan

    def scan(self, staged: Collection[str]) -> Iterator[Scanned]:
        """Yield the facts of each file that are needed before its results are counted."""
        for file in self._files:
            yield scan(file, self._choice, staged)

    def count(self, firsts: Sequence[int], basis: Basis) -> Iterator[object]:
        """Yield the evidence of outages, as it comes, and at last all that was counted."""
        chosen, counter = Chosen(self._files, self._choice), Counter(self._plan, basis)
        yield from count_blocks(list(zip(self._files, firsts)), chosen, counter)
        yield Read(counter.counted, chosen.left_out, chosen.others)

    def close(self) -> None:
        """Do nothing: no file is open between two blocks."""


def shares(files: Sequence[Rereadable], most: int, worth: int) -> Sequence[Sequence[int]]:
    """Return the files that each of several processes reads; nothing if one process suffices.

    A process is started for each `worth` bytes.
    """
    if any(file.held for file in files):
        return ()
    count = min(most, len(files), sum(file.size for file in files) // worth)
    if count < 2:
        return ()
    loads = [0] * count
    parts: list[list[int]] = [[] for _ in loads]
    for index in sorted(range(len(files)), key=lambda index: -files[index].size):
        least = loads.index(min(loads))
        loads[least] += files[index].size
        parts[least].append(index)
    return parts


def processors() -> int:
    """Return how many processes can run at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Readers:
    """The processes as their parent has them; they end with the stack."""

    def __init__(
        self,
        files: Sequence[Rereadable],
        parts: Sequence[Sequence[int]],
        choice: Choice,
        plan: Plan,
        stack: ExitStack,
    ) -> None:
        self._parts = parts
        self._companions: list[Companion] = []
        for part in parts:
            make = partial(Reader, [files[index] for index in part], choice, plan)
            companion = Companion(make, self._companions)
            self._companions.append(stack.enter_context(closing(companion)))

    @property
    def pids(self) -> Sequence[int]:
        """The processes."""
        return [companion.pid for companion in self._companions]

    def scan(self, staged: Collection[str]) -> Sequence[Scanned]:
        """Return the facts of each file, in the order of the files."""
        with _losses_are_errors():
            calls = [companion.call("scan", staged) for companion in self._companions]
            found = {
                index: scanned
                for part, call in zip(self._parts, calls)
                for index, scanned in zip(part, list(call))
            }
        return [found[index] for index in sorted(found)]

    def count(self, firsts: Sequence[int], basis: Basis, outages: MergedOutages) -> Sequence[Read]:
        """Return the counts of each process; the evidence goes to `outages` as it comes."""
        following: list[gevent.Greenlet] = []
        follow = wrap_errors(Exception, _follow)  # else the hub would log them, too
        try:
            with _losses_are_errors():
                for reader, (companion, part) in enumerate(zip(self._companions, self._parts)):
                    call = companion.call("count", [firsts[index] for index in part], basis)
                    following.append(gevent.spawn(follow, reader, call, outages))
                for one in gevent.iwait(following):
                    if isinstance(one.value, Exception):
                        raise one.value
        finally:
            gevent.killall(following)
        return [one.value for one in following]


def _follow(reader: int, answers: Iterator[object], outages: MergedOutages) -> object:
    """Take the reports of a process; one that is far ahead of the others waits for them."""
    last: object = None
    for last in answers:
        if isinstance(last, Evidence):
            outages.add(reader, last)
        until = outages.until
        while outages.waiting > _AHEAD and until[reader] > min(until.values()):
            gevent.sleep(_LOOK)
    return last


@contextmanager
def _losses_are_errors() -> Iterator[None]:
    """Raise an FthgError where a process died: what it has read is not known."""
    try:
        yield
    except CompanionLostError as error:
        raise FthgError(f"a process that reads results files died: {error}") from None

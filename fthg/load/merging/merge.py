"""Counts files in one process or in several, with the same result."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import NamedTuple, Optional

from ...results.read import Skipped
from ...results.reread import Rereadable
from ..outputs.relay import HandOn
from ..plan import Plan
from ..stats.outages import OutageList
from .choice import Choice
from .counting import Basis, Counted, Counter
from .outages import Evidence, MergedOutages
from .processes import WORTH, Read, Readers, processors, shares
from .reading import Chosen, count_blocks, count_in_order
from .scan import RunAndJob, Scanned, scan


class Merged(NamedTuple):
    """The merged counts of all files."""

    basis: Basis
    counted: Counted
    outages: OutageList
    left_out: Mapping[str, Skipped]  # by path
    others: set[RunAndJob]  # some that were not chosen


def merge(
    files: Sequence[Rereadable],
    plan: Plan,
    choice: Choice,
    record: Optional[HandOn] = None,
    worth: int = WORTH,
) -> Merged:
    """Count the chosen results of files.

    Several files are read by several processes, one for each `worth` bytes at most. Where an output
    wants the results themselves, or an arrival has two lines, one process reads all in order.
    Raises StartError if a file cannot be read, FthgError if a process dies.
    """
    staged = {job.name for job in plan.jobs if job.pacer.stages}
    parts = () if record else shares(files, processors(), worth)
    with ExitStack() as stack:
        readers = Readers(files, parts, choice, plan, stack) if parts else None
        scanned = readers.scan(staged) if readers else [scan(one, choice, staged) for one in files]
        firsts, basis = [one.first for one in scanned], _basis(scanned)
        found = None
        if readers:
            found = _in_processes(readers, firsts, basis)
        elif record is None:
            found = _alone(count_blocks, files, firsts, plan, basis, choice)
        if found and not found.counted.twice:
            return found
    in_order = partial(count_in_order, hand_on=record or (lambda _: None))
    return _alone(in_order, files, firsts, plan, basis, choice)


def _basis(scanned: Collection[Scanned]) -> Basis:
    whole = Scanned()
    for one in scanned:
        whole.merge(one)
    return Basis(whole.first, whole.standstills, whole.firsts)


def _in_processes(readers: Readers, firsts: Sequence[int], basis: Basis) -> Merged:
    outages, counted = MergedOutages(len(readers.pids)), Counted(basis.began)
    read = readers.count(firsts, basis, outages)
    for one in read:
        counted.merge(one.counted)
    return _merged(basis, counted, outages, read)


def _alone(
    count: Callable[[Sequence[tuple[Rereadable, int]], Chosen, Counter], Iterator[Evidence]],
    files: Sequence[Rereadable],
    firsts: Sequence[int],
    plan: Plan,
    basis: Basis,
    choice: Choice,
) -> Merged:
    chosen, counter, outages = Chosen(files, choice), Counter(plan, basis), MergedOutages(1)
    for evidence in count(list(zip(files, firsts)), chosen, counter):
        outages.add(0, evidence)
    read = Read(counter.counted, chosen.left_out, chosen.others)
    return _merged(basis, counter.counted, outages, [read])


def _merged(basis: Basis, counted: Counted, outages: MergedOutages, read: Sequence[Read]) -> Merged:
    left_out = {path: skipped for one in read for path, skipped in one.left_out.items()}
    others = {other for one in read for other in one.others}
    return Merged(basis, counted, outages.found(), left_out, others)

"""Files → what was counted of them, in one process or in several, with the same result."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from typing import NamedTuple, Optional

from ...results.read import Skipped
from ...results.reread import Rereadable
from ..outputs.relay import HandOn
from ..plan import Plan
from ..stats.outages import OutageList
from .choice import Choice
from .counting import Basis, Counted, Counter
from .outages import MergedOutages
from .processes import WORTH, Read, Readers, processors, shares
from .reading import Chosen, count_blocks, count_in_order
from .scan import RunAndJob, Scanned, scan


class Merged(NamedTuple):
    """All that the files say."""

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

    Several files are read by several processes, one for each `worth` bytes at most. Where somebody
    wants the results themselves, or an arrival has two lines, one process reads all in order.
    Raises StartError if a file cannot be read, FthgError if a process dies.
    """
    staged = {job.name for job in plan.jobs if job.pacer.stages}
    parts = () if record else shares(files, processors(), worth)
    if not parts:
        alone = [scan(file, choice, staged) for file in files]
        return _alone(files, alone, plan, choice, record)
    with ExitStack() as stack:
        readers = Readers(files, parts, choice, plan, stack)
        scanned = readers.scan(staged)
        firsts, basis = [one.first for one in scanned], _basis(scanned)
        outages = MergedOutages(len(parts))
        read = readers.count(firsts, basis, outages)
        counted = Counted(basis.began)
        for one in read:
            counted.merge(one.counted)
        if not counted.twice:
            return _merged(basis, counted, outages, read)
    return _alone(files, scanned, plan, choice, record)


def _basis(scanned: Collection[Scanned]) -> Basis:
    whole = Scanned()
    for one in scanned:
        whole.merge(one)
    return Basis(whole.first, whole.standstills, whole.firsts)


def _alone(
    files: Sequence[Rereadable],
    scanned: Sequence[Scanned],
    plan: Plan,
    choice: Choice,
    record: Optional[HandOn],
) -> Merged:
    """Count all in this process: by blocks, or in order if it must be."""
    basis, firsts = _basis(scanned), [one.first for one in scanned]
    mine = list(zip(files, firsts))
    if not record:
        chosen, counter, outages = Chosen(files, choice), Counter(plan, basis), MergedOutages(1)
        for evidence in count_blocks(mine, chosen, counter):
            outages.add(0, evidence)
        if not counter.counted.twice:
            read = Read(counter.counted, chosen.left_out, chosen.others)
            return _merged(basis, counter.counted, outages, [read])
    chosen, counter, outages = Chosen(files, choice), Counter(plan, basis), MergedOutages(1)
    for evidence in count_in_order(mine, chosen, counter, record or (lambda _: None)):
        outages.add(0, evidence)
    read = Read(counter.counted, chosen.left_out, chosen.others)
    return _merged(basis, counter.counted, outages, [read])


def _merged(basis: Basis, counted: Counted, outages: MergedOutages, read: Sequence[Read]) -> Merged:
    left_out = {path: skipped for one in read for path, skipped in one.left_out.items()}
    others = {other for one in read for other in one.others}
    return Merged(basis, counted, outages.found(), left_out, others)

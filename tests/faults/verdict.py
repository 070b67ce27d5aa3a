"""The checks of a case's observations (pure): each sentence is a violation."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain

from fthg.load.stats.outages import AT_ONCE

from .case import Case
from .observed import NEIGHBOUR, TARGET, Line, Observed
from .vitals import grown

OUTCOMES = ("ok", "failed", "dropped", "cancelled")

EMPTY = hashlib.sha256().hexdigest()

_END = 5.0  # seconds
_UNREPORTED = 20  # transfers of the last second of a worker that was killed
_LATE = 1.0  # seconds: the neighbour's p95, on a machine with other load
_PART = re.compile(r"\.([0-9a-f-]{36})\.part$")


def broken_promises(case: Case, seen: Observed) -> Sequence[str]:
    """Return all violations; none if the row is whole."""
    promises: Sequence[Callable[[Case, Observed], Iterator[str]]] = (_ended,)
    if seen.status is not None:  # after a kill the books cannot be even
        promises = (_ended, _sums, _arrivals, _kinds, _recovery, _vitals, _outages, _neighbour)
    of_all = [sentence for promise in promises for sentence in promise(case, seen)]
    return [*of_all, *case.also(seen)]


def _ended(case: Case, seen: Observed) -> Iterator[str]:
    if seen.status is None:
        yield "frozen: fthg did not end within its grace and had to be killed"
        return
    if seen.status != case.status:
        yield f"fthg ended with status {seen.status}, not {case.status}"
    if seen.ending is not None and seen.ending > _END:
        yield f"fthg ended {seen.ending:.1f} s after the second signal; {_END:g} s were promised"
    if "Traceback" in seen.said or '"traceback"' in seen.said:
        yield "a traceback was logged"


def _sums(case: Case, seen: Observed) -> Iterator[str]:
    """Check scheduled = ok + failed + dropped + cancelled, in the summary and in the results."""
    for job in (TARGET, NEIGHBOUR):
        figures = seen.summary.get("jobs", {}).get(job)
        if figures is None:
            yield f"the summary has no job {job}"
            continue
        if figures["scheduled"] != sum(figures[outcome] for outcome in OUTCOMES):
            yield f"{job}: {figures['scheduled']} were scheduled, but the outcomes have another sum"
        if case.unwritten:
            continue
        lines = seen.results[job]
        found = Counter(line["outcome"] for line in lines)
        for outcome in OUTCOMES:
            if found[outcome] != figures[outcome]:
                yield (
                    f"{job}: {figures[outcome]} {outcome} in the summary, "
                    f"{found[outcome]} in the results"
                )
        numbers = sorted(line["seq"] for line in lines)
        # Workers stop at slightly different times: the last arrivals are of some of them only.
        slices = [
            [number // case.workers for number in numbers if number % case.workers == part]
            for part in range(case.workers)
        ]
        if any(mine != list(range(len(mine))) for mine in slices):
            yield f"{job}: the numbers in the results have gaps, or occur twice"
    if seen.summary.get("results_lost") and not case.unwritten:
        yield f"{seen.summary['results_lost']} results were lost"


def _arrivals(case: Case, seen: Observed) -> Iterator[str]:
    """Check that each ok is stored byte for byte, and that the other stored files were started."""
    for job in (TARGET, NEIGHBOUR):
        there = seen.arrived[job]
        for line in seen.results[job]:
            name = f"{line['uuid']}-{line['file']}"
            if line["outcome"] == "ok" and there.get(name) != seen.files[line["file"]]:
                yield f"{job}: {name} is ok, but {'differs' if name in there else 'is not there'}"
        if case.unwritten:
            yield from _counts_match(seen, job)
            continue
        for name, digest in there.items():
            for fault in _misplaced(case, name, digest, seen, job):
                yield f"{job}: {name} {fault}"


def _counts_match(seen: Observed, job: str) -> Iterator[str]:
    """Check the number of stored files, where the results do not name them all."""
    figures = seen.summary.get("jobs", {}).get(job, dict.fromkeys(OUTCOMES, 0))
    least, most = figures["ok"], sum(figures[outcome] for outcome in OUTCOMES)
    if seen.summary.get("lost_workers"):
        most += _UNREPORTED
    if not least <= len(seen.arrived[job]) <= most:
        yield f"{job}: {len(seen.arrived[job])} are at the server; {least} were ok, of {most}"


def _misplaced(case: Case, name: str, digest: str, seen: Observed, job: str) -> Iterator[str]:
    part = _PART.search(name)
    uuid = part[1] if part else name[:36]
    line = next((line for line in seen.results[job] if line["uuid"] == uuid), None)
    if line is None:
        yield "is at the server, but in no result"
    elif line["outcome"] != "ok" and not may_be_there(line, digest):
        yield f"is at the server, though it was {line['outcome']} before sending had started"
    elif case.whole and not part and digest != seen.files[line["file"]]:
        yield "has its final name, but is not whole"


def may_be_there(line: Line, digest: str) -> bool:
    """Return True if a failed transfer can have left such a file.

    Before sending starts, SFTP waits for the answer to its OPEN, which makes an empty file.
    """
    if line["bytes"] or "sending" in line["phases"]:
        return True
    if line["outcome"] == "cancelled":  # a cut leaves no time to say how far it was
        return line["start"] is not None
    return "waiting" in line["phases"] and digest == EMPTY


def _kinds(case: Case, seen: Observed) -> Iterator[str]:
    for kind in sorted(set(seen.kinds) - case.kinds):
        wanted = ", ".join(sorted(case.kinds)) or "none"
        such = next(line["detail"] for line in seen.results[TARGET] if line["error"] == kind)
        yield f"failures of kind {kind}; expected: {wanted}; such as: {such}"
    if case.felt and not seen.count("failed"):
        yield "nothing failed: the fault had no effect"
    if seen.count("cancelled") and not case.interrupted:
        yield f"{seen.count('cancelled')} cancelled: they lasted longer than timeout and grace"


def _recovery(case: Case, seen: Observed) -> Iterator[str]:
    if case.interrupted:
        return
    if seen.back_after is None:
        yield "nothing succeeded after the fault was over"
    elif seen.back_after > case.back_within:
        yield (
            f"the first success came {seen.back_after:.1f} s after the fault was over; "
            f"{case.back_within:g} s were promised"
        )


def _vitals(case: Case, seen: Observed) -> Iterator[str]:
    yield from grown(seen.before, seen.after, kept(case, chain(*seen.results.values())))


def kept(case: Case, results: Iterable[Line]) -> int:
    """Return the number of connections that HTTP keeps open: as many as succeeded at once."""
    if case.protocol == "sftp":
        return 0
    well = [line for line in results if line["outcome"] == "ok"]
    changes = [(line["start"], 1) for line in well] + [(line["end"], -1) for line in well]
    return max(accumulate(change for _, change in sorted(changes)), default=0)


def _outages(_case: Case, seen: Observed) -> Iterator[str]:
    """Check that failures in a row are reported as an outage until the target answers again."""
    outages = [one for one in seen.summary.get("outages", ()) if one["job"] == TARGET]
    if seen.most_in_a_row >= AT_ONCE and not outages:
        yield f"{seen.most_in_a_row} failed in a row, and no outage is reported"
    if seen.back_after is not None and any(one["end"] is None for one in outages):
        yield "an outage is reported as not over, though transfers have succeeded since"


def _neighbour(case: Case, seen: Observed) -> Iterator[str]:
    for outcome in ("failed", "dropped", *(() if case.interrupted else ("cancelled",))):
        if count := seen.count(outcome, NEIGHBOUR):
            yield f"the neighbour has {count} {outcome}"
    if any(outage["job"] == NEIGHBOUR for outage in seen.summary.get("outages", ())):
        yield "an outage of the neighbour is reported"
    late = seen.summary.get("jobs", {}).get(NEIGHBOUR, {}).get("lateness", {}).get("p95")
    if late is not None and late > _LATE:
        yield f"the neighbour was late: p95 {late:.2f} s"

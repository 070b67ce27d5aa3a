"""Runs cases: warm-up, the fault, recovery, the end; then observations and verdict."""

from __future__ import annotations

import json
import os
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Optional

import gevent
import pytest

from .case import Case
from .observed import NEIGHBOUR, TARGET, Observed, digest, read_results
from .servers import Server, stored
from .verdict import broken_promises, kept
from .vitals import Vitals, grown
from .world import World, world

_WARM = 10  # successes of each job before the fault
_STEADY = 1.2  # seconds of observation after warm-up and recovery; each has a health line
_SETTLING = 6.0  # additional seconds for descriptors and greenlets to return to normal
_BUSY = 2.0  # runnable processes per core
_UNANSWERED = 0.5  # seconds before the first signal in which transfers begin, and do not end
_LAST = 8.0  # seconds to end for one that does not recover
_BOUND = 90.0  # seconds that a whole case may take


class Row(NamedTuple):
    """The result of a case."""

    case: Case
    seen: Optional[Observed]  # None: it was not run
    broken: Sequence[str]
    missing: str = ""  # the reason why it was not run
    first: Sequence[str] = ()  # violations of a first run on a machine that was too busy


def run_all(cases: Sequence[Case], at_once: int, report: Callable[[Row], None]) -> Sequence[Row]:
    """Run cases, `at_once` at a time; return the rows in the order of the cases.

    A row that is broken on an overloaded machine is run again, by itself.
    """
    waiting, rows = iter(cases), dict[int, Row]()
    suspect: list[Row] = []

    def take_turns() -> None:
        for case in waiting:
            row = rows[id(case)] = run(case)
            report(row)
            if row.broken and os.getloadavg()[0] > _BUSY * (os.cpu_count() or 1):
                suspect.append(row)

    takers = [gevent.spawn(take_turns) for _ in range(at_once)]
    try:
        gevent.joinall(takers, raise_error=True)
        for row in suspect:
            again = rows[id(row.case)] = run(row.case)._replace(first=row.broken)
            report(again)
    finally:
        gevent.killall(takers)  # with the servers that they have started
    return [rows[id(case)] for case in cases]


def run(case: Case) -> Row:
    """Run one case in a temporary directory."""
    limit = gevent.Timeout(_BOUND)
    try:
        if case.missing():
            return Row(case, None, (), case.missing())
        with limit, tempfile.TemporaryDirectory(prefix="fthg-fault-") as directory:
            seen = observe(case, Path(directory))
            return Row(case, seen, broken_promises(case, seen))
    except pytest.skip.Exception as missing:
        return Row(case, None, (), str(missing))
    except (NeverHealthyError, gevent.Timeout, pytest.fail.Exception) as error:
        return Row(case, None, (str(error),))
    except Exception as error:  # noqa: BLE001 - the other rows must still run
        traceback.print_exc()
        return Row(case, None, (f"the bench itself failed: {error!r}",))


class NeverHealthyError(Exception):
    """A run that did not work even before the fault."""


def observe(case: Case, directory: Path) -> Observed:
    """Carry out one case and return the observations."""
    directory.chmod(0o755)
    with world(case, directory) as there:
        with case.stage(there):
            there.start()
            if not there.until(lambda: _healthy(there)):
                raise NeverHealthyError(f"it never ran well: {there.said.read_text()[-500:]}")
            before = after = _settled(there)
            status, ending = None, None
            with case.event(there):
                began = time.time()
                time.sleep(case.seconds)
                over = time.time()
                if case.interrupted:
                    status, ending = _interrupted(there)
            if not case.interrupted:
                over = time.time()
                back = there.until(lambda: there.successes(TARGET, over) > 0, case.back_within + 6)
                after = _settled(there, before)
                status = there.stop(*() if back else (_LAST,))
        return Observed(
            files={path.name: digest(path) for path in there.files.iterdir()},
            results=read_results(there.results),
            arrived={TARGET: _arrived(there.target), NEIGHBOUR: _arrived(there.other)},
            moments=sorted(path.stat().st_mtime for path in stored(there.other)),
            summary=_summary(there.summary),
            began=began,
            over=over,
            before=before,
            after=after,
            status=status,
            ending=ending,
            said=there.said.read_text(errors="replace") + there.log.read_text(),
        )


def _healthy(there: World) -> bool:
    return all(there.successes(job) >= _WARM for job in (TARGET, NEIGHBOUR))


def _settled(there: World, before: Optional[Vitals] = None) -> Vitals:
    """Return the lowest vitals over a while; over a longer one if they have grown."""
    steady, least = time.monotonic() + _STEADY, there.vitals()

    def enough() -> bool:
        nonlocal least
        least = least.least(there.vitals())
        grew = before and any(grown(before, least, kept(there.case, there.lines())))
        return time.monotonic() > steady and not grew

    there.until(enough, _STEADY + _SETTLING)
    return least


def _interrupted(there: World) -> tuple[Optional[int], float]:
    """Interrupt fthg; return its status, and the seconds until it ended.

    The neighbour's server hangs meanwhile, as without transfers in progress one signal is enough.
    """
    there.other.freeze()
    try:
        time.sleep(_UNANSWERED)
        there.interrupt()
        began = time.monotonic()
        return there.wait(_LAST), time.monotonic() - began
    finally:
        there.other.thaw()


def _arrived(server: Server) -> Mapping[str, str]:
    return {path.name: digest(path) for path in stored(server)}


def _summary(path: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found

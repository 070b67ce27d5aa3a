"""Runs cases: health, the event, health again, the end; then what was seen, and the verdict."""

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

_WARM = 10  # successes of each job before anything happens
_STEADY = 1.2  # seconds of health after that, and after the recovery: a health line comes in each
_SETTLING = 6.0  # seconds more that descriptors and greenlets may take to go back
_BUSY = 2.0  # processes that would run, for each core
_BOUND = 90.0  # seconds that a case may take in all


class Row(NamedTuple):
    """What came of a case."""

    case: Case
    seen: Optional[Observed]  # None: it was not run
    broken: Sequence[str]
    missing: str = ""  # why it was not run
    first: Sequence[str] = ()  # what had been broken before, while the machine was too busy to tell


def run_all(cases: Sequence[Case], at_once: int, tell: Callable[[Row], None]) -> Sequence[Row]:
    """Run cases, so many at a time; the rows in the order of the cases.

    What is broken on a machine that has far more to do than it can is run again, by itself.
    """
    waiting, rows = iter(cases), dict[int, Row]()
    doubtful: list[Row] = []

    def take_turns() -> None:
        for case in waiting:
            row = rows[id(case)] = run(case)
            tell(row)
            if row.broken and os.getloadavg()[0] > _BUSY * (os.cpu_count() or 1):
                doubtful.append(row)

    takers = [gevent.spawn(take_turns) for _ in range(at_once)]
    try:
        gevent.joinall(takers, raise_error=True)
        for row in doubtful:
            again = rows[id(row.case)] = run(row.case)._replace(first=row.broken)
            tell(again)
    finally:
        gevent.killall(takers)  # with the servers that they have started
    return [rows[id(case)] for case in cases]


def run(case: Case) -> Row:
    """Run one case in a directory of its own, which is gone afterwards."""
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
    except Exception as error:  # noqa: BLE001 - the other rows are wanted nevertheless
        traceback.print_exc()
        return Row(case, None, (f"the bench itself failed: {error!r}",))


class NeverHealthyError(Exception):
    """The run did not come to life before anything was done to it."""


def observe(case: Case, directory: Path) -> Observed:
    """Carry out one case and gather what was seen."""
    directory.chmod(0o755)
    with world(case, directory) as there:
        with case.stage(there):
            there.start()
            if not there.until(lambda: _healthy(there)):
                raise NeverHealthyError(f"it never ran well: {there.said.read_text()[-500:]}")
            before = _settled(there)
            with case.event(there):
                began = time.time()
                time.sleep(case.seconds)
            over = time.time()
            there.until(lambda: there.successes(TARGET, over) > 0, case.back_within + 6)
            after = _settled(there, before)
            status = there.stop()
        return Observed(
            files={path.name: digest(path) for path in there.files.iterdir()},
            results=read_results(there.results),
            arrived={TARGET: _arrived(there.target), NEIGHBOUR: _arrived(there.other)},
            summary=_summary(there.summary),
            began=began,
            over=over,
            before=before,
            after=after,
            status=status,
            said=there.said.read_text() + there.log.read_text(),
        )


def _healthy(there: World) -> bool:
    return all(there.successes(job) >= _WARM for job in (TARGET, NEIGHBOUR))


def _settled(there: World, before: Optional[Vitals] = None) -> Vitals:
    """The least that it holds of each, in a while of health; a longer one where that is much."""
    steady, least = time.monotonic() + _STEADY, there.vitals()

    def enough() -> bool:
        nonlocal least
        least = least.least(there.vitals())
        grew = before and any(grown(before, least, kept(there.case, there.lines())))
        return time.monotonic() > steady and not grew

    there.until(enough, _STEADY + _SETTLING)
    return least


def _arrived(server: Server) -> Mapping[str, str]:
    return {path.name: digest(path) for path in stored(server)}


def _summary(path: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found

"""The CPU that a file costs with several workers, and that their parent costs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import NamedTuple

from . import machine, report, tools
from .arrivals import await_first
from .rounds import Rounds
from .section import Section
from .servers import Nginx
from .work import KIB, make_files

_COUNTS = (1, 2, 4)
_HEADS = ("workers", "tool", "files/s", "CPU µs a file", "parent, % of a core")
_HOW = (
    f"HTTP 1 KiB, {tools.SENDERS} senders. All processes have the client's core together, as the "
    "machine has no more; with one worker there is no parent."
)


class _Found(NamedTuple):
    rate: float
    cost: float  # CPU seconds a file
    parent: float  # % of a core


def measure(
    rounds: Rounds, pythons: Mapping[str, str], web: Nginx, directory: Path, seconds: float
) -> Section:
    """Measure each dependency set with each number of workers, in turns."""
    files = make_files(directory / "files", KIB)
    found: dict[tuple[int, str], list[_Found]] = {}
    for _ in range(rounds.count):
        for name, python in pythons.items():
            for count in _COUNTS:
                one = _once(python, count, files, web, directory, seconds)
                found.setdefault((count, name), []).append(one)
            _add(rounds, name, {count: found[count, name][-1] for count in _COUNTS})
    return Section("## Workers", _HOW, _HEADS, [_row(*key, found[key]) for key in sorted(found)])


def _row(count: int, name: str, found: list[_Found]) -> report.Row:
    rate, cost, parent = map(median, zip(*found))
    share = f"{parent:.1f}" if count > 1 else "–"
    return (str(count), name, f"{rate:,.0f}", f"{1e6 * cost:.1f}", share)


def _add(rounds: Rounds, name: str, by_count: Mapping[int, _Found]) -> None:
    for count, one in by_count.items():
        if count > 1:
            ratio = one.cost / by_count[1].cost
            rounds.add_figure(f"CPU a file with {count} workers ÷ with 1", name, ratio)
            rounds.add_figure(f"the parent of {count} workers", name, one.parent)


def _once(
    python: str, count: int, files: Path, web: Nginx, directory: Path, seconds: float
) -> _Found:
    job = {
        "url": web.url("/small"),
        "headers": tools.HEADERS,
        "files": str(files),
        "model": "closed",
        "rate": "max",
        "senders": tools.SENDERS,
    }
    command = tools.configured(python, {"bench": job}, directory, workers=count)
    before = web.requests()
    with machine.client(command.words, directory, command.env) as process:
        await_first(process, web.requests, before)
        time.sleep(1)
        first = _read(web, process.pid)
        time.sleep(seconds)
        last = _read(web, process.pid)
    took, done, used, parent = (after - then for after, then in zip(last, first))
    return _Found(done / took, used / done, 100 * parent / took)


def _read(web: Nginx, pid: int) -> tuple[float, float, float, float]:
    return time.monotonic(), web.requests(), machine.cpu(pid), machine.own_cpu(pid)

"""What many jobs and many files cost: the time to start, CPU and memory."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from . import machine, tools
from .arrivals import await_first
from .rounds import Rounds
from .section import Section
from .servers import Nginx
from .work import KIB, MEMORY, make_files

_JOBS, _FILES = 1000, 1_000_000
_RATE = 1000  # files a second, of all jobs together
_SETTLE = 1.5  # seconds, after which every job has sent
_HEADS = ("work", "tool", "s to start", "CPU s to start", "CPU µs a file", "peak MB")
_HOW = (
    f"HTTP 1 KiB, {_RATE:,} files/s in all; started is whose first file the server has. CPU a file "
    "is that after the start. The files are links to one in memory."
)

_Jobs = Mapping[str, object]


class _Found(NamedTuple):
    start: float  # seconds
    starting: float  # CPU seconds
    cost: float  # CPU seconds a file
    peak: float  # bytes


def measure(
    rounds: Rounds, pythons: Mapping[str, str], web: Nginx, directory: Path, seconds: float
) -> Section:
    """Measure each dependency set with few and with many jobs and files, in turns."""
    few = make_files(directory / "files", KIB)
    found: dict[tuple[str, str], list[_Found]] = {}
    with _million() as many:
        works = {
            "1 job, 100 files": _jobs(1, few, web),
            f"{_JOBS:,} jobs, 100 files": _jobs(_JOBS, few, web),
            f"1 job, {_FILES:,} files": _jobs(1, many, web),
        }
        for _ in range(rounds.count):
            for work, jobs in works.items():
                for name, python in pythons.items():
                    one = _once(python, jobs, web, directory, seconds)
                    found.setdefault((work, name), []).append(one)
    rows = [(*key, *_cells(_Found(*map(median, zip(*all_))))) for key, all_ in found.items()]
    return Section("## Many jobs, many files", _HOW, _HEADS, rows)


def _cells(one: _Found) -> tuple[str, ...]:
    cost, peak = f"{1e6 * one.cost:.0f}", f"{one.peak / 1e6:.0f}"
    return (f"{one.start:.2f}", f"{one.starting:.2f}", cost, peak)


def _jobs(count: int, files: Path, web: Nginx) -> _Jobs:
    job = {
        "url": web.url("/small"),
        "headers": tools.HEADERS,
        "files": str(files),
        "rate": f"{_RATE // count}/s",
    }
    # One after another, as those of a real system are not due in the same moment.
    return {
        f"job-{number}": {**job, "start_after": f"{1000 * number // count}ms"}
        for number in range(count)
    }


def _once(python: str, jobs: _Jobs, web: Nginx, directory: Path, seconds: float) -> _Found:
    command, before = tools.configured(python, jobs, directory), web.requests()
    began = time.monotonic()
    with machine.client(command.words, directory, command.env) as process:
        await_first(process, web.requests, before)
        start, starting = time.monotonic() - began, machine.cpu(process.pid)
        time.sleep(_SETTLE)
        used, done = machine.cpu(process.pid), web.requests()
        time.sleep(seconds)
        used, done = machine.cpu(process.pid) - used, web.requests() - done
        return _Found(start, starting, used / done, machine.peak(process.pid))


@contextmanager
def _million() -> Iterator[Path]:
    """Make a directory of a million files for the length of a block."""
    directory = Path(tempfile.mkdtemp(prefix="fthg-bench-", dir=MEMORY))
    try:
        first = directory / f"file-{0:07}.bin"
        first.write_bytes(os.urandom(KIB))
        for number in range(1, _FILES):
            os.link(first, f"{directory}/file-{number:07}.bin")
        yield directory
    finally:
        shutil.rmtree(directory)

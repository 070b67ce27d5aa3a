"""The memory that a transfer takes while it is in flight."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median

from . import machine, report, tools
from .holder import Holder, holding
from .rounds import Rounds
from .section import Section
from .work import KIB, make_files

_FEW, _MANY = 500, 10_000
_RATE = 2000
_TIMEOUT = 60.0
_SETTLE = 1.0  # seconds, after which the last ones have nothing more to allocate
_FIGURE = "a transfer in flight"
_HEADS = ("tool", f"MB with {_FEW:,}", f"MB with {_MANY:,}", "KB a transfer")
_HOW = (
    f"HTTP 1 KiB, open model at {_RATE:,}/s; a server that answers nothing has all of "
    f"{_MANY:,} requests. KB a transfer: what those after the first {_FEW:,} added."
)


def measure(rounds: Rounds, pythons: Mapping[str, str], directory: Path) -> Section:
    """Measure each dependency set."""
    files = make_files(directory / "files", KIB)
    rows = list(_rows(rounds, pythons, files, directory))
    return Section(f"## {_MANY:,} in flight", _HOW, _HEADS, rows)


def _rows(
    rounds: Rounds, pythons: Mapping[str, str], files: Path, directory: Path
) -> Iterator[report.Row]:
    for name, python in pythons.items():
        found = [_once(python, files, directory) for _ in range(rounds.count)]
        for few, many in found:
            rounds.add_figure(_FIGURE, name, (many - few) / (_MANY - _FEW) / 1e3)
        few, many = map(median, zip(*found))
        each = rounds.middle_figure(_FIGURE, name)
        yield (name, f"{few / 1e6:.0f}", f"{many / 1e6:.0f}", f"{each:.1f}")


def _once(python: str, files: Path, directory: Path) -> tuple[int, int]:
    """Return the memory with few and with many transfers in flight, in bytes."""
    with holding(_MANY, KIB) as holder:
        job = {
            "url": holder.url,
            "headers": tools.HEADERS,
            "files": str(files),
            "rate": f"{_RATE}/s",
            "max_in_flight": _MANY,
            "count": _MANY,
        }
        command = tools.configured(python, {"bench": job}, directory)
        with machine.client(command.words, directory, command.env) as process:
            _await(holder, _FEW)
            few, started = machine.memory(process.pid), holder.held
            _await(holder, _MANY)
            time.sleep(_SETTLE)
            many = machine.memory(process.pid)
    # It went on while it was measured.
    return few - (many - few) * (started - _FEW) // max(1, _MANY - started), many


def _await(holder: Holder, held: int) -> None:
    deadline = time.monotonic() + _TIMEOUT
    while holder.held < held:
        if time.monotonic() > deadline:
            raise TimeoutError(f"only {holder.held} of {held} requests arrived")
        time.sleep(0.005)

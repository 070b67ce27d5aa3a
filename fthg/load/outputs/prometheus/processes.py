"""The usual `process_*` metrics: of this process together with its workers."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from .text import Family, exposition, sample

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_UTIME, _CHILDREN_STIME, _START, _RSS = 11, 14, 19, 21  # of /proc/PID/stat after the name: proc(5)

FAMILIES = (
    Family("process_cpu_seconds_total", "counter", "CPU seconds of fthg and its workers together."),
    Family("process_resident_memory_bytes", "gauge", "Memory of fthg and its workers together."),
    Family("process_open_fds", "gauge", "Open descriptors of the process that has most of them."),
    Family("process_max_fds", "gauge", "The most descriptors that each process may open."),
    Family("process_start_time_seconds", "gauge", "When fthg was started, in Unix time."),
)


class _Process(NamedTuple):
    """One process; times in ticks."""

    cpu: int  # that of children which have ended included
    memory: int  # bytes
    start: int  # after the boot
    descriptors: int


class ProcessFigures:
    """Reads them from /proc; where something is missing, its lines are."""

    def __init__(self, proc: str = "/proc", pid: str = "self") -> None:
        self._proc = Path(proc)
        self._own = self._proc / pid

    def text(self) -> str:
        """Return all lines."""
        found = list(self._processes())
        if not found:
            return ""
        values: dict[str, float] = {
            "process_cpu_seconds_total": sum(one.cpu for one in found) / _TICKS,
            "process_resident_memory_bytes": sum(one.memory for one in found),
            "process_open_fds": max(one.descriptors for one in found),
            "process_max_fds": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
            "process_start_time_seconds": self._boot() + found[0].start / _TICKS,
        }
        lines = {name: [sample(name, "", value)] for name, value in values.items()}
        return exposition(FAMILIES, lines)

    def _processes(self) -> Iterator[_Process]:
        """Yield this process, and then its workers."""
        for directory in (self._own, *self._children()):
            with suppress(OSError, ValueError, IndexError):  # it may just have ended
                yield _read(directory)

    def _children(self) -> Sequence[Path]:
        pids: list[str] = []
        with suppress(OSError):
            for thread in (self._own / "task").iterdir():
                with suppress(OSError):
                    pids += (thread / "children").read_text().split()
        return [self._proc / pid for pid in pids]

    def _boot(self) -> int:
        for line in (self._proc / "stat").read_text().splitlines():
            if line.startswith("btime "):
                return int(line.split()[1])
        return 0


def _read(directory: Path) -> _Process:
    fields = (directory / "stat").read_bytes().rpartition(b")")[2].split()
    cpu = sum(map(int, fields[_UTIME : _CHILDREN_STIME + 1]))
    descriptors = 0
    with suppress(OSError):
        descriptors = len(os.listdir(directory / "fd"))
    return _Process(cpu, int(fields[_RSS]) * _PAGE, int(fields[_START]), descriptors)

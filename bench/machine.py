"""The machine: the core of each program, and the CPU and memory that processes use."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Optional

CLIENT, SERVER = 0, (os.cpu_count() or 1) - 1
"""The core that each side has for itself."""

_TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def client(
    command: Sequence[str], cwd: Path, env: Optional[Mapping[str, str]] = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program on the client's core for the length of a block; output goes to `cwd`/output."""
    with (cwd / "output").open("wb") as output:
        process = subprocess.Popen(
            ["taskset", "-c", str(CLIENT), *command],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    for number, timeout in ((signal.SIGTERM, 1.0), (signal.SIGKILL, 10.0)):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout)
            break
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def all_cores() -> Iterator[None]:
    """Let programs that are started in a block use every core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def own_cpu(pid: int) -> float:
    """Return the CPU seconds of a process so far, without those of its children."""
    return sum(map(int, _stat(pid)[11:13])) / _TICKS


def cpu(pid: int) -> float:
    """Return the CPU seconds of a process and its children so far."""
    ticks = (sum(map(int, _stat(one)[11:15])) for one in (pid, *_descendants(pid)))
    return sum(ticks) / _TICKS


def peak(pid: int) -> int:
    """Return the sum of the peak memory of a process and of its children, in bytes."""
    return sum(_high_water(one) for one in (pid, *_descendants(pid)))


def memory(pid: int) -> int:
    """Return the memory of a process and its children now, in bytes, what they share once."""
    return sum(_proportional(one) for one in (pid, *_descendants(pid)))


def _proportional(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def _stat(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return []


def _descendants(pid: int) -> list[int]:
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [found for child in map(int, children) for found in (child, *_descendants(child))]
    return []


def _high_water(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
    return 0


def busy() -> float:
    """Return the load of all cores by other programs, from 0 to 1, over half a second."""
    before = _jiffies()
    time.sleep(0.5)
    idle, whole = (after - then for after, then in zip(_jiffies(), before))
    return 1 - idle / whole if whole else 0.0


def _jiffies() -> tuple[int, int]:
    numbers = list(map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]))
    return numbers[3] + numbers[4], sum(numbers)


def description() -> str:
    """Return processor, cores, memory and system as text."""
    info = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in info if "model name" in line), "unknown")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = (
        platform.freedesktop_os_release if hasattr(platform, "freedesktop_os_release") else None
    )
    name = system()["PRETTY_NAME"] if system else platform.system()
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, {name}, Linux {platform.release()}"

"""fthg as its users run it: a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Optional

from tests.waiting import send

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("FTHG")}


class Ended:
    """The output and status of a finished run."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err

    @property
    def outputs(self) -> dict[str, bytes]:
        """Its output, by stream."""
        return {"stdout": self.out.encode(), "stderr": self.err.encode()}


def start(*words: str, cwd: Path, env: Optional[dict[str, str]] = None) -> subprocess.Popen[str]:
    """Begin to run it."""
    return subprocess.Popen(
        [sys.executable, "-m", "fthg", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env={**ENVIRONMENT, "COLUMNS": "80", **(env or {})},
    )


def threads_of(pid: int) -> str:
    """Return where the kernel has each thread of a process, a line for each (proc(5))."""
    lines = []
    for task in sorted(Path(f"/proc/{pid}/task").glob("*")):
        with suppress(OSError):
            state = (task / "stat").read_text().rpartition(")")[2].split()[0]
            call, where = (task / "syscall").read_text().strip(), (task / "wchan").read_text()
            lines.append(f"{task.name}: {state} in {where}, system call {call}")
    return "\n".join(lines)


def delay(pid: int) -> float:
    """Return how long the main thread of a process was ready to run without a processor so far.

    In seconds; 0 if it has ended.
    """
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    return 0


def end(process: subprocess.Popen[str], timeout: float = 90) -> Ended:
    """Wait for its end."""
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"not done within {timeout} s:\n{threads_of(process.pid)}") from None
    finally:
        process.kill()
    return Ended(process.returncode, out, err)


def cut(
    process: subprocess.Popen[str], number: signal.Signals = signal.SIGINT, timeout: float = 90
) -> tuple[Ended, float]:
    """End it by two signals; return also how long the second one took."""
    send(process, number)
    time.sleep(0.5)
    began = time.monotonic()
    send(process, number)
    return end(process, timeout), time.monotonic() - began


def fthg(*words: str, cwd: Path, env: Optional[dict[str, str]] = None) -> Ended:
    """Run it to its end."""
    return end(start(*words, cwd=cwd, env=env))


def soon(*words: str, cwd: Path, processes: int = 1) -> float:
    """Return a moment, in whole Unix seconds, until which so many processes are ready.

    However busy this host is: how long one takes is measured first.
    """
    began = time.monotonic()
    done = fthg(*words, "--check", cwd=cwd)
    assert done.status == 0, done.err
    return float(int(time.time() + 3 + processes * (time.monotonic() - began)))


def on_terminal(*words: str, cwd: Path, env: Optional[dict[str, str]] = None) -> bytes:
    """Run it on a terminal; all that it showed there."""
    spawn = "import pty, sys; pty.spawn(sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-c", spawn, sys.executable, "-m", "fthg", *words],
        cwd=cwd,
        env={**ENVIRONMENT, "TERM": "xterm", "COLUMNS": "200", **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        timeout=90,
        check=False,
    ).stdout


def results(path: Path) -> list[dict[str, Any]]:
    """The results in a results file, without its standstills."""
    lines = map(json.loads, path.read_text().splitlines())
    return [line for line in lines if "outcome" in line]


def figures(path: Path) -> dict[str, Any]:
    """The summary as JSON."""
    read: dict[str, Any] = json.loads(path.read_text())
    return read

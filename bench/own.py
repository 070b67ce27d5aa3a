"""Measurements without peers: fthg's start time, and the memory of its statistics."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from .machine import CLIENT
from .rounds import Rounds

_ROOT = Path(__file__).parent.parent
_MILLIONS, _QUICK_MILLIONS = 10, 1


def measure(rounds: Rounds, name: str, python: str, quick: bool) -> None:
    """Measure the dependency set of this interpreter."""
    for option in ("--version", "--help"):
        for _ in range(rounds.count + 2):
            rounds.add_figure(f"fthg {option}", name, _seconds(python, option))
    millions = _QUICK_MILLIONS if quick else _MILLIONS
    growth = max(0.0, float(_run(python, "-m", "bench.growth", str(millions))) / 1e6)
    rounds.add_figure(f"growth by figures of {millions} million results", name, growth)


def _seconds(python: str, option: str) -> float:
    started = time.monotonic()
    _run(python, "-m", "fthg", option)
    return time.monotonic() - started


def _run(*words: str) -> str:
    command = ["taskset", "-c", str(CLIENT), *words]
    return subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True).stdout

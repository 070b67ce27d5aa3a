"""Measurements without peers: fthg's start time, and the memory of its statistics."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from .machine import CLIENT

_ROOT = Path(__file__).parent.parent
_MILLIONS, _QUICK_MILLIONS = 10, 1


class Own(NamedTuple):
    """The measurements of one dependency set."""

    version: float  # seconds of `fthg --version`
    help: float
    growth: float  # bytes that the statistics grew by
    results: int  # … with so many results


def measure(python: str, rounds: int, quick: bool) -> Own:
    """Measure the dependency set of this interpreter."""
    millions = _QUICK_MILLIONS if quick else _MILLIONS
    return Own(
        median(_seconds(python, "--version") for _ in range(rounds + 2)),
        median(_seconds(python, "--help") for _ in range(rounds + 2)),
        float(_run(python, "-m", "bench.growth", str(millions))),
        millions * 1_000_000,
    )


def _seconds(python: str, option: str) -> float:
    started = time.monotonic()
    _run(python, "-m", "fthg", option)
    return time.monotonic() - started


def _run(*words: str) -> str:
    command = ["taskset", "-c", str(CLIENT), *words]
    return subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True).stdout

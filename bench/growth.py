"""The memory that statistics take: `python -m bench.growth MILLIONS` prints the bytes."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from fthg.clock import SECOND
from fthg.load.stats.metrics import Metrics
from fthg.transfer import Result

_AT_ONCE = 64


def main(millions: int) -> int:
    """Return the bytes by which the process grows while counting so many million results."""
    dice, metrics = random.Random(1), Metrics(0)
    results: list[Result] = []
    before = 0
    for number in range(millions * 1_000_000):
        if number == 10_000:
            before = _resident()
        due = number * SECOND // 1000
        late, took = int(dice.expovariate(1e-5)), int(dice.lognormvariate(16, 1.5))
        results.append(
            Result(
                "job", number, "", "file", 1024, "ok", due, due + late, due + late + took, 200,
                bytes=1024, phases={"sending": took / 4e9, "waiting": took / 2e9},
            )
        )  # fmt: skip
        if len(results) == _AT_ONCE:
            metrics.record(*results)
            results.clear()
    return _resident() - before


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


if __name__ == "__main__":
    sys.stdout.write(f"{main(int(sys.argv[1]))}\n")

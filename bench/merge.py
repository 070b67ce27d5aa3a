"""Speed and memory of the merge: `python -m bench.merge [LINES ...]`.

Writes the results of four slices of one run, as fthg does, with LINES lines together (default: a
million), then runs `fthg --from-results` on them, and prints a table; `--write` puts it into
bench/RESULTS.md. A line takes about 410 bytes of the disk.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from fthg.clock import SECOND
from fthg.peer import Peer
from fthg.results.write import result_lines
from fthg.slices import Slice
from fthg.transfer import Result

from . import machine, report, section

_SLICES = 4
_RATE = 5000
_BEGAN = 1_790_000_000 * SECOND
_AT_ONCE = 2000


def main() -> None:
    """Measure, print the results, and write them if that is wanted."""
    options = section.parser_of("merge", str(__doc__), "lines").parse_args()
    busy = machine.busy()
    sets = section.sets_of(options)
    rows = [row for lines in options.lines for row in _measure(lines, sets)]
    section.publish(report.MERGING, _HOW, busy, _COLUMNS, rows, write=options.write)


_COLUMNS = ("lines", "s in all", "CPU s", "CPU µs a line", "peak MB")
_HOW = (
    f"Written by `python -m bench.merge --write`, {date.today():%Y-%m-%d}: the whole program "
    f"merges the files of {_SLICES} slices of one run, on all cores; 1 % of the transfers failed."
)


def _measure(lines: int, pythons: dict[str, str]) -> Iterator[report.Row]:
    with tempfile.TemporaryDirectory(prefix="fthg-bench-") as directory:
        paths = [Path(directory) / f"{part}.jsonl" for part in range(_SLICES)]
        for part, path in enumerate(paths):
            _write(path, Slice(part, _SLICES), lines)
        for name, python in pythons.items():
            command = [python, "-m", "fthg", "-qq", "--from-results", *map(str, paths)]
            wall, cpu, peak = _run(command)
            yield (
                f"{lines:,}, {name}",
                f"{wall:.1f}",
                f"{cpu:.1f}",
                f"{1e6 * cpu / lines:.1f}",
                f"{peak / 1e6:.0f}",
            )


def _run(command: list[str]) -> tuple[float, float, int]:
    """Run a program; return its seconds, those of CPU, and the peak of memory of all processes."""
    began, peak = time.monotonic(), 0
    with subprocess.Popen(command, cwd=Path(__file__).parent.parent) as process:
        while True:
            pid, status, used = os.wait4(process.pid, os.WNOHANG)
            if pid:
                process.returncode = os.waitstatus_to_exitcode(status)
                break
            peak = max(peak, machine.memory(process.pid))
            time.sleep(0.1)
    if process.returncode:
        sys.exit(f"bench: the merge ended with status {process.returncode}")
    return time.monotonic() - began, used.ru_utime + used.ru_stime, peak


def _write(path: Path, slice_: Slice, lines: int) -> None:
    """Write the results of one slice, those that end within a time in the order of their ends."""
    dice = random.Random(slice_.part)
    numbers = range(slice_.part, lines, slice_.of)
    with open(path, "wb") as file:
        for first in range(0, len(numbers), _AT_ONCE):
            some = [_result(seq, dice) for seq in numbers[first : first + _AT_ONCE]]
            some.sort(key=lambda result: result.end or 0)
            file.writelines(result_lines(some, "bench", 0, str(slice_)))


def _result(seq: int, dice: random.Random) -> Result:
    due = _BEGAN + seq * SECOND // _RATE
    start = due + dice.randrange(20_000, 300_000)
    failed = dice.random() < 0.01
    return Result(
        job="orders",
        seq=seq,
        uuid=str(uuid.UUID(int=dice.getrandbits(128))),
        name=f"order-{seq % 100}.xml",
        size=1024,
        outcome="failed" if failed else "ok",
        due=due,
        start=start,
        end=start + dice.randrange(2_000_000, 40_000_000),
        code=503 if failed else 200,
        error="status" if failed else None,
        detail="Service Unavailable" if failed else None,
        bytes=1024,
        phases={"sending": dice.random() / 1000, "waiting": dice.random() / 50},
        peer=Peer("127.0.0.1:8080", 40_000 + seq % 50, reused=True),
    )


if __name__ == "__main__":
    main()

"""Speed and memory of the merge: `python -m bench.merge [LINES ...]`.

Writes the results of four slices of one run, as fthg does, with LINES lines together (default: a
million), then runs `fthg --from-results` on them, and prints a table; `--write` puts it into
bench/RESULTS.md. A line takes about 410 bytes of the disk.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

from fthg.clock import SECOND
from fthg.peer import Peer
from fthg.results.write import result_lines
from fthg.slices import Slice
from fthg.transfer import Result

from . import machine, report, section
from .measure import wait
from .rounds import Rounds

_SLICES = 4
_RATE = 5000
_BEGAN = 1_790_000_000 * SECOND
_AT_ONCE = 2000


def main() -> None:
    """Measure, print the results, and write them if that is wanted."""
    options = section.parser_of("merge", str(__doc__), "lines").parse_args()
    busy = machine.busy()
    found = measure(Rounds(1), options.lines, section.sets_of(options))
    section.publish(found, busy, write=options.write)


def measure(rounds: Rounds, sizes: Iterable[int], pythons: Mapping[str, str]) -> section.Section:
    """Measure each number of lines with each dependency set."""
    rows = [row for lines in sizes for row in _measure(rounds, lines, pythons)]
    return section.Section(report.MERGING, _HOW, _COLUMNS, rows)


_COLUMNS = ("lines", "s in all", "CPU s", "CPU µs a line", "peak MB")
_HOW = (
    f"Measured by `python -m bench.merge`, {date.today():%Y-%m-%d}: the whole program "
    f"merges the files of {_SLICES} slices of one run, on all cores; 1 % of the transfers failed."
)


def _measure(rounds: Rounds, lines: int, pythons: Mapping[str, str]) -> Iterator[report.Row]:
    with tempfile.TemporaryDirectory(prefix="fthg-bench-") as directory:
        paths = [Path(directory) / f"{part}.jsonl" for part in range(_SLICES)]
        for part, path in enumerate(paths):
            _write(path, Slice(part, _SLICES), lines)
        for name, python in pythons.items():
            command = [python, "-m", "fthg", "-qq", "--from-results", *map(str, paths)]
            wall, cpu, peak = _run(command)
            rounds.add_figure(f"merging {lines:,}, CPU a line", name, 1e6 * cpu / lines)
            yield (
                f"{lines:,}, {name}",
                f"{wall:.1f}",
                f"{cpu:.1f}",
                f"{1e6 * cpu / lines:.1f}",
                f"{peak / 1e6:.0f}",
            )


def _run(command: list[str]) -> tuple[float, float, float]:
    """Run a program; return its seconds, those of CPU, and the peak of memory of all processes."""
    with (
        machine.all_cores(),
        subprocess.Popen(command, cwd=Path(__file__).parent.parent) as process,
    ):
        run = wait(process)
    if run.status:
        sys.exit(f"bench: the merge ended with status {run.status}")
    return run.seconds, run.cpu, run.peak


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

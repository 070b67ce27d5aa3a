from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from fthg.load.outputs.prometheus.processes import ProcessFigures

TICKS, PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")


def values(figures: ProcessFigures) -> dict[str, float]:
    lines = [line for line in figures.text().splitlines() if not line.startswith("#")]
    return {line.split()[0]: float(line.split()[1]) for line in lines}


def made(proc: Path, pid: int, *, cpu: int, pages: int, descriptors: int) -> Path:
    """Make the directory of a process that was started 500 ticks after the boot."""
    home = proc / str(pid)
    (home / "fd").mkdir(parents=True)
    for number in range(descriptors):
        (home / "fd" / str(number)).touch()
    fields = ["0"] * 50
    fields[11], fields[14], fields[19], fields[21] = str(cpu), "7", "500", str(pages)
    (home / "stat").write_text(f"{pid} (a ) b) {' '.join(fields)}")
    return home


def test_this_process_is_described() -> None:
    found = values(ProcessFigures())
    assert found["process_resident_memory_bytes"] > 5_000_000
    assert found["process_cpu_seconds_total"] > 0
    assert 2 < found["process_open_fds"] < found["process_max_fds"]
    assert 0 < time.time() - found["process_start_time_seconds"] < 100_000


def test_workers_are_added_and_of_descriptors_the_most_counts(tmp_path: Path) -> None:
    own = made(tmp_path, 10, cpu=100, pages=3, descriptors=4)
    made(tmp_path, 11, cpu=200, pages=5, descriptors=9)
    for thread, children in (("10", "11 "), ("12", "13 ")):  # 13 has just ended
        (own / "task" / thread).mkdir(parents=True)
        (own / "task" / thread / "children").write_text(children)
    (tmp_path / "stat").write_text("cpu 1 2 3\nbtime 1700000000\n")
    found = values(ProcessFigures(str(tmp_path), "10"))
    assert found["process_cpu_seconds_total"] == 314 / TICKS
    assert found["process_resident_memory_bytes"] == 8 * PAGE
    assert found["process_open_fds"] == 9
    assert found["process_start_time_seconds"] == pytest.approx(1_700_000_000 + 500 / TICKS)


def test_without_proc_there_are_none(tmp_path: Path) -> None:
    assert ProcessFigures(str(tmp_path)).text() == ""

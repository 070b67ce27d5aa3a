from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HANGS = """
import os, sys
from fthg.writing import leave_hanging_files
from fthg.writing.writer import Writer
_, full = os.pipe()
def write(pieces):
    os.write(full, pieces[0])
    return ()
writer = Writer(write, 1 << 20, len)
writer.start("a test")
writer.put(bytes(int(sys.argv[1])))
print(len(writer.close(0.3)), flush=True)
leave_hanging_files()
print(open("/proc/self/task/%d/children" % os.getpid()).read().strip() or "alone")
sys.exit(7)
"""


def left(size: int) -> subprocess.CompletedProcess[str]:
    """Let a pipe have so many bytes that nobody reads, and leave."""
    return subprocess.run(
        [sys.executable, "-c", HANGS, str(size)],
        capture_output=True,  # until the last process that could write has ended
        text=True,
        timeout=30,
        check=False,
    )


def test_a_process_whose_writers_have_ended_leaves_nobody_behind() -> None:
    done = left(1000)
    assert (done.returncode, done.stdout, done.stderr) == (7, "0\nalone\n", "")


def test_one_whose_writer_hangs_leaves_a_child_that_ends_after_it() -> None:
    done = left(1_000_000)
    hung, child = done.stdout.split()
    assert (done.returncode, hung, done.stderr) == (7, "1", "")
    assert not Path(f"/proc/{child}/fd/0").exists()

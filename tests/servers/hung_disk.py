"""A real file system, mounted by FUSE, whose operations hang on demand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from . import missing, need

_PROGRAM = "tests.servers.programs.hung_disk"
OPERATIONS = ("stat", "open", "read", "write", "names")
"""The operations that can hang; stat looks a path up first, and closing a file is a write."""


class HungDisk:
    """A mounted file system: `path` may hang, `behind` has the same files and never does.

    Whoever uses `path` of a disk that hangs, hangs: a test looks into `behind`.
    """

    def __init__(self, path: Path, behind: Path, process: subprocess.Popen[str]) -> None:
        self.path = path
        self.behind = behind
        self._process = process

    def hang(self, *operations: str) -> None:
        """Let these operations hang, all without a name, until it goes on or their caller dies."""
        self._command(f"hang {' '.join(operations or OPERATIONS)}")

    def go_on(self) -> None:
        """Carry out all that hangs, and what comes."""
        self._command("go on")

    def _command(self, words: str) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{words}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer == "done\n", f"the file system has ended: {answer!r}"


@contextmanager
def hung_disk(directory: Path) -> Iterator[HungDisk]:
    """Mount one for the length of a block, in this directory; it does not hang yet.

    What hangs at the end of the block fails, whatever the test did.
    """
    fusermount = need("fusermount3")
    if not Path("/dev/fuse").exists():
        missing("/dev/fuse")
    path, behind = directory.absolute() / "disk", directory.absolute() / "behind"
    for each in (path, behind):
        each.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", _PROGRAM, fusermount, str(behind), str(path)],
        cwd=str(Path(__file__).parents[2]),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # it unmounts also when all of a terminal's processes are killed
    )
    with process:
        try:
            if not process.stdout or process.stdout.readline() != "mounted\n":
                missing("the right to mount by FUSE")
            yield HungDisk(path, behind, process)
        finally:
            _end(process, fusermount, path)


def _end(process: subprocess.Popen[str], fusermount: str, path: Path) -> None:
    """End the file system, by its own will or by force, and see that nothing stays mounted."""
    assert process.stdin
    with suppress(OSError):
        process.stdin.close()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()  # with it, all that waits for it fails
        process.wait(5)
    if f" {path} " in Path("/proc/self/mounts").read_text():
        subprocess.run([fusermount, "-u", "-z", "--", str(path)], check=True, timeout=20)

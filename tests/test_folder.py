from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.hung_disk import hung_disk

_LOOKING = """\
import os, sys, threading
from fthg.folder import Folder

with Folder(sys.argv[1]).scan() as entries:
    look = getattr(next(entries), sys.argv[2])
    print("listed", flush=True)
    sys.stdin.readline()
    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    looking.join(0.3)
    print("still looking" if looking.is_alive() else "done", flush=True)
os._exit(0)
"""


@pytest.mark.parametrize("look", ["is_symlink", "is_dir", "is_file", "stat"])
def test_others_run_while_an_entry_is_looked_at_that_hangs(tmp_path: Path, look: str) -> None:
    with hung_disk(tmp_path) as disk:
        (disk.behind / "a").touch()
        command = [sys.executable, "-c", _LOOKING, str(disk.path), look]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                assert process.stdout
                assert process.stdout.readline() == "listed\n"
                disk.hang("stat")
                assert process.communicate("\n", timeout=10)[0] == "still looking\n"
            finally:
                process.kill()

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import until

# Notes each signal, and ends half a second after the first.
CHILD = """
import signal, sys, time
notes = open(sys.argv[1], "a", buffering=1)
stop = []
def note(number, _):
    notes.write(f"{number}\\n")
    stop.append(time.monotonic())
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, note)
notes.write("ready\\n")
while not stop or time.monotonic() < stop[0] + 0.5:
    time.sleep(0.05)
sys.exit(7)
"""
PARENT = """
import fcntl, sys, termios
if sys.stdin.isatty():
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from fthg.lab.children import Child, catch_signals
catch_signals()
child = Child([sys.executable, "-c", sys.argv[1], sys.argv[2]])
status = child.wait()
sys.exit(status if child.interrupted else 99)
"""


def notes(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_us_is_passed_on_once(tmp_path: Path, number: int) -> None:
    path = tmp_path / "notes"
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, CHILD, str(path)], stdin=subprocess.DEVNULL
    )
    until(lambda: notes(path) == ["ready"])
    parent.send_signal(number)
    assert parent.wait(30) == 7
    assert notes(path) == ["ready", str(int(number))]


def test_ctrl_c_at_a_terminal_reaches_the_child_once(tmp_path: Path) -> None:
    path = tmp_path / "notes"
    ours, theirs = os.openpty()
    try:
        parent = subprocess.Popen(
            [sys.executable, "-c", PARENT, CHILD, str(path)],
            stdin=theirs,
            start_new_session=True,
        )
        until(lambda: notes(path) == ["ready"])
        os.write(ours, b"\x03")
        assert parent.wait(30) == 7
    finally:
        os.close(ours)
        os.close(theirs)
    assert notes(path) == ["ready", str(int(signal.SIGINT))]

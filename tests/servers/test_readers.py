from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from typing import Callable

import gevent
import pytest

from . import need
from .readers import Reader, pipe, terminal

MUCH = 1_000_000  # bytes: more than a terminal or a pipe holds
WRITE = f"import os; left = {MUCH}\nwhile left: left -= os.write(1, b'x' * min(left, 4096))"


def start(reader: Reader, *command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdin=reader.end, stdout=reader.end)


@pytest.mark.parametrize("make", [terminal, pipe])
def test_a_reader_pauses_and_goes_on(make: Callable[[], AbstractContextManager[Reader]]) -> None:
    with make() as reader:
        reader.pause()
        process = start(reader, sys.executable, "-c", WRITE)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        reader.go_on()
        assert process.wait(20) == 0
        with gevent.Timeout(20):
            while len(reader.said) < MUCH:
                gevent.sleep(0.01)


def test_a_pipe_whose_reader_goes_away_is_broken() -> None:
    with pipe() as reader:
        reader.go_away()
        with pytest.raises(BrokenPipeError):
            os.write(reader.end, b"x")
        reader.go_on()  # has no effect


def test_a_terminal_that_goes_away_sends_a_signal() -> None:
    with terminal() as reader:
        source = (
            # nohup ignores it
            "import signal, time; signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
            "print('here', flush=True); time.sleep(30)"
        )
        process = start(reader, need("setsid"), "--ctty", sys.executable, "-c", source)
        with gevent.Timeout(20):
            while b"here" not in reader.said:
                gevent.sleep(0.01)
        reader.go_away()
        assert process.wait(10) == -signal.SIGHUP

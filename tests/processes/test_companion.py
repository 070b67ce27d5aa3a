"""Calls that a child process makes for its parent: real ones."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import gevent
import pytest

from fthg.errors import DatabaseError
from fthg.log import Log
from fthg.processes.companion import Companion, CompanionLostError
from tests.waiting import until_ended

_log = Log("fthg.served")


class Served:
    """The object of the child."""

    def __init__(self) -> None:
        self._count = 0

    def count(self) -> Iterator[int]:
        self._count += 1
        yield self._count

    def many(self, number: int) -> Iterator[bytes]:
        for _ in range(number):
            yield b"x" * 100_000

    def fail(self) -> None:
        raise DatabaseError("no such table")

    def break_down(self) -> None:
        raise KeyError("surprise")

    def tell(self) -> Iterator[int]:
        _log.warning("told", reason=ValueError("odd"), number=7)
        yield os.getpid()

    def write(self, descriptor: int, text: str) -> None:
        os.write(descriptor, text.encode())

    def close(self) -> None:
        """End nothing."""


def test_the_object_lives_as_long_as_the_process() -> None:
    with closing(Companion(Served)) as companion:
        assert list(companion.call("count")) == [1]
        assert list(companion.call("count")) == [2]
    assert not os.path.exists(f"/proc/{companion.pid}")


def test_errors_arrive_as_they_are_and_the_next_call_succeeds() -> None:
    with closing(Companion(Served)) as companion:
        with pytest.raises(DatabaseError, match=r"^no such table$"):
            list(companion.call("fail"))
        with pytest.raises(RuntimeError, match=r"(?s)break_down.*KeyError: 'surprise'"):
            list(companion.call("break_down"))
        assert list(companion.call("count")) == [1]


def test_what_it_logs_is_logged_here(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("fthg").setLevel(logging.WARNING)
    with closing(Companion(Served)) as companion:
        assert list(companion.call("tell")) == [companion.pid]
    (record,) = caplog.records
    assert (record.getMessage(), record.levelname) == ("told", "WARNING")
    assert record.__dict__["fields"] == {"reason": "odd", "number": 7}


def test_it_waits_while_its_answers_are_not_taken() -> None:
    with closing(Companion(Served)) as companion:
        answers = companion.call("many", 10_000)  # a gigabyte
        next(answers)
        before = _memory(companion.pid)
        gevent.sleep(0.5)
        assert _memory(companion.pid) - before < 50_000


def _memory(pid: int) -> int:
    """Return KiB of a process's own memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("RssAnon")]
    return int(line.split()[1])


def test_it_writes_into_a_file_of_its_parent(tmp_path: Path) -> None:
    with closing(Companion(Served)) as companion, open(tmp_path / "file", "wb") as file:
        assert list(companion.call("write", "text", file=file.fileno())) == []
    assert (tmp_path / "file").read_text() == "text"


def test_its_death_between_two_calls_is_an_error_at_once() -> None:
    with closing(Companion(Served)) as companion, gevent.Timeout(5):
        os.kill(companion.pid, signal.SIGKILL)
        with pytest.raises(CompanionLostError, match=r"^it was ended by SIGKILL$"):
            list(companion.call("count"))
    assert not os.path.exists(f"/proc/{companion.pid}")


def test_its_death_in_mid_answer_is_an_error_at_once() -> None:
    with closing(Companion(Served)) as companion, gevent.Timeout(5):
        answers = companion.call("many", 10_000)
        next(answers)
        os.kill(companion.pid, signal.SIGKILL)
        with pytest.raises(CompanionLostError, match=r"^it was ended by SIGKILL$"):
            list(answers)
    assert not os.path.exists(f"/proc/{companion.pid}")


def test_one_that_is_stopped_is_ended_all_the_same() -> None:
    companion = Companion(Served)
    os.kill(companion.pid, signal.SIGSTOP)
    with gevent.Timeout(5):
        companion.close()
    assert not os.path.exists(f"/proc/{companion.pid}")


def test_no_greenlet_of_the_parent_runs_in_it(tmp_path: Path) -> None:
    seen = tmp_path / "seen"

    def write_pid() -> None:
        while True:
            with open(seen, "a") as file:
                file.write(f"{os.getpid()}\n")
            gevent.sleep(0.01)

    def work() -> None:
        with closing(Companion(Served)) as companion:
            list(companion.call("count"))
            gevent.sleep(0.3)

    writing = gevent.spawn(write_pid)
    gevent.sleep(0.05)
    gevent.spawn(work).get()
    writing.kill()
    assert set(seen.read_text().split()) == {str(os.getpid())}


def test_it_ends_with_its_parent() -> None:
    reader, writer = os.pipe()
    parent = os.fork()
    if parent == 0:
        companion = Companion(Served)
        os.write(writer, str(companion.pid).encode())
        os.kill(os.getpid(), signal.SIGKILL)
    child = int(os.read(reader, 20))
    os.waitpid(parent, 0)
    until_ended(child, 5)
    os.close(reader)
    os.close(writer)

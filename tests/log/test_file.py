from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from gevent import monkey

from fthg.errors import StartError
from fthg.log import FileSettings, Log
from fthg.log.entry import LogEntry
from fthg.log.file import FileOutput
from tests.screen import Screen
from tests.unread_pipe import unread_pipe

from .conftest import Opener
from .waking import FakeClock, eventually

log = Log("fthg.test")
close = monkey.get_original("os", "close")


def ends_with(path: Path, word: str) -> bool:
    """Return True if this is the last word of a log, soon."""
    return eventually(lambda: path.exists() and path.read_text().split()[-1:] == [word])


@pytest.fixture
def unread(tmp_path: Path) -> Iterator[Path]:
    """A pipe whose reader does not read: it takes 64 KiB."""
    path = tmp_path / "unread"
    with unread_pipe(path):
        yield path


def test_lines_are_appended_and_others_cannot_read_them(opened: Opener, tmp_path: Path) -> None:
    path = tmp_path / "fthg.log"
    opened(file=FileSettings(str(path), logging.INFO)).close()
    opened(file=FileSettings(str(path), logging.INFO))
    log.info("one", x=1)
    log.debug("not wanted")
    assert stat.S_IMODE(path.stat().st_mode) & ~0o640 == 0
    assert ends_with(path, "x=1")
    assert [line.split(" ", 1)[1] for line in path.read_text().splitlines()] == ["INFO  one  x=1"]
    log.info("two")
    assert ends_with(path, "two")


def test_each_line_of_json_is_an_object(opened: Opener, tmp_path: Path) -> None:
    path = tmp_path / "fthg.log"
    logs = opened(file=FileSettings(str(path), logging.INFO, "json"), secrets=['p"w\\d1'])
    log.info("said", value='my p"w\\d1', repr=repr('p"w\\d1'))
    logs.close()
    said = json.loads(path.read_text())
    assert said["value"] == "my ***"
    assert said["repr"] == "'***'"


def test_logrotate_moves_the_file_and_reopen_follows(opened: Opener, tmp_path: Path) -> None:
    path, old = tmp_path / "fthg.log", tmp_path / "fthg.log.1"
    logs = opened(file=FileSettings(str(path), logging.INFO))
    log.info("before")
    assert ends_with(path, "before")
    path.rename(old)
    log.info("between")
    logs.reopen()
    log.info("after")
    assert ends_with(path, "after")
    assert [line.split()[-1] for line in old.read_text().splitlines()] == ["before", "between"]


@pytest.mark.parametrize(
    "move", [lambda path: path.rename(f"{path}.1"), lambda path: path.unlink()]
)
def test_a_file_moved_or_deleted_is_noticed_without_a_signal(
    opened: Opener, tmp_path: Path, clock: FakeClock, move: object
) -> None:
    path = tmp_path / "fthg.log"
    opened(file=FileSettings(str(path), logging.INFO))
    log.info("before")
    assert ends_with(path, "before")
    assert callable(move)
    move(path)
    clock.advance(1.5)
    log.info("after")
    assert ends_with(path, "after")


def test_a_deleted_directory_is_reported_once_and_the_old_file_is_kept(
    opened: Opener, tmp_path: Path, clock: FakeClock, screen: Screen
) -> None:
    path = tmp_path / "logs" / "fthg.log"
    path.parent.mkdir()
    logs = opened(file=FileSettings(str(path), logging.INFO), console=screen.at(logging.WARNING))
    path.parent.rename(tmp_path / "moved")
    for _ in range(3):
        clock.advance(1.5)
        log.info("still here")
    logs.reopen()
    logs.close()
    assert (tmp_path / "moved" / "fthg.log").read_text().count("still here") == 3
    (line,) = screen.lines
    assert "log file cannot be opened again" in line
    assert str(path) in line


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("none/fthg.log", "create the directory"), ("", "name a file in that directory")],
)
def test_a_file_that_cannot_be_opened_stops_the_start(
    opened: Opener, tmp_path: Path, name: str, remedy: str
) -> None:
    before = logging.getLogger().handlers[:]
    with pytest.raises(StartError, match=remedy) as caught:
        opened(file=FileSettings(str(tmp_path / name)))
    assert str(tmp_path / name) in str(caught.value)
    assert logging.getLogger().handlers == before


def test_a_pipe_that_nobody_reads_does_not_hang_the_start(opened: Opener, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StartError, match="pipe that nobody reads"):
        opened(file=FileSettings(str(tmp_path / "pipe")))


def test_a_file_cut_off_by_an_earlier_kill_is_continued_on_a_new_line(
    opened: Opener, tmp_path: Path
) -> None:
    path = tmp_path / "fthg.log"
    path.write_text("one\ntw")
    opened(file=FileSettings(str(path), logging.INFO))
    log.info("three")
    assert ends_with(path, "three")
    assert path.read_text().startswith("one\ntw\n")
    assert path.read_text().endswith("INFO  three\n")


@pytest.mark.parametrize("name", ["/dev/fd/{}", "/proc/self/fd/{}"])
def test_a_descriptor_is_written_to_and_stays_open(
    opened: Opener, tmp_path: Path, clock: FakeClock, name: str
) -> None:
    with (tmp_path / "file").open("w") as file:
        file.write("before\n")
        file.flush()
        logs = opened(file=FileSettings(name.format(file.fileno()), logging.INFO))
        log.info("one")
        clock.advance(1.5)
        logs.reopen()
        log.info("two")
        logs.close()
        file.write("after\n")
    lines = (tmp_path / "file").read_text().splitlines()
    assert [line.split()[-1] for line in lines] == ["before", "one", "two", "after"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(place)],
        check=False,
        capture_output=True,
    )
    if made.returncode:
        pytest.skip("only root can mount a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_while_a_disk_is_full_lines_wait_which_is_reported_once_and_follow_later(
    opened: Opener, small_disk: Path, screen: Screen, clock: FakeClock
) -> None:
    path, ballast = small_disk / "fthg.log", small_disk / "ballast"
    logs = opened(file=FileSettings(str(path), logging.INFO), console=screen.at(logging.WARNING))
    ballast.write_bytes(bytes(8192))
    for number in range(100):
        log.info("line", number=number, filler="x" * 60)

    def is_reported() -> bool:
        clock.advance(1)
        return bool(screen.lines)

    assert eventually(is_reported)
    assert "log file cannot be written; lines wait in memory" in screen.lines[0]
    assert "No space left" in screen.lines[0]
    ballast.unlink()
    log.info("there is room again")
    logs.close()
    kept = path.read_text().splitlines()
    assert [f"number={number} " in line for number, line in enumerate(kept[:100])] == [True] * 100
    assert [line[25:] for line in kept[101:]] == ["INFO  there is room again"]
    assert len(screen.lines) == 2
    assert "log file is written again" in screen.lines[1]


def test_lines_that_an_unread_pipe_does_not_take_delay_nobody_and_are_counted(
    opened: Opener, unread: Path, screen: Screen
) -> None:
    logs = opened(file=FileSettings(str(unread), logging.INFO), console=screen.at(logging.WARNING))
    logs.hurry(0.05)
    began = time.monotonic()
    for number in range(300):
        log.info("line", number=number, filler="x" * 1000)
    logs.reopen()
    assert time.monotonic() - began < 5
    logs.close()
    assert time.monotonic() - began < 10
    (line,) = screen.lines
    assert f"log lines were lost  where={unread} lost=" in line
    assert 200 < int(line.split("lost=")[1]) <= 300


def test_lost_lines_are_named_in_the_file_once_it_goes_on_and_on_the_other_outputs(
    unread: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    output = FileOutput(FileSettings(str(unread), logging.INFO), clock, 200_000)
    for number in range(300):
        output.write(LogEntry(number, logging.INFO, "fthg.test", "line", {"filler": "x" * 1000}))
    assert 0 < output.lost < 300
    assert [record.message for record in caplog.records] == [
        "log file takes no more lines; they are lost"
    ]
    reader = os.open(unread, os.O_RDONLY | os.O_NONBLOCK)
    text = bytearray()

    def read() -> bool:
        with suppress(BlockingIOError):
            text.extend(os.read(reader, 1 << 20))
        output.tick()
        return text.endswith(f"lost={output.lost}\n".encode())

    assert eventually(read)
    output.write(LogEntry(0, logging.INFO, "fthg.test", "and on", {}))
    lost = output.lost
    output.close()
    text.extend(os.read(reader, 1 << 20))
    close(reader)
    lines = text.decode().splitlines()
    assert lines[-2].endswith(f"ERROR log lines were lost  lost={lost}")
    assert lines[-1].endswith("INFO  and on")
    assert len(lines) == 300 - lost + 2
    assert output.lost == lost

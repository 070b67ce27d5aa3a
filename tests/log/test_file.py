from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fthg.errors import StartError
from fthg.log import FileSettings, Log
from tests.screen import Screen

from .conftest import Opener
from .waking import FakeClock

log = Log("fthg.test")


def test_lines_are_appended_and_others_cannot_read_them(opened: Opener, tmp_path: Path) -> None:
    path = tmp_path / "fthg.log"
    opened(file=FileSettings(str(path), logging.INFO)).close()
    opened(file=FileSettings(str(path), logging.INFO))
    log.info("one", x=1)
    log.debug("not wanted")
    assert stat.S_IMODE(path.stat().st_mode) & ~0o640 == 0
    assert [line.split(" ", 1)[1] for line in path.read_text().splitlines()] == ["INFO  one  x=1"]
    log.info("two")
    assert path.read_text().endswith("INFO  two\n")


def test_each_line_of_json_is_an_object(opened: Opener, tmp_path: Path) -> None:
    path = tmp_path / "fthg.log"
    opened(file=FileSettings(str(path), logging.INFO, "json"), secrets=['p"w\\d1'])
    log.info("said", value='my p"w\\d1', repr=repr('p"w\\d1'))
    said = json.loads(path.read_text())
    assert said["value"] == "my ***"
    assert said["repr"] == "'***'"


def test_logrotate_moves_the_file_and_reopen_follows(opened: Opener, tmp_path: Path) -> None:
    path, old = tmp_path / "fthg.log", tmp_path / "fthg.log.1"
    logs = opened(file=FileSettings(str(path), logging.INFO))
    log.info("before")
    path.rename(old)
    log.info("between")
    logs.reopen()
    log.info("after")
    assert [line.split()[-1] for line in old.read_text().splitlines()] == ["before", "between"]
    assert path.read_text().split()[-1] == "after"


@pytest.mark.parametrize(
    "move", [lambda path: path.rename(f"{path}.1"), lambda path: path.unlink()]
)
def test_a_file_moved_or_deleted_is_noticed_without_a_signal(
    opened: Opener, tmp_path: Path, clock: FakeClock, move: object
) -> None:
    path = tmp_path / "fthg.log"
    opened(file=FileSettings(str(path), logging.INFO))
    log.info("before")
    assert callable(move)
    move(path)
    clock.advance(1.5)
    log.info("after")
    assert path.read_text().split()[-1] == "after"


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


def test_a_full_disk_is_reported_once_and_the_lost_lines_are_counted(
    opened: Opener, small_disk: Path, screen: Screen
) -> None:
    path, ballast = small_disk / "fthg.log", small_disk / "ballast"
    logs = opened(file=FileSettings(str(path), logging.INFO), console=screen.at(logging.WARNING))
    ballast.write_bytes(bytes(8192))
    for number in range(200):
        log.info("line", number=number, filler="x" * 60)
    assert len(screen.lines) == 1
    assert "log file cannot be written; lines are lost" in screen.lines[0]
    assert "No space left" in screen.lines[0]
    ballast.unlink()
    log.info("there is room again")
    kept = path.read_text().splitlines()
    assert sum("filler=" in line and line.endswith("x" * 60) for line in kept) < 200
    assert kept[-2].endswith("INFO  there is room again")
    logs.close()
    lost = int(kept[-1].split("lost=")[1])
    assert "log lines were lost" in screen.lines[1]
    assert f"lost={lost}" in screen.lines[1]
    assert sum(line.endswith("x" * 60) for line in kept) + lost == 201  # and the complaint itself

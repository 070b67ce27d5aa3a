from __future__ import annotations

import json
import os
import resource
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gevent
import pytest
from gevent import monkey

from fthg.clock import SECOND, Clock
from fthg.errors import StartError
from fthg.results.file import ResultsFile
from fthg.standstill import Standstill
from tests.unread_pipe import PAGE, unread_pipe

from ..fakes import FakeClock
from ..load.results_of import result
from ..log.waking import elsewhere, eventually
from ..writing.disk import room

sleep = monkey.get_original("time", "sleep")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results.jsonl"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting needs root")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def opened(path: Path, **options: Any) -> ResultsFile:
    return ResultsFile(str(path), "r1", Clock(), **options)


def closed(results: ResultsFile) -> None:
    results.close()
    results.report()


def reported(results: ResultsFile, caplog: pytest.LogCaptureFixture) -> None:
    """Wait until something is logged."""

    def is_logged() -> bool:
        results.report()
        return bool(caplog.records)

    assert eventually(is_logged)


def handed_over(results: ResultsFile, path: Path, lines: int) -> None:
    """Hand all over, and wait until the file has so many lines."""
    results.flush()
    assert eventually(lambda: path.exists() and len(path.read_text().splitlines()) == lines)


def test_the_line_of_a_standstill_stands_after_the_results_before_it(path: Path) -> None:
    file = ResultsFile(str(path), "r1", FakeClock(utc=0))
    file.write(result(seq=1))
    file.write_standstill(Standstill(SECOND, 2 * SECOND, 3, "unknown"), {})
    file.write(result(seq=2))
    closed(file)
    first, standstill, last = map(json.loads, path.read_text().splitlines())
    assert (first["seq"], last["seq"]) == (1, 2)
    assert standstill["standstill"]["start"] == 1


def seqs(path: Path) -> list[int]:
    """Return the numbers of the whole lines: a last one may be half written."""
    lines = path.read_text().splitlines(keepends=True)
    return [json.loads(line)["seq"] for line in lines if line.endswith("\n")]


def test_all_lines_are_there_after_closing(path: Path) -> None:
    results = opened(path)
    for seq in range(1000):
        results.write(result(seq=seq))
    closed(results)
    assert seqs(path) == list(range(1000))
    assert results.lost == 0


def test_a_line_is_in_the_file_within_a_second_with_no_more_calls(path: Path) -> None:
    results = opened(path)
    results.write(result())
    with gevent.Timeout(10):
        while not path.read_text():
            gevent.sleep(0.02)
    assert seqs(path) == [0]
    closed(results)


def test_durations_within_a_line_are_those_of_the_clock(path: Path) -> None:
    results = opened(path)
    results.write(result())
    closed(results)
    line = json.loads(path.read_text())
    assert line["end"] - line["start"] == pytest.approx(0.02, abs=2e-6)


def test_results_are_appended_and_nobody_else_may_read_them(path: Path) -> None:
    for seq in range(2):
        results = opened(path)
        results.write(result(seq=seq))
        closed(results)
    assert seqs(path) == [0, 1]
    assert stat.S_IMODE(path.stat().st_mode) & ~0o640 == 0


def test_a_file_cut_off_by_an_earlier_kill_is_continued_on_a_new_line(path: Path) -> None:
    path.write_text('{"run":"r0"}\n{"run":"r')
    results = opened(path)
    results.write(result(seq=7))
    closed(results)
    lines = path.read_text().split("\n")
    assert lines[:2] == ['{"run":"r0"}', '{"run":"r']
    assert json.loads(lines[2])["seq"] == 7
    assert lines[3:] == [""]


def test_a_rotated_file_is_followed(path: Path) -> None:
    results = opened(path)
    results.write(result(seq=1))
    path.rename(path.with_suffix(".1"))
    results.reopen()
    results.write(result(seq=2))
    closed(results)
    assert seqs(path.with_suffix(".1")) == [1]
    assert seqs(path) == [2]


def test_where_the_new_file_cannot_be_opened_the_old_one_goes_on(tmp_path: Path) -> None:
    directory = tmp_path / "results"
    directory.mkdir()
    results = opened(directory / "r.jsonl")
    directory.rename(tmp_path / "moved")
    results.reopen()
    results.write(result(seq=3))
    closed(results)
    assert seqs(tmp_path / "moved" / "r.jsonl") == [3]


def test_a_missing_directory_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"nowhere/r.jsonl .* create the directory .*/nowhere"):
        opened(tmp_path / "nowhere" / "r.jsonl")


def test_a_directory_is_no_results_file(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="name a file in that directory"):
        opened(tmp_path)


def test_while_the_disk_is_full_lines_wait_and_later_follow(
    small_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    filler = small_disk / "filler"
    filler.write_bytes(bytes(60 * 1024))
    results = opened(small_disk / "r.jsonl")
    for seq in range(100):
        results.write(result(seq=seq))
        if seq % 10 == 0:
            results.flush()
    reported(results, caplog)
    filler.unlink()
    results.write(result(seq=100))
    closed(results)
    assert seqs(small_disk / "r.jsonl") == list(range(101))
    assert results.lost == 0
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]


def test_a_deleted_file_is_created_again_and_logged_once(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    results = opened(path)
    results.write(result(seq=1))
    handed_over(results, path, 1)
    path.unlink()
    for seq in (2, 3):
        results.write(result(seq=seq))
        handed_over(results, path, seq - 1)
    closed(results)
    assert seqs(path) == [2, 3]
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_lines_wait_while_even_the_directory_is_gone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    directory = tmp_path / "results"
    directory.mkdir()
    results = opened(directory / "r.jsonl")
    shutil.rmtree(directory)
    for seq in range(3):
        results.write(result(seq=seq))
        results.flush()
    reported(results, caplog)
    directory.mkdir()
    closed(results)
    assert seqs(directory / "r.jsonl") == [0, 1, 2]
    assert results.lost == 0
    assert sorted(record.levelname for record in caplog.records) == ["ERROR", "WARNING", "WARNING"]


def test_what_a_full_disk_never_took_is_counted_as_lost(
    caplog: pytest.LogCaptureFixture,
) -> None:
    results = opened(Path("/dev/full"), backlog=10_000)
    for seq in range(100):
        results.write(result(seq=seq))
        results.flush()
    closed(results)
    assert results.lost == 100
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]


def test_a_reader_that_pauses_delays_no_transfer(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    results = opened(pipe)
    for seq in range(1000):
        results.write(result(seq=seq))
    results.flush()
    gevent.sleep(0.1)
    results.write(result(seq=1000))
    os.set_blocking(reader, True)
    hub = gevent.get_hub()
    text = b""
    while text.count(b"\n") < 1001:
        text += hub.threadpool.apply(os.read, (reader, 65536))
        results.flush()
    closed(results)
    os.close(reader)
    assert [json.loads(line)["seq"] for line in text.splitlines()] == list(range(1001))


# --- over time


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def over_time(path: Path, clock: FakeClock, **options: Any) -> ResultsFile:
    return ResultsFile(str(path), "r1", clock, **options)


def test_every_line_is_in_the_file_within_a_second(path: Path, clock: FakeClock) -> None:
    results = over_time(path, clock)
    for seq in range(50):
        results.write(result(seq=seq))
        if seq > 3:  # one a third of a second: a second ago there was this one
            assert eventually(lambda: seq - 3 in seqs(path))  # noqa: B023 - before the next one
        clock.sleep_until(clock.now() + SECOND // 3)
    closed(results)
    assert seqs(path) == list(range(50))


def test_lines_are_gathered_for_half_a_second(path: Path, clock: FakeClock) -> None:
    results = over_time(path, clock)
    results.write(result())
    clock.sleep_until(SECOND * 4 // 10)
    sleep(0.05)  # for the thread, which has nothing to write; the clock stands still
    assert path.read_text() == ""
    clock.sleep_until(SECOND * 6 // 10)
    assert eventually(lambda: seqs(path) == [0])
    closed(results)


def test_a_disk_that_is_full_for_an_hour_is_logged_once_and_loses_nothing_that_fits(
    path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    results = over_time(path, clock)
    with room(0):
        for seq in range(100):
            results.write(result(seq=seq))
            clock.sleep_until(clock.now() + 36 * SECOND)
        assert path.read_text() == ""
    assert eventually(lambda: seqs(path) == list(range(100)))
    closed(results)
    assert results.lost == 0
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]


def test_what_goes_beyond_the_backlog_is_lost_and_counted_while_the_disk_is_full(
    path: Path, clock: FakeClock
) -> None:
    results = over_time(path, clock)
    results.write(result(seq=1000))
    closed(results)
    line = path.stat().st_size
    path.unlink()
    results = over_time(path, clock, backlog=10 * line + 9)
    with room(0):
        for seq in range(1000, 1030):
            results.write(result(seq=seq))
            clock.sleep_until(clock.now() + SECOND)
            assert results.lost == max(0, seq - 1009)
    closed(results)
    assert seqs(path) == list(range(1000, 1010))


def test_after_reopening_lines_go_to_the_new_file(path: Path, clock: FakeClock) -> None:
    results = over_time(path, clock)
    for seq in range(4):
        results.write(result(seq=seq))
        path.rename(path.with_suffix(f".{seq}"))
        results.reopen()
        clock.sleep_until(clock.now() + SECOND)
        assert eventually(path.exists)
    results.write(result(seq=4))
    closed(results)
    assert seqs(path) == [4]
    assert [seqs(path.with_suffix(f".{seq}")) for seq in range(4)] == [[0], [1], [2], [3]]


def test_a_rotated_file_that_ends_within_a_line_does_not_touch_the_new_one(
    path: Path, clock: FakeClock
) -> None:
    path.write_text('{"cut')
    results = over_time(path, clock)
    path.rename(path.with_suffix(".1"))
    results.reopen()
    results.write(result())
    closed(results)
    assert seqs(path) == [0]


def test_a_file_that_was_deleted_is_created_again_within_a_second(
    path: Path, clock: FakeClock
) -> None:
    results = over_time(path, clock)
    path.unlink()
    results.write(result())
    clock.sleep_until(SECOND)
    assert eventually(lambda: path.exists() and seqs(path) == [0])
    closed(results)


def test_a_pipe_that_nobody_reads_does_not_hang_the_start(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StartError, match="pipe that nobody reads"):
        opened(tmp_path / "pipe")


@pytest.fixture
def unread(tmp_path: Path) -> Iterator[Path]:
    """A pipe whose reader does not read: it takes 64 KiB."""
    path = tmp_path / "unread"
    with unread_pipe(path):
        yield path


def test_a_write_that_hangs_does_not_keep_the_file_from_closing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with unread_pipe(tmp_path / "unread", room=PAGE):  # too little for the first lines put
        results = opened(tmp_path / "unread")
        results.close_timeout = 0.05
        for seq in range(1000):
            results.write(result(seq=seq))
        results.flush()
        gevent.sleep(0.1)
        results.write(result(seq=1000))
        with gevent.Timeout(10):
            closed(results)
    assert results.lost == 1001
    assert [record.message for record in caplog.records] == ["results were lost"]


def test_while_a_write_hangs_reopening_and_flushing_return_at_once(unread: Path) -> None:
    results = opened(unread, backlog=1 << 20)
    results.close_timeout = 0.05
    began = time.monotonic()
    for seq in range(10_000):
        results.write(result(seq=seq))
        if seq % 1000 == 0:
            results.flush()
            results.reopen()
    assert time.monotonic() - began < 10
    assert 0 < results.lost < 10_000  # beyond the backlog
    results.close()
    assert 9_000 < results.lost <= 10_000


def test_another_thread_closes_it_while_the_hub_has_no_turn(path: Path) -> None:
    results = opened(path)
    for seq in range(100):
        results.write(result(seq=seq))
    elsewhere(results.close)
    assert seqs(path) == list(range(100))
    assert results.lost == 0


def test_after_closing_nothing_is_reopened_or_written(path: Path, tmp_path: Path) -> None:
    results = opened(path)
    closed(results)
    with (tmp_path / "other").open("wb") as other:  # it takes the number of the closed descriptor
        results.reopen()
        results.write(result())
        results.flush()
        other.write(b"mine")
    assert (tmp_path / "other").read_bytes() == b"mine"
    assert path.read_bytes() == b""


def test_a_process_without_a_free_descriptor_loses_no_line(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    results = opened(path)
    path.unlink()  # so that it must be opened again
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
    try:
        for seq in range(10):
            results.write(result(seq=seq))
        results.flush()
        reported(results, caplog)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    closed(results)
    assert seqs(path) == list(range(10))
    assert results.lost == 0
    assert "Too many open files" in str(vars(caplog.records[0]))

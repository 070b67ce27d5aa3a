"""The file system of the tests: it stores, it hangs, it goes on, and nothing of it stays."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .hung_disk import HungDisk, hung_disk

USES = {
    "stat": "import os; os.stat({path!r})",
    "open": "open({path!r})",
    "read": "import os; os.read(os.open({path!r}, 0), 9)",
    "write": "import os; os.write(os.open({path!r}, 1), b'x')",
    "names": "import os; os.unlink({path!r})",
}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[HungDisk]:
    with hung_disk(tmp_path) as disk:
        yield disk


def python(source: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-I", "-c", source])


def runs(process: subprocess.Popen[bytes], seconds: float = 0.5) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return True
    return False


def test_files_are_those_of_the_directory_behind_it(disk: HungDisk) -> None:
    content = bytes(range(256)) * 2000
    (disk.path / "a").mkdir()
    (disk.path / "a" / "b").write_bytes(content)
    with (disk.path / "a" / "b").open("ab") as file:
        file.write(b"more")
    (disk.path / "a" / "b").rename(disk.path / "c")
    (disk.path / "a").rmdir()
    (disk.path / "d").write_text("d")
    (disk.path / "d").unlink()
    (disk.path / "d").write_text("again")
    assert (disk.behind / "c").read_bytes() == content + b"more"
    assert (disk.path / "c").read_bytes() == content + b"more"
    assert (disk.path / "c").stat().st_size == len(content) + 4
    assert sorted(path.name for path in disk.path.iterdir()) == ["c", "d"]
    assert (disk.path / "d").read_text() == "again"
    assert not (disk.path / "e").exists()


def test_it_lists_a_large_directory(disk: HungDisk) -> None:
    names = {f"file-{number:05}" for number in range(3000)}
    for name in names:
        (disk.behind / name).touch()
    assert {path.name for path in disk.path.iterdir()} == names


@pytest.mark.parametrize("operation", USES)
def test_an_operation_hangs_until_it_goes_on(disk: HungDisk, operation: str) -> None:
    path = disk.path / "file"
    path.write_text("content")
    disk.hang(operation)
    process = python(USES[operation].format(path=str(path)))
    assert runs(process)
    disk.go_on()
    assert process.wait(10) == 0


def test_other_operations_go_on(disk: HungDisk) -> None:
    (disk.path / "file").write_text("content")
    disk.hang("write")
    process = python(f"open({str(disk.path / 'file')!r}, 'a').write('x')")
    assert runs(process)
    assert (disk.path / "file").read_text() == "content"
    disk.go_on()
    assert process.wait(10) == 0
    assert (disk.behind / "file").read_text() == "contentx"


def test_whoever_hangs_can_be_killed(disk: HungDisk) -> None:
    disk.hang()
    process = python(USES["stat"].format(path=str(disk.path / "file")))
    assert runs(process)
    process.terminate()  # has no handler, so that it is fatal, too
    assert process.wait(10) == -15


def test_a_process_with_a_hanging_thread_can_end(disk: HungDisk) -> None:
    disk.hang()
    process = python(
        "import os, threading, time\n"
        f"threading.Thread(target=os.stat, args=[{str(disk.path)!r}]).start()\n"
        "time.sleep(0.5)\n"
        "os._exit(7)"
    )
    assert process.wait(10) == 7


def test_a_process_that_has_written_a_file_cannot_end(disk: HungDisk) -> None:
    path = disk.path / "file"
    path.touch()
    process = python(f"import os, time\nos.write(os.open({str(path)!r}, 1), b'x')\ntime.sleep(30)")
    while not (disk.behind / "file").stat().st_size:
        assert runs(process, 0.02)
    disk.hang()
    process.kill()
    assert runs(process)
    disk.go_on()
    assert process.wait(10) == -9


def test_nothing_stays_when_a_test_fails_on_a_disk_that_hangs(tmp_path: Path) -> None:
    processes = []

    def fail() -> None:
        with hung_disk(tmp_path) as disk:
            disk.hang()
            processes.append(python(USES["stat"].format(path=str(disk.path))))
            assert not runs(processes[0])

    with pytest.raises(AssertionError):
        fail()
    (process,) = processes
    assert process.wait(10) == 1  # the call has failed
    assert str(tmp_path) not in Path("/proc/self/mounts").read_text()


def test_nothing_stays_when_the_test_itself_is_killed(tmp_path: Path) -> None:
    source = (
        "import pathlib, tests.servers.hung_disk as disks\n"
        f"with disks.hung_disk(pathlib.Path({str(tmp_path)!r})) as disk:\n"
        "    disk.hang()\n"
        "    print(flush=True)\n"
        "    input()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", source],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout
    process.stdout.readline()
    assert str(tmp_path) in Path("/proc/self/mounts").read_text()
    process.kill()
    process.communicate(timeout=10)
    deadline = time.monotonic() + 10
    while str(tmp_path) in Path("/proc/self/mounts").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)

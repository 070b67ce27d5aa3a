from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fthg.errors import StartError
from fthg.writing import replacing

from . import private_dev
from .disk import room


def write(path: Path, text: str = "new") -> None:
    with replacing(str(path)) as file:
        file.write(text)


@contextmanager
def umask(bits: int) -> Iterator[None]:
    before = os.umask(bits)
    try:
        yield
    finally:
        os.umask(before)


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, OSError])
def test_the_old_file_stays_unless_the_new_one_is_whole(
    tmp_path: Path, error: type[BaseException]
) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def fail() -> None:
        with replacing(str(path)) as file:
            file.write("new")
            raise error("in the middle")

    with pytest.raises((error, StartError), match="in the middle"):
        fail()
    assert os.listdir(tmp_path) == ["file"]
    assert path.read_text() == "old"
    write(path)
    assert os.listdir(tmp_path) == ["file"]
    assert path.read_text() == "new"


def test_nothing_of_it_is_seen_before_its_end(tmp_path: Path) -> None:
    with replacing(str(tmp_path / "file")) as file:
        file.writelines(f"{number}\n" for number in range(10_000))
        file.flush()
        assert not (tmp_path / "file").exists()
    assert (tmp_path / "file").read_text().endswith("\n9999\n")


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o640), (0o077, 0o600), (0, 0o640)])
def test_owner_and_group_may_read_it_as_the_umask_allows(
    tmp_path: Path, mask: int, mode: int
) -> None:
    with umask(mask):
        write(tmp_path / "file")
    assert (tmp_path / "file").stat().st_mode & 0o777 == mode


@pytest.mark.parametrize("name", ["x" * 255, "ü" * 127, "🎉" * 63])
def test_a_name_may_be_as_long_as_the_file_system_allows(tmp_path: Path, name: str) -> None:
    write(tmp_path / name)
    assert os.listdir(tmp_path) == [name]


def test_bytes_that_are_no_text_do_no_harm(tmp_path: Path) -> None:
    write(tmp_path / "file", "\udcff\r\n")
    assert (tmp_path / "file").read_bytes() == b"?\r\n"


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path, exists: bool) -> None:
    there = tmp_path / "there"
    there.mkdir()
    if exists:
        (there / "file").write_text("old")
    link = tmp_path / "link"
    link.symlink_to("there/file")
    with replacing(str(link)) as file:
        file.write("new")
        assert sorted(os.listdir(tmp_path)) == ["link", "there"]
    assert link.is_symlink()
    assert (there / "file").read_text() == "new"
    assert os.listdir(there) == ["file"]


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    text = "line\n" * 50_000
    with (tmp_path / "copy").open("w") as copy:
        reader = subprocess.Popen(["cat", pipe], stdout=copy)
    while True:
        try:
            write(pipe, text)
            break
        except StartError:  # it has not opened the pipe so far
            assert reader.poll() is None
    assert reader.wait(10) == 0
    assert (tmp_path / "copy").read_text() == text
    assert pipe.is_fifo()


def test_a_pipe_that_nobody_reads_is_an_error_and_no_endless_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StartError, match="pipe that nobody reads"):
        write(tmp_path / "pipe")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gone/file", "gone/file cannot be written: No such file .*; create the directory .*/gone"),
        ("file/file", "file/file cannot be written: Not a directory; .*/file is not a directory"),
        ("y" * 256, "File name too long; give it a shorter name"),
        ("new/", "new/ cannot be written: Is a directory"),
        (".", "Is a directory; name a file in that directory"),
    ],
)
def test_what_cannot_be_written_is_named_with_reason_and_remedy(
    tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StartError, match=said), replacing(f"{tmp_path}/{name}"):
        pass
    assert os.listdir(tmp_path) == ["file"]


def test_a_disk_that_becomes_full_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with room(10_000), pytest.raises(StartError, match="file cannot be written: File too large"):
        write(path, "x" * 100_000)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file"]


WRITER = """
import sys
from fthg.writing import replacing
print("before", flush=True)
for path in sys.argv[1:]:
    with replacing(path) as file:
        file.write(path + "\\n")
print("after", flush=True)
"""

NAMES = ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "-"]


def test_standard_output_is_written_to_whatever_it_is(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, *NAMES]
    whole = "\n".join(["before", *NAMES, "after", ""])
    with (tmp_path / "file").open("w") as file:
        file.write("first\n")
        file.flush()
        subprocess.run(command, check=True, stdout=file)
    assert (tmp_path / "file").read_text() == f"first\n{whole}"
    piped = subprocess.run(command, check=True, capture_output=True, text=True)
    assert piped.stdout == whole


def test_devices_are_written_to_and_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "writer.py").write_text(WRITER)
    written = private_dev.run(
        """
        $PYTHON writer.py /dev/null /dev/stdout /dev/zero /dev/stderr > file
        ln -s /dev/null link
        $PYTHON writer.py link
        test -L link
        if $PYTHON writer.py /dev/full 2> error; then exit 1; fi
        cat file error
        """,
        tmp_path,
    )
    assert "before\n/dev/stdout\nafter\n" in written
    assert "/dev/full cannot be written: No space left on device; free some space" in written

from __future__ import annotations

import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fthg.errors import ConfigError, StartError
from fthg.writing import InputFile, OutputFile, check_outputs, holding_pipes, replacing

from . import private_dev

NOBODY = 65_534


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with an old file, a link and a hard link to it, and more links."""
    monkeypatch.chdir(tmp_path)
    Path("old").write_text("old")
    Path("link").symlink_to("old")
    os.link("old", "hard")
    Path("directory").mkdir()
    Path("same").symlink_to("directory")
    Path("dangling").symlink_to("directory/new")
    os.mkfifo("pipe")
    return tmp_path


def check(*paths: str, read: str = "") -> None:
    """Check outputs a, b, c …, and what is read."""
    check_outputs(
        [OutputFile(key, path) for key, path in zip("abc", paths)],
        [InputFile("the configuration", read)] if read else [],
    )


ONE_FILE = [
    ("old", "old"),
    ("old", "./old"),
    ("old", "directory/../old"),
    ("old", "link"),
    ("old", "hard"),
    ("new", "./new"),
    ("directory/new", "same/new"),
    ("directory/new", "dangling"),
    ("gone/new", "gone/new"),
    ("pipe", "./pipe"),
]


@pytest.mark.parametrize(("first", "second"), ONE_FILE)
def test_two_outputs_must_not_be_one_file(first: str, second: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check(first, second)
    assert caught.value.errors == (f"b: {second} is also the file of a; name another file",)


@pytest.mark.parametrize(("first", "second"), ONE_FILE)
def test_an_output_must_not_be_an_input(first: str, second: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check(first, read=second)
    assert caught.value.errors == (
        f"a: {first} is also read, as the configuration; name another file",
    )


@pytest.mark.parametrize("other", ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_takes_one_output_only(other: str) -> None:
    with pytest.raises(ConfigError, match="is also the file of a"):
        check("-", other)


def test_the_file_that_standard_output_leads_to_is_taken_too() -> None:
    before = os.dup(1)
    with open("old", "a") as file:
        os.dup2(file.fileno(), 1)
    try:
        with pytest.raises(ConfigError, match="b: old is also the file of a"):
            check("-", "old")
    finally:
        os.dup2(before, 1)
        os.close(before)


def test_the_file_that_standard_input_comes_from_is_an_input() -> None:
    before = os.dup(0)
    with open("old") as file:
        os.dup2(file.fileno(), 0)
    try:
        with pytest.raises(ConfigError, match="a: hard is also read"):
            check("hard", read="-")
    finally:
        os.dup2(before, 0)
        os.close(before)


def test_all_clashes_are_named() -> None:
    with pytest.raises(ConfigError) as caught:
        check("old", "link", "hard", read="old")
    assert len(caught.value.errors) == 3


def test_files_of_their_own_are_fine_and_stay_as_they_are(here: Path) -> None:
    before = sorted(os.listdir(here))
    check("old", "new", "directory/old", read="other")
    assert sorted(os.listdir(here)) == before
    assert os.listdir("directory") == []
    assert Path("old").read_text() == "old"


def test_a_device_may_be_named_twice() -> None:
    check("/dev/null", "/dev/null", "/dev/full", read="/dev/null")


def test_what_is_not_given_is_not_checked() -> None:
    check_outputs([OutputFile("a", None), OutputFile("b", "")])


@pytest.mark.parametrize("appended", [True, False])
@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("gone/file", r"a: gone/file cannot be written: No such .*; create the directory .*/gone"),
        ("directory", "a: directory cannot be written: Is a directory; name a file in that"),
        ("old/file", "Not a directory; .*/old is not a directory"),
        ("x" * 256, "too long; give it a shorter name"),
        ("/dev/fd/987", "Bad file descriptor"),
        ("socket", "socket cannot be written: Operation not supported"),
    ],
)
def test_what_cannot_be_written_is_found_before_the_start(
    path: str, said: str, appended: bool
) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        with pytest.raises(StartError, match=said):
            check_outputs([OutputFile("a", path, appended=appended)])


@pytest.mark.parametrize("path", ["/dev/null", "-", "/dev/stdout", "pipe"])
def test_what_must_be_a_file_is_no_stream(path: str) -> None:
    with pytest.raises(StartError, match=f"a: {path} is not a regular file; name another one"):
        check_outputs([OutputFile("a", path, only_file=True)])
    check_outputs([OutputFile("a", "new", only_file=True), OutputFile("b", "old", only_file=True)])


def test_the_reader_of_a_pipe_does_not_notice_the_check() -> None:
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    for appended in (True, False):
        check_outputs([OutputFile("a", "pipe", appended=appended)])
    # Nobody has written, as after the end of a writer it would be readable.
    with open("pipe", "w") as writer:
        writer.write("x")
        writer.flush()
        assert os.read(reader, 2) == b"x"
    os.close(reader)


def test_a_pipe_that_nobody_reads_is_refused() -> None:
    outputs = [OutputFile("a", "new"), OutputFile("b", "pipe")]
    refusal = pytest.raises(StartError, match=r"b: pipe cannot be written: .* its reader first")
    with refusal, holding_pipes(outputs):
        pytest.fail("it was not refused")
    with holding_pipes([OutputFile("b", "pipe", appended=True)]):  # refused where it is opened
        pass
    assert not os.path.exists("new")


def test_the_reader_of_a_pipe_that_is_held_sees_its_end_at_the_end_of_the_block() -> None:
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    with holding_pipes([OutputFile("a", "pipe")]):
        with replacing("pipe") as file:
            file.write("x")
        assert os.read(reader, 2) == b"x"
        with pytest.raises(BlockingIOError):
            os.read(reader, 1)
    assert os.read(reader, 1) == b""
    os.close(reader)


@contextmanager
def as_nobody() -> Iterator[Path]:
    """A directory that a user without privileges can reach, and that user."""
    if os.geteuid():
        pytest.skip("only root can become somebody else")
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)
        (directory / "theirs").write_text("old")
        (directory / "theirs").chmod(0o644)
        os.seteuid(NOBODY)
        try:
            yield directory
        finally:
            os.seteuid(0)


def test_a_file_in_a_directory_that_this_user_cannot_write_is_not_replaceable() -> None:
    with as_nobody() as directory, pytest.raises(StartError) as caught:
        check(str(directory / "theirs"))
    assert f"Permission denied; let this user write in {directory}" in str(caught.value)


def test_a_file_that_this_user_cannot_write_is_not_appendable() -> None:
    with as_nobody() as directory, pytest.raises(StartError) as caught:
        check_outputs([OutputFile("a", str(directory / "theirs"), appended=True)])
    assert f"Permission denied; let this user write to {directory}/theirs" in str(caught.value)


def test_a_file_that_this_user_may_write_is_appendable_in_any_directory() -> None:
    with as_nobody() as directory:
        os.seteuid(0)
        (directory / "theirs").chmod(0o666)
        os.seteuid(NOBODY)
        check_outputs([OutputFile("a", str(directory / "theirs"), appended=True)])


def test_in_a_directory_like_tmp_a_file_of_another_user_is_not_replaceable() -> None:
    with as_nobody() as directory:
        os.seteuid(0)
        directory.chmod(0o777 | stat.S_ISVTX)
        os.chown(directory, 1, 1)
        os.seteuid(NOBODY)
        with pytest.raises(StartError, match="Operation not permitted"):
            check(str(directory / "theirs"))
        check(str(directory / "ours"))
        (directory / "ours").touch()
        check(str(directory / "ours"))


CHECKER = """
import sys
from fthg.writing import OutputFile, check_outputs
check_outputs([OutputFile("a", sys.argv[1])])
"""


def test_a_file_that_is_a_mount_point_is_not_replaceable(here: Path) -> None:
    (here / "checker.py").write_text(CHECKER)
    said = private_dev.run(
        """
        touch 'two words'
        mount --bind old 'two words'
        if $PYTHON checker.py 'two words' 2>&1; then exit 1; fi
        $PYTHON checker.py old
        """,
        here,
    )
    assert "resource busy; it is a mount point: mount" in said

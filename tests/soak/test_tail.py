"""A file is read line by line, also when it is renamed."""

from __future__ import annotations

from pathlib import Path

from .tail import Tail


def test_half_a_line_waits_for_its_other_half(tmp_path: Path) -> None:
    path = tmp_path / "log"
    tail = Tail(path)
    assert list(tail.lines()) == []
    with path.open("w", buffering=1) as file:
        file.write("one\ntw")
        file.flush()
        assert list(tail.lines()) == [b"one"]
        file.write("o\n")
        assert list(tail.lines()) == [b"two"]
    tail.close()
    assert tail.bytes == 8


def test_no_line_is_lost_or_read_twice_when_the_file_is_rotated(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("one\n")
    tail = Tail(path)
    assert list(tail.lines()) == [b"one"]
    path.rename(tmp_path / "log.1")
    with (tmp_path / "log.1").open("a") as old:
        old.write("two\n")
    assert list(tail.lines()) == [b"two"]
    with (tmp_path / "log.1").open("a") as old:
        old.write("three\n")
    path.write_text("four\n")
    assert list(tail.lines()) == [b"three", b"four"]
    tail.close()

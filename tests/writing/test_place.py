from __future__ import annotations

import os
from pathlib import Path

import pytest

from fthg.writing.place import is_descriptor, is_standard_output, locate


@pytest.mark.parametrize(
    "path", ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", f"/proc/{os.getpid()}/fd/1"]
)
def test_standard_output_has_many_names(path: str) -> None:
    assert is_standard_output(path)
    assert locate(path).descriptor == 1
    assert locate(path).is_stream


def test_a_link_to_standard_output_is_standard_output(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/dev/stdout")
    (tmp_path / "again").symlink_to("link")
    (tmp_path / "descriptors").symlink_to("/dev/fd")
    assert is_standard_output(str(tmp_path / "again"))
    assert is_standard_output(str(tmp_path / "descriptors" / "1"))


def test_other_descriptors_are_not_standard_output(tmp_path: Path) -> None:
    assert is_descriptor("/dev/stderr")
    assert not is_standard_output("/dev/stderr")
    assert not is_descriptor("/dev/null")
    assert not is_descriptor(str(tmp_path / "1"))
    assert not is_descriptor("/proc/1/fd/1")


def test_a_descriptor_that_leads_to_a_file_is_a_stream_all_the_same(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file:
        place = locate(f"/dev/fd/{file.fileno()}")
    assert place.is_stream
    assert place.is_regular


def test_links_are_followed_to_their_end(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there/file")
    place = locate(str(tmp_path / "link"))
    assert (place.target, place.found) == (str(tmp_path / "there" / "file"), None)
    (tmp_path / "there" / "file").touch()
    assert locate(str(tmp_path / "link")).is_regular
    assert not locate(str(tmp_path / "link")).is_stream


def test_links_in_a_circle_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="Too many levels of symbolic links"):
        locate(str(tmp_path / "a"))

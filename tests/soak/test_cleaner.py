"""The cleaner removes and checks complete files, and leaves those that are still written."""

from __future__ import annotations

import os
import time
from pathlib import Path

from .cleaner import Arrival, Cleaner, digest


def _cleaner(directory: Path) -> Cleaner:
    return Cleaner({"a.dat": digest(b"content")}, [directory])


def test_it_yields_each_file_once_and_removes_it(tmp_path: Path) -> None:
    (tmp_path / "u1_a.dat").write_bytes(b"content")
    cleaner = _cleaner(tmp_path)
    assert list(cleaner.sweep()) == [Arrival("u1", whole=True)]
    assert list(cleaner.sweep()) == []
    assert list(tmp_path.iterdir()) == []
    assert cleaner.bytes == 7


def test_other_content_or_an_unknown_name_is_not_whole(tmp_path: Path) -> None:
    (tmp_path / "u1_a.dat").write_bytes(b"conten")
    (tmp_path / "u2_b.dat").write_bytes(b"content")
    (tmp_path / "nothing").write_bytes(b"content")
    arrivals = sorted(_cleaner(tmp_path).sweep())
    assert arrivals == [Arrival(uuid, whole=False) for uuid in ("nothing", "u1", "u2")]


def test_half_written_files_go_only_when_they_are_old(tmp_path: Path) -> None:
    young, old = tmp_path / "u1_a.dat.x.part", tmp_path / "u2_a.dat.x.part"
    for path in (young, old):
        path.write_bytes(b"con")
    past = time.time() - 100
    os.utime(old, (past, past))
    cleaner = _cleaner(tmp_path)
    assert list(cleaner.sweep(older=50)) == []
    assert cleaner.parts == 1
    assert young.exists()
    assert not old.exists()

from __future__ import annotations

import io
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from fthg.errors import FthgError, StartError
from fthg.load.merging.choice import Choice
from fthg.load.merging.counting import Basis
from fthg.load.merging.outages import MergedOutages
from fthg.load.merging.processes import Readers, shares
from fthg.load.plan import Plan
from fthg.results.reread import Rereadable, rereadable
from fthg.results.write import result_lines
from tests.load.results_of import result


def files(*sizes: int) -> list[Rereadable]:
    return [Rereadable(str(number), size) for number, size in enumerate(sizes)]


def test_files_are_shared_out_by_their_sizes() -> None:
    assert shares(files(10, 50, 20, 20), 2, worth=1) == [[1], [2, 3, 0]]
    assert shares(files(10, 10, 10), 8, worth=1) == [[0], [1], [2]]


def test_what_is_small_or_one_file_or_standard_input_stays_in_one_process() -> None:
    assert shares(files(10, 10), 8, worth=11) == ()
    assert shares(files(1000), 8, worth=1) == ()
    assert shares([*files(10, 10), Rereadable("-", 0, held=io.BytesIO())], 8, worth=1) == ()


@contextmanager
def reading(tmp_path: Path) -> Iterator[Readers]:
    """Two processes that read a file each."""
    paths = [tmp_path / "0", tmp_path / "1"]
    for path in paths:
        path.write_bytes(b"".join(result_lines([result()], "r1", 0)))
    with ExitStack() as stack:
        some = rereadable(map(str, paths), io.BytesIO(), stack)
        yield Readers(some, [[0], [1]], Choice(), Plan("", ()), stack)


def test_a_process_that_dies_is_an_error_and_no_wrong_figure(tmp_path: Path) -> None:
    with reading(tmp_path) as readers:
        os.kill(readers.pids[1], signal.SIGKILL)
        with pytest.raises(FthgError, match="a process that reads results files died: it was"):
            readers.scan(())


def count(readers: Readers) -> None:
    readers.count([0, 0], Basis(0, {}, {}), MergedOutages(2))


def test_processes_that_die_while_they_count_are_one_error(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with reading(tmp_path) as readers:
        for pid in readers.pids:
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(FthgError, match="a process that reads results files died: it was"):
            count(readers)
    assert capfd.readouterr().err == ""


def test_a_file_that_cannot_be_counted_is_one_error(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with reading(tmp_path) as readers:
        (tmp_path / "1").unlink()
        with pytest.raises(StartError, match="1 cannot be read: No such file"):
            count(readers)
    assert capfd.readouterr().err == ""

from __future__ import annotations

import io
import os
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest

from fthg.errors import FthgError
from fthg.load.merging.choice import Choice
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


def test_a_process_that_dies_is_an_error_and_no_wrong_figure(tmp_path: Path) -> None:
    paths = [tmp_path / "0", tmp_path / "1"]
    for path in paths:
        path.write_bytes(b"".join(result_lines([result()], "r1", 0)))
    with ExitStack() as stack:
        some = rereadable(map(str, paths), io.BytesIO(), stack)
        readers = Readers(some, [[0], [1]], Choice(), Plan("", ()), stack)
        os.kill(readers.pids[1], signal.SIGKILL)
        with pytest.raises(
            FthgError, match="a process that reads results files died: it was ended"
        ):
            readers.scan(())

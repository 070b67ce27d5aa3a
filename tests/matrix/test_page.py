from __future__ import annotations

import re

import pytest

from . import page
from .algorithms import ALGORITHMS
from .cell import THROUGH, Cell
from .logins import LOGINS
from .ways import WAYS
from .web import WEB

CELLS = [*LOGINS, *ALGORITHMS, *WAYS, *WEB]


def test_the_page_shows_the_cells_that_are_tested() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    assert page.filled(text) == text, "run: python -m tests.matrix.page"
    assert set(re.findall(r"<!-- table: (\w+) -->", text)) == set(page.TABLES)


@pytest.mark.parametrize("cell", CELLS, ids=[cell.name for cell in CELLS])
def test_where_fthg_does_not_get_through_the_page_says_what_the_library_lacks(cell: Cell) -> None:
    for reason in (cell.newest, cell.el9):
        if reason and cell.tool == THROUGH:
            assert reason.startswith("paramiko")


def test_a_cell_that_fails_says_so_with_its_reason() -> None:
    assert page.summary(Cell("server", "trait")) == "✓"
    assert page.summary(Cell("server", "trait", el9="it is old")) == "RHEL 9: no: it is old"
    table = page.listing("use", [Cell("cipher", "none", newest="it is weak")], "sftp")
    assert table.splitlines()[-1] == "| cipher | `none` | ✓ | no: it is weak | ✓ |  |"

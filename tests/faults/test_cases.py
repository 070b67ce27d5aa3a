from __future__ import annotations

import os
from collections.abc import Mapping

import pytest

from fthg.errors import KINDS

from .case import Case
from .cases import CASES
from .run import Row, run_all
from .table import line

FAST = [case for case in CASES if case.fast]


@pytest.fixture(scope="module")
def rows() -> Mapping[str, Row]:
    """Run all fast cases at once, as they mostly wait; return their rows."""
    found = run_all(FAST, 4, lambda _: None)
    return {str(row.case): row for row in found}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("case", FAST, ids=str)
def test_no_case_has_violations(rows: Mapping[str, Row], case: Case) -> None:
    row = rows[str(case)]
    if row.missing and os.environ.get("CI") != "true":
        pytest.skip(row.missing)
    assert not row.missing
    assert not row.broken, line(row)


def test_every_case_has_a_unique_title_and_expects_existing_kinds() -> None:
    assert len({str(case) for case in CASES}) == len(CASES)
    assert not {kind for case in CASES for kind in case.kinds} - set(KINDS)

from __future__ import annotations

from fthg.track.outcomes import RESULTS
from fthg.track.page.matrix import matrix
from fthg.track.page.words import LABELS
from tests.track.page import examples


def test_every_result_has_a_name() -> None:
    assert set(LABELS) == set(RESULTS)


def test_the_matrix_leaves_out_what_does_not_occur() -> None:
    found = matrix(examples.figures(examples.transfers(50, trouble=False)))
    assert found.columns == ["SUCCESS", "FAILED", "TIMEOUT"]
    assert [row.name for row in found.rows] == ["SUCCESS", "FAILED", "TIMEOUT"]
    assert found.totals == [50, 0, 0]


def test_the_matrix_shows_rows_without_a_partner_and_sums_to_all() -> None:
    some = examples.transfers(3000)
    found = matrix(examples.figures(some))
    assert found.columns[-1] == "No row"
    assert sum(row.total for row in found.rows) == sum(found.totals) == len(some)
    assert found.rows[0].cells[-1][0] == "unpaired"

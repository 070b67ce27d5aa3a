from __future__ import annotations

from fthg.track.figures import Counts, FailureSpan, Hint
from fthg.track.outcomes import RESULTS
from fthg.track.page.matrix import matrix
from fthg.track.page.words import LABELS, ended_early, note_on, spans
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


def test_a_cell_knows_the_filter_of_its_statuses() -> None:
    found = matrix(examples.figures(examples.transfers(3000)))
    cell = found.rows[0].cells[1]
    assert (cell.kind, cell.filter) == ("failed", "ingress=SUCCESS&egress=FAILED")
    assert found.rows[-1].cells[-1].transfers is None  # no row at either side


def test_failures_that_stand_alone_are_only_counted() -> None:
    pair, single = FailureSpan(1, 9, 1, 1), FailureSpan(20, 20, 0, 1)
    assert spans([pair, single, single]) == ([pair], 2)


def test_a_run_that_ended_early_names_what_is_still_open() -> None:
    assert "1 transfer is still open" in ended_early(
        examples.figures([], counts=Counts(passed=5, pending=1))
    )
    assert ended_early(examples.figures([], counts=Counts(passed=5))).startswith("what started")


def test_a_doubtful_figure_has_the_number_of_the_first_note_about_it() -> None:
    hints = [Hint("one", "a", ("sla",)), Hint("two", "b", ("transit", "sla"))]
    assert [note_on(hints, figure) for figure in ("sla", "transit", "unpaired")] == [1, 2, 0]

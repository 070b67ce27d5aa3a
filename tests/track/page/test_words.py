from __future__ import annotations

import pytest

from fthg.track.figures import Counts, Reconciliation, SentFiles, Transfers
from fthg.track.outcomes import RESULTS
from fthg.track.page.matrix import matrix
from fthg.track.page.words import LABELS, verdict
from tests.track.page import examples


@pytest.mark.parametrize(
    ("counts", "tone", "sentence"),
    [
        (Counts(), "empty", "No transfer started in this period."),
        (Counts(passed=1), "good", "The only transfer passed."),
        (Counts(passed=1200), "good", "All 1,200 transfers passed."),
        (Counts(failed=1), "bad", "The only transfer did not pass: 1 failed."),
        (Counts(failed=3), "bad", "None of 3 transfers passed: 3 failed."),
        (Counts(passed=8, timeout=2), "bad", "8 of 10 transfers passed: 2 timed out."),
        (Counts(pending=2), "open", "None of 2 transfers passed; 2 are still open."),
        (
            Counts(passed=8, in_progress=1),
            "open",
            "8 of 9 transfers passed; 1 is still open.",
        ),
        (
            Counts(passed=90, failed=3, timeout=2, in_progress=1, pending=1, unpaired=1),
            "bad",
            "90 of 98 transfers passed: 1 row has no partner, 3 failed, 2 timed out "
            "and 2 are still open.",
        ),
    ],
)
def test_the_verdict_is_one_plain_sentence(counts: Counts, tone: str, sentence: str) -> None:
    assert verdict(examples.figures([], counts=counts)) == (tone, sentence)


def test_while_the_run_goes_on_the_verdict_says_so_far() -> None:
    found = verdict(examples.figures([], counts=Counts(passed=2), running=True))
    assert found.sentence == "So far, all 2 transfers passed."


def test_a_sent_file_that_never_arrived_is_named_first() -> None:
    nothing = Transfers(0, ())
    sent = Reconciliation(5, SentFiles(2, ()), nothing, nothing)
    found = verdict(examples.figures([], counts=Counts(passed=3), sent=sent))
    assert found == ("bad", "All 3 transfers passed: 2 sent files never arrived.")
    found = verdict(examples.figures([], sent=sent))
    assert found.sentence == ("No transfer started in this period, but 2 sent files never arrived.")


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

from __future__ import annotations

import pytest

from fthg.track.figures import Counts, Reconciliation, SentFiles, State, Transfers
from fthg.track.verdict import judge_period
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
    assert judge_period(examples.figures([], counts=counts)) == (tone, sentence)


def test_while_the_run_goes_on_the_verdict_says_so_far() -> None:
    found = judge_period(examples.figures([], counts=Counts(passed=2), state=State.RUNNING))
    assert found.sentence == "So far, all 2 transfers passed."


def test_a_sent_file_that_never_arrived_is_named_first() -> None:
    nothing = Transfers(0, ())
    sent = Reconciliation(5, SentFiles(2, ()), nothing, nothing)
    found = judge_period(examples.figures([], counts=Counts(passed=3), sent=sent))
    assert found == ("bad", "All 3 transfers passed: 2 sent files never arrived.")
    found = judge_period(examples.figures([], sent=sent))
    assert found.sentence == ("No transfer started in this period, but 2 sent files never arrived.")

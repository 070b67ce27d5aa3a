from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.track.figures import (
    Counts,
    Figures,
    Hint,
    Reconciliation,
    SentFiles,
    Sla,
    State,
    Transfers,
)
from fthg.track.tracked import SECOND
from fthg.track.verdict import judge_period
from fthg.track.vocabulary import VOCABULARY, named_figures
from fthg.verdicts.thresholds import Threshold, judge, parse
from tests.track.page import examples

TARGET = Threshold("95% within 5s", "sla", None, ">=", 95.0, "share")
HINT = Hint("same_table", "both sides are the same table, db.t; set track.egress")


def _figures(counts: Counts, limits: Sequence[str] = (), **changes: Any) -> Figures:
    figures = examples.figures([], **{"counts": counts, "sla": None, **changes})
    thresholds = [parse(text, VOCABULARY) for text in limits]
    if figures.sla and figures.sla.target is not None:
        thresholds.append(TARGET)
    return replace(figures, thresholds=judge(thresholds, named_figures(figures)))


def _sent(missing: int) -> Reconciliation:
    nothing = Transfers(0, ())
    return Reconciliation(5, SentFiles(missing, ()), nothing, nothing)


@pytest.mark.parametrize(
    ("counts", "tone", "sentence"),
    [
        (Counts(), "empty", "No transfer started in this period."),
        (Counts(passed=1), "good", "The only transfer passed."),
        (Counts(passed=1200), "good", "All 1,200 transfers passed."),
        (Counts(failed=1), "bad", "The only transfer did not pass: 1 failed."),
        (Counts(failed=3), "bad", "None of 3 transfers passed: 3 failed."),
        (Counts(passed=8, timeout=2), "bad", "8 of 10 transfers passed: 2 timed out."),
        (Counts(pending=1), "open", "The only transfer is still open."),
        (Counts(pending=1, in_progress=1), "open", "All 2 transfers are still open."),
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
    assert judge_period(_figures(counts)) == (tone, sentence)


@pytest.mark.parametrize(
    ("state", "start"), [(State.RUNNING, "So far, all"), (State.ENDED_EARLY, "Ended early: all")]
)
def test_a_period_that_is_not_over_is_named(state: State, start: str) -> None:
    found = judge_period(_figures(Counts(passed=2), state=state))
    assert found.sentence == f"{start} 2 transfers passed."
    found = judge_period(_figures(Counts(in_progress=2), state=state))
    assert found == ("open", f"{start} 2 transfers are still open.")


def test_a_sent_file_that_never_arrived_is_an_error() -> None:
    found = judge_period(_figures(Counts(passed=3), sent=_sent(2)))
    assert found == ("bad", "All 3 transfers passed, but 2 sent files never arrived.")
    found = judge_period(_figures(Counts(), sent=_sent(1)))
    assert found == ("bad", "No transfer started in this period, but 1 sent file never arrived.")


def test_a_plain_sla_that_is_missed_is_named_and_amber() -> None:
    late = Sla(5 * SECOND, 1719, 2000, 0)
    found = judge_period(_figures(Counts(passed=2000), sla=late))
    assert found == ("open", "All 2,000 transfers passed, but 281 were not within 5s.")
    met = Sla(5 * SECOND, 2000, 2000, 0)
    assert judge_period(_figures(Counts(passed=2000), sla=met)).tone == "good"


def test_a_target_that_is_missed_is_named_and_red() -> None:
    late = Sla(5 * SECOND, 1719, 2000, 0, Fraction(95, 100))
    found = judge_period(_figures(Counts(passed=2000), sla=late))
    assert found == (
        "bad", "All 2,000 transfers passed, but the SLA 95% within 5s is missed (85.95%).",
    )  # fmt: skip
    met = replace(late, within=1900)
    assert judge_period(_figures(Counts(passed=2000), sla=met)).tone == "good"


def test_thresholds_come_first_and_the_first_two_are_named() -> None:
    limits = ["pass_rate >= 99%", "transfers > 100", "passed > 100", "unpaired == 0"]
    found = judge_period(_figures(Counts(passed=8, failed=1, unpaired=1), limits))
    assert found == (
        "bad",
        "8 of 10 transfers passed: the threshold pass_rate >= 99% failed (88.88%), the threshold "
        "transfers > 100 failed (10), 2 further thresholds failed, 1 row has no partner "
        "and 1 failed.",
    )


@pytest.mark.parametrize(
    ("limits", "tone", "sentence"),
    [
        (["pass_rate >= 70%"], "open", "8 of 10 transfers passed; 1 failed and 1 timed out "
         "(allowed by pass_rate >= 70%)."),
        (["failed <= 1"], "open", None),
        (["timeout <= 20%"], "open", None),
        (["failed <= 1", "timeout == 0"], "bad", None),
        (["unpaired == 0"], "bad", "8 of 10 transfers passed: 1 failed and 1 timed out."),
    ],
)  # fmt: skip
def test_failures_within_a_threshold_on_them_are_no_error(
    limits: list[str], tone: str, sentence: Any
) -> None:
    found = judge_period(_figures(Counts(passed=8, failed=1, timeout=1), limits))
    assert found.tone == tone
    assert sentence in (None, found.sentence)


def test_a_threshold_never_excuses_a_row_without_partner_or_a_missing_file() -> None:
    limits = ["unpaired < 5", "pass_rate >= 99%"]
    assert judge_period(_figures(Counts(passed=8, unpaired=1), limits)).tone == "bad"
    missing = _figures(Counts(passed=8), ["missing < 5"], sent=_sent(1))
    assert judge_period(missing).tone == "bad"


def test_without_data_a_threshold_fails_at_the_end_but_not_while_polling_goes_on() -> None:
    limits = ["pass_rate >= 99%"]
    found = judge_period(_figures(Counts(), limits))
    assert found == (
        "bad",
        "No transfer started in this period, but the threshold pass_rate >= 99% failed (no data).",
    )
    assert judge_period(_figures(Counts(), limits, state=State.ENDED_EARLY)).tone == "bad"
    found = judge_period(_figures(Counts(pending=1), limits, state=State.RUNNING))
    assert found == ("open", "So far, the only transfer is still open.")


def test_a_hint_is_named_and_amber_at_least() -> None:
    words = "; check the set-up: both sides are the same table, db.t; set track.egress."
    for counts, tone in (
        (Counts(passed=2), "open"),
        (Counts(), "open"),
        (Counts(failed=1), "bad"),
        (Counts(pending=1), "open"),
    ):
        found = judge_period(_figures(counts, hints=(HINT,)))
        assert (found.tone, found.sentence[-len(words) :]) == (tone, words)


@given(st.builds(Counts, *(st.integers(0, 3) for _ in range(6))), st.sampled_from(State))
def test_green_is_only_what_passed_as_a_whole(counts: Counts, state: State) -> None:
    found = judge_period(_figures(counts, state=state))
    assert (found.tone == "good") == (counts.passed == counts.transfers > 0)
    assert (found.tone == "bad") == bool(counts.failed + counts.timeout + counts.unpaired)
    assert found.sentence.count(".") == 1

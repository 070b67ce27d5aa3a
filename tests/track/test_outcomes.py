from __future__ import annotations

from fthg.track.outcomes import KNOWN_STATUSES, RESULTS, Outcome, Status, sql_list


def test_codes_count_from_0_so_that_the_script_can_use_them_as_indexes() -> None:
    assert [outcome.value for outcome in Outcome] == list(range(len(RESULTS)))
    assert [status.value for status in Status] == list(range(len(Status)))


def test_transfers_that_did_not_pass_are_listed_before_those_that_did() -> None:
    assert RESULTS == ("unpaired", "failed", "timeout", "in_progress", "pending", "passed")
    assert RESULTS[Outcome.PASSED] == "passed"


def test_known_statuses_have_the_names_of_the_database() -> None:
    assert [status.name for status in KNOWN_STATUSES] == ["SUCCESS", "FAILED", "TIMEOUT"]


def test_codes_are_numbers_in_sql() -> None:
    assert sql_list(Outcome.UNPAIRED, Outcome.PENDING) == "(0, 4)"

from __future__ import annotations

from datetime import datetime

from fthg.writing import Stamp

NOW = datetime(2026, 1, 31, 14, 2, 59)


def test_a_run_fills_its_date_time_and_id_into_names() -> None:
    stamp = Stamp("r1", "2026-01-31", "140259")
    assert stamp.fill("{run}/{date}-{time}-{date}.json") == "r1/2026-01-31-140259-2026-01-31.json"


def test_other_braces_stay() -> None:
    assert Stamp("r1", "d", "t").fill("{uuid}{{run}}{}") == "{uuid}{r1}{}"


def test_a_value_is_not_filled_again() -> None:
    assert Stamp("{date}", "d", "t").fill("{run}") == "{date}"


def test_two_runs_of_one_second_have_ids_of_their_own() -> None:
    first, second = Stamp.at(NOW), Stamp.at(NOW)
    assert first.run != second.run
    assert first.run.startswith("20260131T140259-")
    assert (first.date, first.time) == ("2026-01-31", "140259")

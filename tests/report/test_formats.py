from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.report.formats import Formats, formats_for
from fthg.track.tracked import SECOND
from fthg.zones import named_zone
from tests.track.page.examples import HOUR, START

UTC = Formats()
CHANGE = 1_792_890_000 * SECOND  # 2026-10-25T01:00:00Z: summer time ends in Berlin


def berlin(start: int, end: int) -> Formats:
    return formats_for(named_zone("Europe/Berlin"), "Europe/Berlin", start, end)


def test_times_are_no_finer_than_they_were_measured() -> None:
    assert UTC.moment(START) == "2026-11-08 16:00:00"
    assert UTC.moment(START + 1_234) == "2026-11-08 16:00:00.001"
    assert UTC.moment(None) == "–"


@given(micros=st.integers(-(2**63), 2**63))
def test_no_time_is_too_far_off_to_be_shown(micros: int) -> None:
    assert UTC.moment(micros)
    assert berlin(micros, micros).moment(micros)


def test_a_period_within_a_day_names_the_day_once() -> None:
    assert UTC.period_end(START, START + HOUR) == "17:00:00"
    assert UTC.period_end(START, START + 24 * HOUR) == "2026-11-09 16:00:00"


def test_times_are_in_the_zone_and_so_are_days() -> None:
    shown = berlin(START, START + 24 * HOUR)
    assert shown.moment(START) == "2026-11-08 17:00:00"
    assert shown.period_end(START, START + 7 * HOUR) == "2026-11-09 00:00:00"
    assert (shown.zone_label, shown.offsets) == ("CET", False)


def test_the_two_passes_of_a_repeated_hour_differ() -> None:
    shown = berlin(CHANGE - HOUR, CHANGE + HOUR)
    assert shown.zone_label == "CEST/CET"
    assert shown.moment(CHANGE - 1800 * SECOND) == "2026-10-25 02:30:00 +02:00"
    assert shown.moment(CHANGE + 1800 * SECOND) == "2026-10-25 02:30:00 +01:00"


@pytest.mark.parametrize(
    ("zone", "label"),
    [("UTC", "UTC"), ("America/Sao_Paulo", "UTC-03"), ("Australia/Lord_Howe", "UTC+11")],
)
def test_a_zone_whose_name_is_a_number_is_named_after_utc(zone: str, label: str) -> None:
    assert formats_for(named_zone(zone), zone, START, START + HOUR).zone_label == label


def test_a_page_formats_numbers_and_texts_as_everywhere() -> None:
    assert UTC.plural(2_000, "transfer") == "2,000 transfers"
    assert UTC.duration(90 * SECOND) == "1m 30s"

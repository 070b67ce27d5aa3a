from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.report import shown
from fthg.track.tracked import SECOND
from tests.track.page.examples import HOUR, START


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        ("report.xml", "report.xml"),
        ("a\x00b\x1b[31m", "a␀b␛[31m"),
        ("\u202egpj.exe", "⟨U+202E⟩gpj.exe"),
        ("\ud800", "⟨U+D800⟩"),
        ("مرحبا 👩\u200d👧", "مرحبا 👩\u200d👧"),
        ("", "⟨empty⟩"),
        (None, "–"),
    ],
)
def test_what_no_eye_can_see_is_made_visible(text: str | None, visible: str) -> None:
    assert shown.text(text) == visible


@given(text=st.text())
def test_visible_text_can_always_be_written(text: str) -> None:
    assert shown.text(shown.text(text)) == shown.text(text)
    shown.text(text).encode()


def test_times_are_utc_and_no_finer_than_they_were_measured() -> None:
    assert shown.moment(START) == "2026-11-08 16:00:00"
    assert shown.moment(START + 1_234) == "2026-11-08 16:00:00.001"
    assert shown.moment(None) == "–"


@given(micros=st.integers(-(2**63), 2**63))
def test_no_time_is_too_far_off_to_be_shown(micros: int) -> None:
    assert shown.moment(micros)


def test_a_period_within_a_day_names_the_day_once() -> None:
    assert shown.period_end(START, START + HOUR) == "17:00:00"
    assert shown.period_end(START, START + 24 * HOUR) == "2026-11-09 16:00:00"


def test_numbers_stand_apart_from_their_units() -> None:
    assert shown.split_units("1m 30s") == [("1", "m"), ("30", "s")]
    assert shown.split_units("99.33%") == [("99.33", "%")]
    assert shown.split_units("12,000") == [("12,000", "")]
    assert shown.split_units("–") == [("–", "")]


def test_what_is_not_known_is_a_dash() -> None:
    assert shown.size(1_536) == "1.5 KiB"
    assert shown.rate(2_048) == "2.0 KiB/s"
    assert shown.rate(None) == shown.size(None) == "–"


def test_durations() -> None:
    assert shown.duration(1_500_000) == "1.5s"
    assert shown.duration(-2 * SECOND) == "-2s"
    assert shown.duration(None) == "–"

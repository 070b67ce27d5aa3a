from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.report import shown
from fthg.track.tracked import SECOND


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


def test_numbers_stand_apart_from_their_units() -> None:
    assert shown.split_units("1m 30s") == [("1", "m"), ("30", "s")]
    assert shown.split_units("99.33%") == [("99.33", "%")]
    assert shown.split_units("12,000") == [("12,000", "")]
    assert shown.split_units("–") == [("–", "")]


def test_what_is_not_known_is_a_dash() -> None:
    assert shown.size(1_536) == "1.5 KiB"
    assert shown.rate(2_048) == "2.0 KiB/s"
    assert shown.rate(None) == shown.size(None) == "–"


@pytest.mark.parametrize(
    ("micros", "exact"),
    [
        (0, "0"),
        (999, "999µs"),
        (1_500, "1.5ms"),
        (2_151_010, "2.15101s"),
        (60 * SECOND, "1m"),
        (90_250_000, "1m 30.25s"),
        (3600 * SECOND, "1h"),
        (3605 * SECOND, "1h 5s"),
        (129_600 * SECOND, "1d 12h"),
        (-90 * SECOND, "-1m 30s"),
    ],
)
def test_an_exact_duration_has_every_unit_that_it_needs(micros: int, exact: str) -> None:
    assert shown.exact_duration(micros) == exact


@given(one=st.integers(-(10**15), 10**15), other=st.integers(-(10**15), 10**15))
def test_two_durations_have_two_exact_texts(one: int, other: int) -> None:
    assert (shown.exact_duration(one) == shown.exact_duration(other)) == (one == other)


def test_large_round_numbers_are_short() -> None:
    numbers = (0, 800, 1_000, 1_500, 20_000, 1_000_000, 2_500_000)
    assert [shown.compact(n) for n in numbers] == ["0", "800", "1k", "1.5k", "20k", "1M", "2.5M"]


def test_durations() -> None:
    assert shown.duration(1_500_000) == "1.5s"
    assert shown.duration(-2 * SECOND) == "-2s"
    assert shown.duration(None) == "–"

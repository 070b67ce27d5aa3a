from __future__ import annotations

import os
import time
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg import text

SECOND = 1_000_000_000
AT = 1_795_503_662 * SECOND + 123_456_789  # 2026-11-24T07:01:02Z
ANY_TEXT = st.text(st.characters())  # surrogates and controls included
TIMES = st.integers(-62_135_596_800 * SECOND, 253_402_300_800 * SECOND - 1)  # years 1 to 9999
MODERN = st.integers(0, 253_402_300_800 * SECOND - 1)
CET = timezone(timedelta(hours=1))
LAST = 253_402_300_799


@pytest.fixture
def berlin() -> Iterator[None]:
    """Make this host one in Berlin, winter and summer time included."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "CET-1CEST,M3.5.0,M10.5.0/3"
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def test_a_time_in_utc_has_the_digits_that_are_asked_for() -> None:
    assert text.iso_seconds(AT) == "2026-11-24T07:01:02Z"
    assert text.iso_millis(AT) == "2026-11-24T07:01:02.123Z"
    assert text.iso_micros(AT) == "2026-11-24T07:01:02.123456Z"
    assert text.utc_clock(AT) == "07:01:02.123Z"


@pytest.mark.parametrize("rest", [999_000_000, 999_999_999])
def test_the_last_instant_of_a_second_does_not_become_the_next_second(rest: int) -> None:
    second = AT // SECOND * SECOND
    assert text.iso_millis(second + rest) == "2026-11-24T07:01:02.999Z"
    assert text.iso_seconds(second + rest) == "2026-11-24T07:01:02Z"
    assert text.utc_clock(second + rest) == "07:01:02.999Z"
    assert text.zoned_clock(second + rest, CET) == "08:01:02.999"
    assert text.zoned(second + rest, "%H:%M:%S", CET) == "08:01:02"


def test_a_time_before_1970_counts_towards_1970() -> None:
    assert text.iso_millis(-1) == "1969-12-31T23:59:59.999Z"
    assert text.zoned_clock(-1, timezone.utc) == "23:59:59.999"


@given(MODERN)
def test_every_form_of_a_time_is_its_first_digits(utc: int) -> None:
    exact = datetime(1970, 1, 1) + timedelta(microseconds=utc // 1000)
    assert text.iso_micros(utc) == f"{exact.isoformat(timespec='microseconds')}Z"
    assert text.iso_millis(utc) == f"{exact.isoformat(timespec='milliseconds')}Z"
    assert text.iso_seconds(utc) == f"{exact.isoformat(timespec='seconds')}Z"
    assert text.utc_clock(utc) == f"{text.zoned_clock(utc, timezone.utc)}Z"


@given(st.integers(0, 4_000_000_000), st.integers(0, 999))
def test_a_whole_millisecond_keeps_its_digits(seconds: int, millis: int) -> None:
    shown = text.iso_millis(seconds * SECOND + millis * 1_000_000)
    assert shown.endswith(f".{millis:03d}Z")


def test_a_time_in_a_zone_says_which() -> None:
    assert text.zoned(AT, zone=CET) == "2026-11-24 08:01:02 +0100"
    assert text.zoned(AT, zone=timezone.utc) == "2026-11-24 07:01:02 +0000"
    assert text.zoned(AT, "%m-%d %H:%M", CET) == "11-24 08:01"
    assert text.zoned_clock(AT, CET) == "08:01:02.123"


@pytest.mark.usefixtures("berlin")
def test_without_a_zone_it_is_the_zone_of_the_host() -> None:
    summer = AT - 180 * 86_400 * SECOND
    assert text.zoned(AT) == "2026-11-24 08:01:02 +0100"
    assert text.zoned(summer) == "2026-05-28 09:01:02 +0200"
    assert text.zoned_clock(AT) == "08:01:02.123"
    assert text.in_zone(AT, None).utcoffset() == timedelta(hours=1)


@given(TIMES)
def test_a_time_in_utc_is_exact_to_the_microsecond(utc: int) -> None:
    since = text.in_zone(utc, timezone.utc) - datetime(1970, 1, 1, tzinfo=timezone.utc)
    assert since // timedelta(microseconds=1) == utc // 1000


@pytest.mark.parametrize("zone", [None, timezone.utc, CET])
def test_a_time_in_no_year_that_can_be_written_becomes_the_nearest_that_can(
    zone: Optional[timezone],
) -> None:
    assert text.in_zone((LAST + 1) * 1000 * SECOND, zone).year == 9999
    assert text.in_zone(-(1 << 63), zone).year == 1677
    assert text.in_zone(-62_135_596_801 * SECOND, zone).year == 1
    assert text.zoned(10**30, "%Y", zone) == "9999"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain/päth.txt", "plain/päth.txt"),
        ("two\nlines", r"two\nlines"),
        ("\x1b[2J", r"\x1b[2J"),
        ("\x9b2J", r"\x9b2J"),
        ("a\u2028b", r"a\u2028b"),
        ("gnp\u202eexe", r"gnp\u202eexe"),
        ("a\u061cb\u200bc\ufeff", r"a\u061cb\u200bc\ufeff"),
        ("a\U000e0041\xad", r"a\U000e0041\xad"),
        ("caf\udce9", r"caf\xe9"),
        ('say "hi" \\', 'say "hi" \\'),
    ],
)
def test_escaped_text_cannot_drive_a_terminal(raw: str, shown: str) -> None:
    assert text.escape(raw) == shown


@given(ANY_TEXT)
def test_escaped_text_is_one_line_of_characters_that_can_be_written(raw: str) -> None:
    shown = text.escape(raw)
    assert len(shown.splitlines()) <= 1
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert text.escape(shown) == shown


def test_quoted_text_escapes_quotes_and_backslashes_too() -> None:
    assert text.quote('say "hi"\n\\') == r'"say \"hi\"\n\\"'


@given(ANY_TEXT)
def test_quoted_text_ends_at_its_last_quote(raw: str) -> None:
    inner = text.quote(raw)[1:-1]
    assert '"' not in inner.replace("\\\\", "").replace('\\"', "")


@given(ANY_TEXT)
def test_text_without_surrogates_can_be_encoded(raw: str) -> None:
    shown = text.escape_surrogates(raw)
    shown.encode()
    if not any(0xD800 <= ord(character) <= 0xDFFF for character in raw):
        assert shown == raw


def test_an_undecodable_byte_is_shown_by_its_number() -> None:
    assert text.escape_surrogates("caf\udce9\n") == "caf\\xe9\n"


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("timeut", "; did you mean 'timeout'?"),
        ("TIMEOUT", "; did you mean 'timeout'?"),
        ("xyz", "; there are rate, timeout"),
    ],
)
def test_a_word_that_is_similar_to_a_known_one_is_suggested(word: str, hint: str) -> None:
    assert text.did_you_mean(word, ["rate", "timeout"]) == hint


def test_without_known_words_nothing_is_suggested() -> None:
    assert text.did_you_mean("x", []) == ""


def test_of_many_known_words_some_are_listed() -> None:
    assert text.did_you_mean("x", ["aa", "bb", "cc"], 2) == "; there are aa, bb, …"
    assert text.did_you_mean("x", ["aa", "bb"], 2) == "; there are aa, bb"

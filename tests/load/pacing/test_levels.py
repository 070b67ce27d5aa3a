"""The whole number of senders at any time."""

from __future__ import annotations

from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.pacing.levels import fewest, levels
from fthg.load.pacing.stages import Stages

from ..short_stages import STAGES
from ..snapshots import senders


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2 for 5s, 1 for 5s", {0: 2, 5: 1}),
        ("2 for 5s, 2 for 5s, 0 for 1s", {0: 2, 10: 0}),
        ("to 4 over 8s", {0: 0, 2: 1, 4: 2, 6: 3}),
        ("1 for 1s, to 3 over 2s, 3 for 1s", {0: 1, 2: 2, 3: 3}),
    ],
)
def test_a_number_changes_when_the_next_whole_one_is_reached(
    text: str, seconds: dict[int, int]
) -> None:
    assert {time / SECOND: level for time, level in levels(senders(text))} == seconds


def test_where_the_number_falls_it_changes_as_soon_as_it_is_lower() -> None:
    assert list(levels(senders("2 for 1s, to 0 over 2s"))) == [
        (0, 2), (SECOND + 1, 1), (2 * SECOND + 1, 0),
    ]  # fmt: skip


@given(STAGES, st.integers(0, 30 * SECOND))
def test_at_any_time_the_last_change_says_the_number_rounded_down(
    stages: Stages, time: int
) -> None:
    rate = stages.rate_at(time)
    assert rate is not None
    before = [level for moment, level in levels(stages) if moment <= time]
    if time < stages.end:
        assert before[-1] == floor(rate)
    moments = [moment for moment, _ in levels(stages)]
    assert moments == sorted(set(moments))


@pytest.mark.parametrize(("text", "least"), [("5 for 1s, to 2 over 1s", 2), ("to 5 over 1s", 0)])
def test_the_fewest_are_those_at_the_lowest_moment(text: str, least: int) -> None:
    assert fewest(senders(text)) == least

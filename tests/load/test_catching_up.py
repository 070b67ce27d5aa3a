"""The rule which overdue arrivals are sent after a standstill."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.standstills import is_caught_up

dues = st.lists(st.integers(0, 20 * SECOND), min_size=1).map(sorted)


@given(dues, st.integers(0, 20 * SECOND))
def test_the_newest_seconds_worth_is_sent_and_at_least_one(due: list[int], end: int) -> None:
    overdue = [moment for moment in due if moment <= end]
    following = [*due[1:], None]
    sent = [
        moment
        for moment, after in zip(due, following)
        if moment <= end and is_caught_up(moment, after, end)
    ]
    assert bool(sent) == bool(overdue)
    assert sent == overdue[len(overdue) - len(sent) :]  # the newest ones
    assert all(moment > end - SECOND for moment in sent) or len(set(sent)) == 1
    assert set(sent) >= {moment for moment in overdue if moment > end - SECOND}


@given(st.integers(1, 2000), st.integers(SECOND, 60 * SECOND))
def test_no_more_than_the_rate_is_sent(rate: int, end: int) -> None:
    moments = [seq * SECOND // rate for seq in range(end * rate // SECOND + 2)]
    sent = [
        moment
        for moment, after in zip(moments, moments[1:])
        if moment <= end and is_caught_up(moment, after, end)
    ]
    assert rate - 1 <= len(sent) <= rate + 1

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fthg.load.page.histogram import bins_of
from fthg.load.stats.histogram import Histogram


@given(st.lists(st.integers(0, 10**13), min_size=1, max_size=200))
def test_every_time_is_in_one_bar_and_bars_touch(times: list[int]) -> None:
    found = Histogram()
    found.record(*times)
    bins = list(bins_of(found))
    assert sum(one.count for one in bins) == len(times)
    inner = [one for one in bins if not one.tail]
    assert len({one.high - one.low for one in inner}) == 1
    assert all(one.high == after.low for one, after in zip(inner, inner[1:]))
    assert len(inner) <= 70

from __future__ import annotations

import pytest

from fthg.load.pacing.maximum import Maximum


@pytest.mark.parametrize("arrival", [0, 1, 10**6])
def test_everything_is_due_at_once(arrival: int) -> None:
    assert Maximum().due(arrival) == 0


def test_there_is_no_target_and_nothing_to_count() -> None:
    pacer = Maximum()
    assert (pacer.rate_at(0), pacer.mean_rate(5), pacer.arrivals(10**12)) == (None, None, None)
    assert pacer.seconds(1000) == 0

from __future__ import annotations

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from fthg.protocols.remembered import Remembered


class Known(NamedTuple):
    cost: int


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 3000))))
def test_it_holds_what_fits_whatever_is_replaced(given: list[tuple[str, int]]) -> None:
    known = Remembered[Known](5000)
    for path, cost in given:
        known.remember(path, Known(cost))
        held = sum(each.cost + 512 for each in known.values())
        assert held == known._held <= 5000


def test_the_oldest_stay_and_the_newest_goes() -> None:
    known = Remembered[Known](5000)
    for path in "abcde":
        known.remember(path, Known(1000))
    assert list(known) == ["a", "b", "c"]
    known.remember("b", Known(500))
    assert sorted(known) == ["a", "b", "c"]

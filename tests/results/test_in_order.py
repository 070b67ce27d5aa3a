from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.results.in_order import HELD, WINDOW, in_order
from fthg.results.read import Recorded
from tests.load.results_of import dropped, result


def at(end: int, seq: int = 0) -> Recorded:
    return Recorded("r1", result(end=end, seq=seq))


@given(st.lists(st.integers(0, 1000 * SECOND)), st.lists(st.integers(0, WINDOW)))
def test_lines_no_more_than_a_window_behind_come_in_order(
    ends: list[int], behind: list[int]
) -> None:
    written = [at(end) for _, end in sorted((end + late, end) for end, late in zip(ends, behind))]
    assert list(in_order(written)) == sorted(written, key=lambda one: one.result.end or 0)


@given(st.lists(st.integers(0, 10 * SECOND)))
def test_none_is_lost_however_disordered(ends: list[int]) -> None:
    written = [at(end, seq) for seq, end in enumerate(ends)]
    assert sorted(in_order(written), key=lambda one: one.result.seq) == written


def test_equal_ends_stay_in_the_order_of_their_lines() -> None:
    written = [at(SECOND, seq) for seq in range(50)]
    assert list(in_order(written)) == written


def test_what_never_ended_stands_where_it_was_due() -> None:
    between = Recorded("r1", dropped(due=2 * SECOND))
    assert list(in_order([at(3 * SECOND), between, at(1 * SECOND)]))[1] == between


def test_no_more_are_held_than_memory_allows() -> None:
    taken = 0

    def many() -> Iterator[Recorded]:
        nonlocal taken
        for one in repeat(at(SECOND), 3 * HELD):
            taken += 1
            yield one

    next(in_order(many()))
    assert taken == HELD + 1

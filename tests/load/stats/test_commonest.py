from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from fthg.load.stats.commonest import Commonest


@given(st.lists(st.integers(0, 9)))
def test_it_is_exact_while_all_have_room(things: list[int]) -> None:
    counted: Commonest[int] = Commonest(10)
    for thing in things:
        counted.record(thing)
    assert dict(counted.most()) == Counter(things)


@given(st.lists(st.integers(0, 50)))
def test_what_is_more_than_one_in_capacity_is_surely_kept(things: list[int]) -> None:
    counted: Commonest[int] = Commonest(5)
    for thing in things:
        counted.record(thing)
    kept = dict(counted.most())
    assert len(kept) <= 5
    for thing, times in Counter(things).items():
        if times > len(things) / 5:
            assert times <= kept[thing] <= times + len(things) / 5


def test_a_common_thing_that_comes_late_still_shows() -> None:
    counted: Commonest[str] = Commonest(5)
    for number in range(100):
        counted.record(f"rare {number}")
    for _ in range(100):
        counted.record("common")
    assert counted.most(1)[0][0] == "common"


def test_merging_adds_counts() -> None:
    one: Commonest[str] = Commonest(5)
    other: Commonest[str] = Commonest(5)
    one.record("a")
    other.record("a", 2)
    other.record("b")
    one.merge(other)
    assert one.most() == [("a", 3), ("b", 1)]


def test_what_is_equally_common_is_in_the_same_order_whoever_counted_first() -> None:
    one: Commonest[str] = Commonest(5)
    other: Commonest[str] = Commonest(5)
    for thing in "abc":
        one.record(thing)
    for thing in "cba":
        other.record(thing)
    assert one.most() == other.most()

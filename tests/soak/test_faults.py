"""Faults are scheduled one at a time, and each of them ends."""

from __future__ import annotations

from collections import Counter
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from .faults import Fault, Turn, turn
from .tally import Trouble

_SEEDS = st.integers(0, 1_000_000)


@given(seed=_SEEDS, kinds=st.integers(1, 12), period=st.floats(1, 100))
def test_no_two_faults_overlap_and_all_end_in_time(seed: int, kinds: int, period: float) -> None:
    planned = list(turn(seed, kinds, period, 20 * period))
    edges = [edge for one in planned for edge in (one.at, one.until)]
    assert edges == sorted(edges)
    assert edges[-1] <= 20 * period
    assert planned == list(turn(seed, kinds, period, 20 * period))


@given(seed=_SEEDS, kinds=st.integers(1, 12))
def test_each_kind_comes_once_before_any_comes_again(seed: int, kinds: int) -> None:
    first = islice(turn(seed, kinds, 1, 1000), 3 * kinds)
    assert Counter(one.which for one in first) == dict.fromkeys(range(kinds), 3)


def test_scheduled_faults_are_carried_out_and_recorded() -> None:
    heard: list[str] = []
    fault = Fault(
        "frozen", frozenset({"plain"}), lambda: heard.append("begin"), lambda: heard.append("end")
    )
    plan = list(turn(1, 1, 10, 50))
    troubles: list[Trouble] = []
    acting = Turn([fault], iter(plan), troubles)
    begun = [acting.go(elapsed / 10) for elapsed in range(600)]
    assert begun.count("frozen") == len(plan) == len(troubles)
    assert heard == ["begin", "end"] * len(plan)
    assert all(one.until is not None and one.until >= one.since for one in troubles)


def test_a_fault_that_lasts_is_ended_with_the_soak() -> None:
    heard: list[str] = []
    fault = Fault("frozen", frozenset(), lambda: None, lambda: heard.append("end"))
    troubles: list[Trouble] = []
    acting = Turn([fault], turn(1, 1, 10, 50), troubles)
    while not acting.go(15):
        pass
    acting.finish()
    acting.finish()
    assert heard == ["end"]
    assert troubles[0].until is not None

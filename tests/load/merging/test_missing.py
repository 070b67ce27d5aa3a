from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

import pytest

from fthg.load.dividing import part_of_slice
from fthg.load.merging.arrivals import Arrivals
from fthg.load.merging.missing import count_missing, divided_differently, incomplete
from fthg.load.plan import Job, unknown
from fthg.slices import Slice
from tests.load.results_of import result
from tests.load.snapshots import job


def arrived(numbers: Iterable[int], of: int, parts: int = 0) -> Arrivals:
    """Arrivals of a job in so many parts, as `of` slices send them."""
    made = Arrivals()
    slices = [Slice(part, of) for part in range(of)]
    whose = {part_of_slice(slice_, parts or of, "orders"): slice_ for slice_ in slices}
    for n in numbers:
        made.add(str(whose[n % (parts or of)]), [result(seq=n)], known=False)
    return made


UNKNOWN = unknown("orders")


def named(one: Job, arrivals: Arrivals) -> list[tuple[str, Optional[int], bool]]:
    return [(lack.slice, lack.missing, lack.absent) for lack in incomplete("r1", one, arrivals)]


@pytest.mark.parametrize("one", [UNKNOWN, job()])
def test_slices_that_lack_arrivals_are_named_with_how_many(one: Job) -> None:
    whole = arrived(range(1000), 4)
    assert (count_missing(one, whole), named(one, whole)) == (0, [])
    some = arrived((n for n in range(1000) if n % 4 != 2 and not (n % 4 == 1 and n > 900)), 4)
    assert count_missing(one, some) == 250 + 25
    assert named(one, some) == [("1/4", 25, False), ("2/4", 250, True)]


@pytest.mark.parametrize("one", [UNKNOWN, job(limit=3)])
def test_slices_without_a_share_are_neither_incomplete_nor_absent(one: Job) -> None:
    whole = arrived(range(1000), 5, parts=3)
    assert named(one, whole) == []
    some = arrived((n for n in range(1000) if n % 3), 5, parts=3)
    assert count_missing(one, some) == 333
    assert named(one, some) == [("3/5", 333, True)]


def test_what_a_run_that_is_not_divided_lacks_is_of_no_slice() -> None:
    some = Arrivals()
    some.add("", [result(seq=n) for n in range(100) if n % 10], known=False)
    assert count_missing(UNKNOWN, some) == 10
    assert named(UNKNOWN, some) == [("", 10, False)]


def test_of_slices_of_different_divisions_none_is_named() -> None:
    some = arrived(range(0, 100, 4), 4)
    some.merge(arrived(range(1, 99, 3), 3))
    assert divided_differently(some)
    assert [slice_ for slice_, _, _ in named(UNKNOWN, some)] == [""]


def test_a_division_that_the_lines_contradict_names_none() -> None:
    some = Arrivals()
    some.add("0/2", [result(seq=n) for n in (0, 1, 5)], known=True)
    some.add("1/2", [result(seq=3)], known=True)
    assert named(job(), some) == [("", 2, False)]


def test_more_slices_than_a_run_can_have_are_not_gone_through() -> None:
    some = Arrivals()
    some.add(f"0/{999_999_999}", [result(seq=n) for n in (0, 999_999_999)], known=False)
    assert named(UNKNOWN, some) == [("", 999_999_998, False)]


def test_of_the_closed_model_slices_without_any_result_are_named() -> None:
    closed = job(open=False, rate=None, limit=4)
    some = arrived((n for n in range(1000) if n % 4 != 2 and n != 5), 4)
    assert named(closed, some) == [("2/4", None, True)]
    few = arrived([0, 1], 4)  # there was no turn of the others
    assert named(closed, few) == []


def test_nobody_can_tell_of_the_closed_model() -> None:
    some = arrived([0, 5], 2)
    assert count_missing(job(open=False, rate=None), some) is None
    at_odds = Arrivals()
    at_odds.add("", [result(seq=0, due=9 * 10**9), result(seq=5, due=10**9)], known=False)
    assert count_missing(UNKNOWN, at_odds) is None
    assert count_missing(job(), at_odds) == 4

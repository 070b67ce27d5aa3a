from __future__ import annotations

import pickle

from hypothesis import example, given
from hypothesis import strategies as st

from fthg.load.merging.numbers import Numbers

NUMBERS = st.lists(st.integers(0, 70_000) | st.integers(0, 100) | st.integers(0, (1 << 63) - 1))


def of(numbers: list[int]) -> Numbers:
    made = Numbers()
    made.add(numbers)
    return made


@given(NUMBERS)
@example([0, 16_383, 16_384, 32_768, 0])
def test_each_counts_once_and_the_others_are_told(numbers: list[int]) -> None:
    made = Numbers()
    twice = sum(made.add([number]) for number in numbers)
    assert made.count == len(set(numbers))
    assert twice == len(numbers) - len(set(numbers))
    assert made.greatest == max(numbers, default=-1)
    assert of(numbers).count == made.count


@given(NUMBERS, st.integers(1, 40) | st.sampled_from([16_383, 16_384, 20_000]))
def test_they_are_counted_by_part(numbers: list[int], of_parts: int) -> None:
    assert of(numbers).by_part(of_parts) == [
        sum(n % of_parts == part for n in set(numbers)) for part in range(of_parts)
    ]


@given(NUMBERS, NUMBERS)
def test_merged_ones_are_those_of_both_as_another_process_has_them(
    one: list[int], other: list[int]
) -> None:
    merged = of(one)
    twice = merged.merge(pickle.loads(pickle.dumps(of(other))))
    both = of([*one, *other])
    assert (merged.count, merged.greatest) == (both.count, both.greatest)
    assert twice == len(set(one) & set(other))
    assert merged.by_part(3) == both.by_part(3)


def test_millions_take_kilobytes_also_those_of_one_slice() -> None:
    whole, slice_ = Numbers(), Numbers()
    for first in range(0, 3_000_000, 100_000):
        whole.add(range(first, first + 100_000))
        slice_.add(range(first + 3, first + 100_000, 10))
    assert len(pickle.dumps(whole)) < 20_000
    assert len(pickle.dumps(slice_)) < 40_000
    assert whole.merge(slice_) == 300_000

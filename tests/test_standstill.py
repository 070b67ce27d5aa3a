from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fthg.standstill import LISTED, Standstill, joined

standstills = st.builds(
    Standstill, st.integers(0, 50), st.integers(1, 20), st.integers(0, 9), st.sampled_from("abc")
)


def test_overlapping_ones_are_one_with_the_cause_of_the_longest() -> None:
    parts = [Standstill(30, 5, 1, "d"), Standstill(3, 10, 2, "b"), Standstill(0, 5, 1, "a")]
    assert joined(parts) == [Standstill(0, 13, 3, "b"), Standstill(30, 5, 1, "d")]


@given(st.lists(standstills))
def test_joining_keeps_every_moment_and_every_dropped_arrival(parts: list[Standstill]) -> None:
    whole = joined(parts)

    def moments(some: list[Standstill]) -> set[int]:
        return {moment for one in some for moment in range(one.start, one.end + 1)}

    assert moments(list(whole)) == moments(parts)
    assert sum(one.dropped for one in whole) == sum(one.dropped for one in parts)
    assert all(one.end < after.start for one, after in zip(whole, whole[1:]))
    assert {one.cause for one in whole} <= {one.cause for one in parts}


@given(st.lists(standstills), st.randoms(use_true_random=False))
def test_the_order_of_the_parts_does_not_matter(parts: list[Standstill], luck: object) -> None:
    shuffled = sorted(parts, key=lambda one: hash((one, id(luck))))
    assert [one[:3] for one in joined(shuffled)] == [one[:3] for one in joined(parts)]


def test_of_too_many_the_longest_are_kept() -> None:
    many = [Standstill(100 * n, 1 + n % 7, 0, "") for n in range(2 * LISTED)]
    kept = joined(many)
    assert len(kept) == LISTED
    assert kept == sorted(kept)
    assert min(one.length for one in kept) >= 4


@given(standstills, st.integers(0, 80), st.integers(0, 80))
def test_it_overlaps_what_was_not_over_soon_after_it_began(
    one: Standstill, start: int, length: int
) -> None:
    moments = set(range(one.start + one.length // 2, one.end + 1)) & set(
        range(start, start + length + 1)
    )
    assert one.overlaps(start, start + length) == bool(moments)

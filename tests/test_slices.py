from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fthg.slices import WHOLE, Slice

SLICES = st.integers(1, 200).flatmap(
    lambda of: st.builds(Slice, st.integers(0, of - 1), st.just(of))
)


@given(SLICES)
def test_what_is_written_is_read_back(slice_: Slice) -> None:
    assert Slice.parse(str(slice_)) == slice_


def test_paths_hold_no_slash() -> None:
    assert Slice(3, 10).in_paths == "3-of-10"
    assert WHOLE.in_paths == "0-of-1"


@given(st.integers(0, 10**6), st.integers(1, 200))
def test_shares_add_up_and_differ_by_one_at_most(whole: int, of: int) -> None:
    shares = [Slice(part, of).share(whole) for part in range(of)]
    assert sum(shares) == whole
    assert shares == sorted(shares, reverse=True)
    assert max(shares) - min(shares) <= 1


@given(SLICES, SLICES, st.integers(0, 5000))
def test_a_part_of_a_slice_has_its_share_of_the_share(
    outer: Slice, inner: Slice, whole: int
) -> None:
    assert outer.part_of(inner).share(whole) == inner.share(outer.share(whole))


@given(SLICES, SLICES)
def test_a_part_of_a_slice_has_every_so_manyth_of_its_arrivals(outer: Slice, inner: Slice) -> None:
    own = range(outer.part, 10**6, outer.of)
    both = outer.part_of(inner)
    assert range(both.part, 10**6, both.of) == own[inner.part :: inner.of]


@given(SLICES, st.integers(0, 10**4))
def test_it_is_counted_as_it_is_shared(slice_: Slice, until: int) -> None:
    assert slice_.share(until) == len(range(slice_.part, until, slice_.of))

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat

from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.results.in_order import HELD, WINDOW, Room, Source, in_order, merged, place
from fthg.results.recorded import Recorded
from tests.load.results_of import dropped, result


def at(end: int, seq: int = 0, run: str = "r1") -> Recorded:
    return Recorded(run, result(end=end, seq=seq))


ENDS = st.integers(0, 60 * SECOND) | st.sampled_from([SECOND, 2 * SECOND, 40 * SECOND])
LINES = st.lists(st.tuples(ENDS, st.integers(0, WINDOW), st.integers(0, 2), st.integers(0, 3)))


def written(lines: Sequence[tuple[int, int, int, int]], file: int) -> list[Recorded]:
    """Return one file's results as workers write them: each up to a window late."""
    mine = sorted((end + late, end, seq) for end, late, seq, its_file in lines if its_file == file)
    return [at(end, seq) for _, end, seq in mine]


@given(LINES)
def test_lines_no_more_than_a_window_behind_come_in_order(
    lines: list[tuple[int, int, int, int]],
) -> None:
    for file in range(4):
        mine = written(lines, file)
        assert list(in_order(mine, Room())) == sorted(mine, key=place)


@given(LINES)
def test_several_files_are_as_one_that_is_sorted(lines: list[tuple[int, int, int, int]]) -> None:
    files = [written(lines, file) for file in range(4)]
    sources = [
        Source(min((place(one)[0] for one in file), default=1 << 63), file) for file in files
    ]
    everything = [one for file in files for one in file]
    assert list(merged(sources)) == sorted(everything, key=place)


@given(st.lists(st.lists(st.integers(0, 100 * SECOND)), max_size=4), st.integers(0, 300))
def test_none_is_lost_however_disordered_and_however_little_room_there_is(
    files: list[list[int]], most: int
) -> None:
    sources = [Source(0, [at(end, seq) for seq, end in enumerate(file)]) for file in files]
    everything = [one for source in sources for one in source.results]
    assert sorted(merged(sources, most), key=place) == sorted(everything, key=place)


def test_at_equal_ends_the_order_is_by_job_and_seq_and_then_of_the_lines() -> None:
    assert list(in_order([at(SECOND, seq) for seq in range(50)][::-1], Room())) == [
        at(SECOND, seq) for seq in range(50)
    ]
    same = [at(SECOND, run=f"r{n}") for n in range(50)]
    assert list(in_order(same, Room())) == same


def test_what_never_ended_stands_where_it_was_due() -> None:
    between = Recorded("r1", dropped(due=2 * SECOND))
    assert list(in_order([at(3 * SECOND), between, at(1 * SECOND)], Room()))[1] == between


class Endless:
    """A file without an end, all of whose results end at the same time."""

    def __init__(self, second: int) -> None:
        self.taken = 0
        self.first = second * SECOND

    def __iter__(self) -> Iterator[Recorded]:
        for one in repeat(at(self.first)):
            self.taken += 1
            yield one


def test_no_more_are_held_than_memory_allows_in_all_files_together() -> None:
    one, other, later = files = [Endless(1), Endless(1), Endless(9)]
    results = merged([Source(file.first, file) for file in files])
    for _ in range(1000):
        next(results)
    assert HELD < one.taken + other.taken < HELD + 2000
    assert later.taken == 0  # it is not its turn

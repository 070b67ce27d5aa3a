from __future__ import annotations

from array import array
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.pacing import PACERS
from fthg.load.pacing.replay import Replay
from fthg.slices import Slice
from fthg.track.outcomes import RESULTS
from fthg.track.tracked import Row, Tracked
from tests.track.paired_ledgers import write_csv

from .laws import obeys_the_laws
from .profiles import mapping

UTC = 1_764_000_000 * SECOND

moments = st.lists(st.integers(0, 10**13), min_size=1, max_size=40).map(
    lambda some: array("q", [UTC + one for one in sorted(some)])
)
speeds = st.fractions(Fraction(1, 1000), 1000, max_denominator=1000)
replays = st.builds(Replay, moments, speeds)


def read(path: Path, **items: str) -> Replay:
    found = PACERS["replay"].read(mapping(replay=str(path), **items))
    assert isinstance(found, Replay)
    return found


def tracked(result: str, start: int) -> Tracked:
    """A transfer that began so many microseconds after UTC."""
    begin = UTC // 1000 + start
    return Tracked(
        result,
        Row(None, '=a,"b".xml', begin, begin + 9, "200"),
        Row(None, '=a,"b".xml', begin + 99, None, None),
    )


@given(replays, st.integers(0, 45), st.integers(-5, 10**16))
def test_counts_agree_with_due_times(pacer: Replay, arrival: int, until: int) -> None:
    obeys_the_laws(pacer, arrival, until)


@given(replays, st.integers(1, 5))
def test_slices_partition_it(pacer: Replay, parts: int) -> None:
    numbers = range(len(pacer.moments))
    sliced = [
        numbers[slice_.part :: slice_.of] for slice_ in (Slice(n, parts) for n in range(parts))
    ]
    assert sorted(number for part in sliced for number in part) == list(numbers)
    assert pacer.due(0) == 0
    assert pacer.due(len(numbers)) is None


@given(replays, st.integers(-5, 10**16))
def test_it_always_has_a_target(pacer: Replay, time: int) -> None:
    assert pacer.has_target
    assert pacer.rate_at(time) > 0


@pytest.mark.parametrize("speed", ["10", "0.3", "1"])
def test_the_csv_of_tracking_has_the_same_shape_at_any_speed(tmp_path: Path, speed: str) -> None:
    starts = [n * n * 1_234_567 % 86_400_000_000 for n in range(2000)]  # microseconds
    write_csv(
        [tracked(RESULTS[n % len(RESULTS)], start) for n, start in enumerate(starts)],
        tmp_path / "monday.csv",
    )
    pacer = read(tmp_path / "monday.csv", column="ingress_start", speed=speed)
    starts.sort()
    exact = [(start - starts[0]) * 1000 / Fraction(speed) for start in starts]
    assert [pacer.due(n) for n in range(2001)] == [*map(int, exact), None]
    assert pacer.file == str(tmp_path / "monday.csv")
    assert pacer.arrivals(10**18) == 2000


@pytest.mark.parametrize(
    ("speed", "due"), [("1", 10**17 + 1), ("10", 10**16), ("0.1", 10**18 + 10), ("3", 10**17 // 3)]
)
def test_years_are_exact_to_the_nanosecond(speed: str, due: int) -> None:
    pacer = Replay(array("q", [UTC, UTC + 10**17 + 1]), Fraction(speed))
    assert pacer.due(1) == due
    assert (pacer.arrivals(due), pacer.arrivals(due + 1)) == (1, 2)


def test_its_text_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "monday.csv"
    path.write_text("at\n" + "5\n" * 12_345)
    assert read(path, column="at").text == f"replay of {path}, 12,345 files"
    assert read(path, column="at", speed="1.0").text == f"replay of {path}, 12,345 files"
    assert read(path, column="at", speed="0.50").text == (
        f"replay of {path}, 0.50 times as fast, 12,345 files"
    )


def test_its_rate_is_the_mean_of_ten_seconds_or_of_ten_arrivals() -> None:
    steady = [UTC + n * SECOND // 10 for n in range(1000)]
    slow = [steady[-1] + n * 60 * SECOND for n in range(1, 30)]
    pacer = Replay(array("q", [*steady, *slow]))
    assert pacer.rate_at(0) == pacer.rate_at(50 * SECOND) == 10
    assert pacer.rate_at(1000 * SECOND) == Fraction(1, 60)


def test_the_last_arrival_stands_for_as_long_as_the_others_do_on_average() -> None:
    pacer = Replay(array("q", [UTC, UTC + SECOND, UTC + 4 * SECOND]))
    assert [pacer.seconds(count) for count in range(4)] == [0, 1, 4, 6]
    assert pacer.mean_rate(4 * SECOND + 1) == Fraction(3, 6)


@pytest.mark.parametrize(
    ("moments", "after"),
    [([0], SECOND), ([0, 0, 7], 4), ([0, 7 * SECOND], SECOND), ([0, 1], 1)],
)
def test_it_ends_when_the_time_of_the_last_arrival_is_over_but_soon(
    moments: list[int], after: int
) -> None:
    assert Replay(array("q", moments)).end == moments[-1] + after


def test_files_that_are_all_due_at_once_are_those_of_a_second() -> None:
    pacer = Replay(array("q", [UTC] * 5))
    assert [pacer.due(n) for n in range(6)] == [0] * 5 + [None]
    assert pacer.mean_rate(1) == pacer.rate_at(0) == 5

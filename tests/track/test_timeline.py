"""The time axis: the most transfers in flight at once in each step."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fthg.track.figures import Figures

from .ledgers import DAY, HOUR, MINUTE, SECOND, START, Pair, figures, pair, row, uuid


def _peaks(found: Figures) -> list[int]:
    return [bucket.in_flight for bucket in found.timeline.buckets]


def test_short_transfers_show_although_none_is_in_flight_at_the_end_of_a_step() -> None:
    pairs = [pair(n, n * MINUTE, SECOND // 3) for n in range(60)]

    assert _peaks(figures(pairs, end=HOUR)) == [1, 0] * 60


def test_the_most_at_once_counts_and_not_how_many_there_were() -> None:
    one_by_one = [pair(n, n * SECOND, SECOND) for n in range(10)]
    at_once = [pair(n, HOUR + n, SECOND) for n in range(10, 17)]

    peaks = _peaks(figures([*one_by_one, *at_once]))

    assert (peaks[0], peaks[4]) == (1, 7)
    assert sum(peaks) == 8


def test_transfers_that_end_in_the_same_second_were_in_flight() -> None:
    assert max(_peaks(figures([pair(1, 0, 0), pair(2, 0, 0), pair(3, 1, 0)]))) == 2


def test_a_transfer_is_in_flight_in_each_step_from_its_start_to_its_end() -> None:
    found = figures([pair(1, 30 * MINUTE, 60 * MINUTE)], end=2 * HOUR)

    assert _peaks(found) == [0] * 30 + [1] * 60 + [0] * 30


def test_a_transfer_without_an_end_stays_in_flight_unless_it_failed() -> None:
    start = (row(uuid(1), MINUTE, 2 * MINUTE), row(uuid(1), 3 * MINUTE, None, None))
    failed = (start[0], start[1]._replace(status="FAILED"))
    pending = (row(uuid(1), 8 * MINUTE, None), None)

    assert _peaks(figures([start], end=12 * MINUTE))[::6] == [0] + [1] * 11
    assert sum(_peaks(figures([failed], end=12 * MINUTE))) == 12  # of 10 s
    assert _peaks(figures([pending], end=12 * MINUTE, now=10 * MINUTE))[-1] == 1


def test_rows_without_a_partner_were_never_in_flight() -> None:
    lost: list[Pair] = [(row(uuid(1), 0, SECOND), None), (None, row(uuid(2), 0, SECOND))]

    assert not any(_peaks(figures(lost)))


def test_what_ends_before_it_starts_is_in_flight_for_a_moment() -> None:
    assert sum(_peaks(figures([pair(1, HOUR, -20 * MINUTE)]))) == 1


def test_a_start_after_the_poll_has_its_own_step_and_not_the_last_before_it() -> None:
    found = figures([pair(1, 0, 1), pair(2, 3 * HOUR, SECOND)], now=HOUR)

    starts = [bucket.start - START for bucket in found.timeline.buckets if bucket.counts.passed]
    assert starts == [0, 3 * HOUR]
    assert sum(_peaks(found)) == 2


@given(
    st.lists(
        st.tuples(
            st.integers(0, DAY - 1),
            st.integers(-SECOND, DAY),
            st.sampled_from(["SUCCESS", "FAILED", None]),
        ),
        max_size=40,
    ),
    st.sampled_from([120, 1000, 120 * SECOND, HOUR, DAY]),
    st.sampled_from([1, SECOND]),
)
def test_each_step_has_its_peak(made: list[tuple[int, int, str]], end: int, precision: int) -> None:
    scaled = [
        (start * end // DAY // precision * precision, transit * end // DAY // precision * precision)
        for start, transit, _ in made
    ]
    pairs = [pair(n, *times, made[n][2]) for n, times in enumerate(scaled)]

    found = figures(pairs, end=end, now=end)

    flights = [
        (START + start, START + max(start + transit, start + 1)) for start, transit in scaled
    ]
    for bucket in found.timeline.buckets:
        last = bucket.start + found.timeline.step
        moments = [bucket.start, *(s for s, _ in flights if bucket.start <= s < last)]
        assert bucket.in_flight == max(
            sum(start <= moment < end for start, end in flights) for moment in moments
        )


def test_an_end_in_the_year_9999_is_no_overflow() -> None:
    far = 251_000_000_000 * SECOND

    found = figures([pair(n, n, far) for n in range(100)])

    assert found.transit
    assert found.transit.total == 100 * far
    assert found.timeline.buckets[0].transit
    assert found.timeline.buckets[0].transit.mean == far
    assert figures([pair(n, n, far) for n in range(100)], groups=(("a", ("*",)),)).groups

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fthg.clock import SECOND
from fthg.load.pacing import Pacer
from fthg.load.recorded_stages import RecordedStages
from fthg.transfer import Result

from .results_of import MS, result
from .snapshots import UTC, job
from .stats.staged import Alternating, stages

HOUR = 3600 * SECOND
US = SECOND // 1_000_000
PAUSE_LAST = "10/s for 2s, 0/s for 8s"


def results(pacer: Pacer, start: int, arrivals: Iterator[int], late: int = 0) -> list[Result]:
    """Results as a file has them: moments in microseconds."""
    found = []
    for seq in arrivals:
        due = start + (pacer.due(seq) or 0) + late
        due -= due % US
        found.append(result(seq=seq, due=due, start=due, end=due + 20 * MS))
    return found


def read(some: list[Result], pacer: Pacer, *, is_open: bool = True) -> RecordedStages:
    found = RecordedStages(job(pacer=pacer, open=is_open), some[0])
    for one in some:
        found.record([one])
    return found


def counts(found: RecordedStages) -> dict[int, int]:
    return {stage: counts.scheduled for stage, counts in found.metrics.stages.items()}


@pytest.mark.parametrize("first", [0, 1, 13])
@pytest.mark.parametrize("start", [UTC, UTC + 777])
def test_the_first_moment_is_found_from_any_result_that_was_on_schedule(
    first: int, start: int
) -> None:
    pacer = stages("3/s for 2s, to 30/s over 4s, 10/s for 1s")
    some = results(pacer, start, iter(range(first, 82)))
    found = read(some, pacer)
    assert abs(found.began - start) < US
    in_first = {0: 6 - first} if first < 6 else {}
    assert counts(found) == {**in_first, 1: 66 - max(0, first - 6), 2: 10}
    assert found.staged.until == 7 * SECOND


@pytest.mark.parametrize(
    ("arrivals", "longest", "until"),
    [(20, 10, 10), (20, 5, 5), (20, 9, 9), (20, 9.01, 2), (19, 10, 1.9)],
)
def test_a_pause_at_the_end_counts_if_no_arrival_is_left_until_then(
    arrivals: int, longest: float, until: float
) -> None:
    pacer = stages("10/s for 2s, 0/s for 7s, 100/s for 1s" if longest != 10 else PAUSE_LAST)
    some = results(pacer, UTC, iter(range(arrivals)))
    found = RecordedStages(job(pacer=pacer), some[0], longest)
    for one in some:
        found.record([one])
    assert found.staged.until == round(until * SECOND)


@pytest.mark.parametrize("start", [UTC, UTC + 777])
def test_the_last_one_counts_also_where_busy_senders_skipped_arrivals(start: int) -> None:
    pacer = stages("3/s for 2s, to 30/s over 4s, 10/s for 1s")
    some = results(pacer, start, iter([1, 2, *range(50, 82)]))
    numbered = [one._replace(seq=seq) for seq, one in enumerate(some, 1)]
    found = read(numbered, pacer, is_open=False)
    assert counts(found) == {0: 2, 1: 22, 2: 10}
    assert found.staged.until == 7 * SECOND


@pytest.mark.parametrize(("took", "until"), [(2 * SECOND, 4), (SECOND // 2, 2.4)])
def test_arrivals_that_had_no_sender_until_the_end_do_not_shorten_the_time(
    took: int, until: float
) -> None:
    pacer = stages("10/s for 2s, 5/s for 2s")
    some = results(pacer, UTC, iter(range(22)))
    some[-1] = some[-1]._replace(end=some[-1].due + took)
    for is_open in (False, True):
        found = RecordedStages(job(pacer=pacer, open=is_open), some[0], 4)
        for one in some:
            found.record([one])
        assert found.staged.until == round((2.4 if is_open else until) * SECOND)


@pytest.mark.parametrize(
    ("text", "dues", "until"),
    [
        ("max for 1s, 3/s for 1s", [0, 950, 1000, 1333, 1666], 2),
        ("max for 1s, 3/s for 1s", [0, 950, 1000], 1 + 1 / 3),  # stopped
        ("max for 1s, 0/s for 1s, 10/s for 1s", [0, 950], 1.05),  # stopped
        ("max for 1s, 0/s for 1s, 10/s for 1s", [0, 950, *range(2000, 3000, 100)], 3),
        ("max for 1s, 0/s for 2s", [0, 950], 3),
        ("max for 1s, 0/s for 2s", [0, 650], 0.75),  # stopped
        ("10/s for 1s, max for 1s", [*range(0, 1000, 100), 1000, 1950], 2),
        ("10/s for 1s, max for 1s", [*range(0, 1000, 100), 1000, 1500], 1.6),  # stopped
    ],
)
def test_stages_beside_max_are_as_long_as_they_were(
    text: str, dues: list[int], until: float
) -> None:
    pacer = stages(text)
    moments = [UTC + due * MS + due % 10 * 111 * US for due in dues]
    some = [result(seq=n, due=due, end=due + 100 * MS) for n, due in enumerate(moments)]
    found = RecordedStages(job(pacer=pacer, open=False), some[0], pacer.end / SECOND)
    for one in some:
        found.record([one])
    assert found.staged.until / SECOND == pytest.approx(until, abs=1e-8)


def test_senders_that_were_late_count_in_the_stage_in_which_they_sent() -> None:
    pacer = stages("10/s for 2s, 10/s for 2s")
    some = results(pacer, UTC, iter(range(10)))
    some += results(pacer, UTC, iter(range(10, 20)), late=SECOND + SECOND // 20)
    assert counts(read(some, pacer, is_open=False)) == {0: 10, 1: 10}
    assert counts(read(some, pacer, is_open=True)) == {0: 20}


@pytest.mark.parametrize(
    ("text", "first"),
    [("max for 5s, 10/s for 5s", 0), ("10/s for 5s, max for 5s", 0), ("0/s for 3s, max for 2s", 3)],
)
def test_stages_at_max_are_counted_from_the_first_moment(text: str, first: int) -> None:
    due = UTC + first * SECOND
    some = [result(due=due, start=due, end=due + MS)]
    found = read(some, stages(text), is_open=False)
    assert found.began == UTC
    assert counts(found) == {1 if first else 0: 1}


def test_a_day_profile_begins_at_the_moment_that_fits_its_first_result() -> None:
    began = UTC - UTC % (2 * HOUR) + HOUR - 10 * 60 * SECOND  # ten minutes before an odd hour
    anchored = Alternating(began)
    some = results(anchored, began, iter(range(10 + 3600 + 5)))
    assert counts(read(some, Alternating())) == {0: 10 + 5, 1: 3600}
    found = read(some[3:], Alternating())
    assert abs(found.began - began) < SECOND
    assert counts(found) == {0: 7 + 5, 1: 3600}

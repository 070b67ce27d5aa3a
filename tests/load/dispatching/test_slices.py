"""The laws of slices, and of the number of senders, for random stages."""

from __future__ import annotations

import tempfile
from collections import Counter
from math import floor
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from fthg.load.pacing import Stages
from fthg.slices import Slice
from fthg.transfer import Result

from ..job_bench import Bench
from ..short_stages import STAGES, STAGES_WITH_MAX

SLICES = st.integers(1, 4)
SECONDS = st.lists(st.integers(0, 30).map(lambda tenths: tenths / 10), min_size=1, max_size=7)


def sent_by_all(
    rate: Stages, of: int, seconds: list[float], is_open: bool, limit: int = 3
) -> list[Result]:
    """Run every slice, each with its own senders, and return all results."""
    results: list[Result] = []
    for part in range(of):
        with tempfile.TemporaryDirectory() as directory:
            bench = Bench(Path(directory), lambda one: seconds[one.seq % len(seconds)])
            bench.run(
                rate, is_open=is_open, limit=1000 if is_open else limit, slice_=Slice(part, of)
            )
            assert {result.seq % of for result in bench.results} <= {part}
            results += bench.results
    return results


def due_times(rate: Stages) -> list[int]:
    count = rate.arrivals(rate.end)
    assert count is not None
    return [due for n in range(count) if (due := rate.due(n)) is not None]


@given(STAGES, SLICES, SECONDS)
@settings(max_examples=40)
def test_all_slices_of_the_open_model_send_the_schedule_exactly(
    rate: Stages, of: int, seconds: list[float]
) -> None:
    results = sent_by_all(rate, of, seconds, is_open=True)
    assert sorted(result.due for result in results) == due_times(rate)
    assert sorted(result.seq for result in results) == list(range(len(results)))


@given(STAGES, SLICES, SECONDS, st.integers(1, 3))
@settings(max_examples=40)
def test_slices_of_the_closed_model_never_send_more_than_the_schedule_until_any_moment(
    rate: Stages, of: int, seconds: list[float], limit: int
) -> None:
    results = sent_by_all(rate, of, seconds, is_open=False, limit=limit)
    sent, scheduled = sorted(result.due for result in results), due_times(rate)
    assert len(sent) <= len(scheduled)
    assert all(late >= due for late, due in zip(sent, scheduled))
    assert max(Counter(result.seq for result in results).values(), default=1) == 1


@given(STAGES, SLICES)
@settings(max_examples=20)
def test_slices_of_the_closed_model_with_free_senders_send_the_schedule_exactly(
    rate: Stages, of: int
) -> None:
    results = sent_by_all(rate, of, [0.0], is_open=False, limit=1000)
    assert sorted(result.due for result in results) == due_times(rate)


@given(STAGES_WITH_MAX, STAGES.filter(lambda stages: stages.end > 0), SECONDS)
@settings(max_examples=60)
def test_what_starts_finds_no_more_in_flight_than_there_are_senders(
    rate: Stages, senders: Stages, seconds: list[float]
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        bench = Bench(Path(directory), lambda one: 0.1 + seconds[one.seq % len(seconds)])
        bench.run(rate, is_open=False, limit=20, senders=senders, grace=1000)
    spans = [(one.start, one.end) for one in bench.results if one.start is not None]
    for start, _ in spans:
        busy = sum(1 for begin, end in spans if begin <= start and (end or start) > start)
        assert busy <= floor(senders.rate_at(start) or 0)
    assert sorted(result.seq for result in bench.results) == list(range(len(bench.results)))

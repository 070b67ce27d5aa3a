"""The updates of workers on their jobs, and the state that their parent makes of them."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from typing import Optional

from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.news import KnownJobs, News
from fthg.load.run import JobPart, JobState
from fthg.load.stats.metrics import Metrics
from fthg.load.stats.tally import Tally

from .results_of import result

NAMES = ("a", "b", "c")


class Worker:
    """The jobs of a worker without a run, which reports two at a time."""

    def __init__(self) -> None:
        self.tally = Tally(0)
        for name in NAMES:
            self.tally.add(name)

    def report(self) -> News:
        taken = self.tally.take_news(2)
        metrics, state = self.tally.metrics(), JobState("running", 1.0, 7)
        parts = {name: JobPart(*state, metrics[name].news()) for name in taken}
        waiting = [name for name in NAMES if name in self.tally.news]
        others = [name for name in NAMES if name not in taken and name not in waiting]
        news = News(parts, dict.fromkeys(others, state), complete=not waiting)
        received = pickle.loads(pickle.dumps(news))
        assert isinstance(received, News)
        return received


def figures(metrics: Mapping[str, Metrics]) -> Sequence[object]:
    return [(metrics[name].figures(1.0, 1.0), metrics[name].more()) for name in NAMES]


EVENTS = st.lists(st.none() | st.tuples(st.sampled_from(NAMES), st.integers(0, 1000)), max_size=60)
"""A result of a job that ends at a second; None: no update comes."""


@given(EVENTS)
def test_the_parent_knows_at_the_end_what_the_worker_knows(
    events: list[Optional[tuple[str, int]]],
) -> None:
    worker, known = Worker(), KnownJobs()
    for seq, event in enumerate(events):
        if event is None:
            known.take(worker.report())
        else:
            job, second = event
            worker.tally.record(result(job=job, seq=seq, due=0, end=second * SECOND))
    for _ in range(len(NAMES)):
        known.take(worker.report())
    seen = {name: part.metrics for name, part in known.jobs.items()}
    assert figures(seen) == figures(worker.tally.metrics())
    assert known.in_flight == 7 * len(NAMES)


def test_a_job_that_has_results_all_the_time_does_not_keep_others_from_being_told() -> None:
    worker = Worker()
    for job in NAMES:
        worker.tally.record(result(job=job, due=0, end=1))
    assert list(worker.report().parts) == ["a", "b"]
    worker.tally.record(result(job="a", due=0, end=1))
    worker.tally.record(result(job="b", due=0, end=1))
    news = worker.report()
    assert list(news.parts) == ["c", "a"]
    assert (list(news.states), news.complete) == ([], False)  # nothing newer than its results
    assert worker.report().complete


def test_after_a_long_time_news_are_not_larger_than_at_first() -> None:
    worker = Worker()
    sizes = []
    for second in range(200):
        worker.tally.record(result(job="a", due=second * SECOND, end=second * SECOND))
        sizes.append(len(pickle.dumps(worker.report())))
    assert sizes[-1] < 2 * sizes[1]
    assert len(pickle.dumps(worker.tally.metrics()["a"])) > 10 * sizes[-1]

"""What a worker tells its parent about its jobs: each time what is new since the last time.

A thousand jobs after some minutes are 20 MB of metrics; making and reading all of them twice a
second would take longer than a second, in which nothing is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .run import JobPart, JobState


class News(NamedTuple):
    """The jobs of one worker, those whose results wait for their turn left out."""

    parts: Mapping[str, JobPart]
    """New jobs, and those with new results: of their series what has changed."""
    states: Mapping[str, JobState]
    """The others, whose results are those of the time before."""
    complete: bool  # False: jobs were left out


class KnownJobs:
    """The jobs of one worker as far as it has told, each at one moment."""

    def __init__(self) -> None:
        self.jobs: dict[str, JobPart] = {}

    def take(self, news: News) -> None:
        """Bring them up to date."""
        for name, part in news.parts.items():
            if name in self.jobs:
                part.metrics.complete(self.jobs[name].metrics)
            self.jobs[name] = part
        for name, state in news.states.items():
            self.jobs[name] = self.jobs[name]._replace(**state._asdict())

    def cancel(self) -> None:
        """Count what was in flight as cancelled: no more is told."""
        for name, part in self.jobs.items():
            part.metrics.outcomes["cancelled"] += part.in_flight
            part.metrics.sent += part.in_flight
            for stages in part.stages:
                stages.cancel(part.in_flight)
            self.jobs[name] = part._replace(state="done", in_flight=0)

    @property
    def in_flight(self) -> int:
        """All transfers that are in flight."""
        return sum(part.in_flight for part in self.jobs.values())

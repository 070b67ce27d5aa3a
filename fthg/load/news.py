"""The updates that a worker sends its parent about its jobs: the changes since the last one.

A thousand jobs after some minutes are 20 MB of metrics; making and reading all of them twice a
second would take longer than a second, in which nothing is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .run import JobPart, JobState


class News(NamedTuple):
    """An update on the jobs of one worker; some jobs may be left to the next one."""

    parts: Mapping[str, JobPart]
    """New jobs, and those with new results: of their series what has changed."""
    states: Mapping[str, JobState]
    """The others, whose results are those of the time before."""
    complete: bool  # False: jobs were left out


class KnownJobs:
    """The jobs of one worker as last reported, each at one moment."""

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
        """Count transfers in flight as cancelled: no more reports will come."""
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

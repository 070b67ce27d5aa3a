"""The metrics of several jobs: results are collected, and counted many at once."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from itertools import islice
from typing import Optional

from ...transfer import Result
from .metrics import Metrics
from .stage_metrics import StageMetrics, StageRecorder

_AT_ONCE = 64  # results of a job: counting them takes too little time to delay a transfer


class Tally:
    """Metrics by job, all of the same beginning; of jobs with stages also those of each stage."""

    def __init__(self, began: int) -> None:
        self._began = began
        self._metrics: dict[str, Metrics] = {}
        self._stages: dict[str, StageRecorder] = {}
        self._fresh: dict[str, list[Result]] = {}  # not counted yet
        self._news: dict[str, None] = {}  # new jobs, and those with new results, the first first

    def __contains__(self, job: str) -> bool:
        return job in self._metrics

    def __len__(self) -> int:
        return len(self._metrics)

    def add(self, job: str, stages: Optional[StageRecorder] = None) -> None:
        """Add a job, and the recorder of its stages if it has some."""
        self._metrics[job], self._fresh[job] = Metrics(self._began), []
        self._news[job] = None
        if stages is not None:
            self._stages[job] = stages

    def record(self, result: Result) -> None:
        """Queue a result of a job that was added; it is counted before the metrics are read."""
        fresh = self._fresh[result.job]
        fresh.append(result)
        if len(fresh) >= _AT_ONCE:
            self._count(result.job)

    def metrics(self) -> Mapping[str, Metrics]:
        """Return the metrics of every job, with all results so far."""
        for job in self._fresh:
            self._count(job)
        return self._metrics

    def stages(self, job: str) -> Optional[StageMetrics]:
        """Return the metrics by stage of a job, with all results so far; None if it has none."""
        recorder = self._stages.get(job)
        if recorder is None:
            return None
        self._count(job)
        return recorder.metrics

    def take_news(self, most: int) -> Sequence[str]:
        """Return jobs, each at first and again after further results: those that wait longest."""
        self.metrics()
        taken = list(islice(self._news, most))
        for job in taken:
            del self._news[job]
        return taken

    @property
    def news(self) -> Container[str]:
        """The jobs that wait to be taken."""
        return self._news

    def _count(self, job: str) -> None:
        if not self._fresh[job]:
            return
        fresh, self._fresh[job] = self._fresh[job], []
        self._news[job] = None
        self._metrics[job].record(*fresh)
        if job in self._stages:
            self._stages[job].record(fresh)

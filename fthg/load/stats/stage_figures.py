"""The figures of each stage of a job (pure)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple, Optional

from ...clock import SECOND
from ...verdicts.thresholds import Figures
from .metrics import times
from .stage_metrics import STAGE_TIMES, StageCounts, StageMetrics
from .stage_times import StagedTime, stage_periods


class _Schedule(NamedTuple):
    """The schedule of one stage so far, in all runs and as often as it was in force."""

    start: int  # the first one, nanoseconds after the first moment of the job
    time: int
    due: Optional[Fraction]  # arrivals; None: it has no target

    def joined(self, other: _Schedule) -> _Schedule:
        """Return both as one."""
        due = None if self.due is None or other.due is None else self.due + other.due
        return _Schedule(min(self.start, other.start), self.time + other.time, due)


def stage_figures(
    staged: Sequence[StagedTime], parts: Iterable[StageMetrics], in_flight: int = 0
) -> Sequence[Figures]:
    """Return the figures of each stage that has begun, in the order of `Pacer.stages`.

    `staged` has the schedule of each run, `parts` the results, which may be those of slices.
    """
    counts = StageMetrics()
    for part in parts:
        counts.merge(part)
    schedules = _schedules(staged)
    found = {stage: counts.stages.get(stage, StageCounts()) for stage in schedules}
    under_way = _shared_out(in_flight, schedules, found)
    return [
        {
            "rate": staged[0].pacer.stages[stage],
            **_figures(schedules[stage], found[stage], under_way[stage]),
        }
        for stage in sorted(schedules)
    ]


def _shared_out(
    in_flight: int, schedules: Mapping[int, _Schedule], counts: Mapping[int, StageCounts]
) -> Mapping[int, int]:
    """Return how many transfers in flight were due in each stage: the latest possible ones.

    In the open model, which sends or drops all that is due, that is exact.
    """
    latest_first = list(reversed(list(schedules)))
    found, left = dict.fromkeys(latest_first, 0), in_flight
    for stage in latest_first:
        due = schedules[stage].due
        most = left if due is None else max(0, math.ceil(due) - counts[stage].scheduled)
        found[stage] = min(left, most)
        left -= found[stage]
    for stage in latest_first[:1]:
        found[stage] += left
    return found


def mean_target(staged: Sequence[StagedTime]) -> Optional[float]:
    """Return the arrivals due a second in all stages so far; None if one has no target."""
    due = [one.due for one in staged]
    known = [count for count in due if count is not None]
    return mean_rate(sum(known), staged) if len(known) == len(due) else None


def mean_rate(count: int, staged: Iterable[StagedTime]) -> float:
    """Return a count of arrivals as a rate over all stages so far."""
    time = sum(one.until for one in staged)
    return float(Fraction(count * SECOND, time)) if time else 0.0


def _schedules(staged: Iterable[StagedTime]) -> dict[int, _Schedule]:
    """Return the schedules by stage, the one in force last."""
    found: dict[int, _Schedule] = {}
    for run in staged:
        for (stage, start, end), due in stage_periods(run):
            one = _Schedule(start, end - start, due)
            before = found.pop(stage, None)
            found[stage] = before.joined(one) if before else one
    return found


def _figures(schedule: _Schedule, counts: StageCounts, in_flight: int) -> Figures:
    seconds, sent = Fraction(schedule.time, SECOND), counts.sent + in_flight
    return {
        "start": schedule.start / SECOND,
        "seconds": float(seconds),
        "scheduled": counts.scheduled + in_flight,
        "sent": sent,
        **counts.outcomes,
        "bytes": counts.bytes,
        "target_rate": None if schedule.due is None else float(schedule.due / seconds),
        "achieved_rate": float(sent / seconds),
        **{name: times(histogram) for name, histogram in zip(STAGE_TIMES, counts.times)},
    }

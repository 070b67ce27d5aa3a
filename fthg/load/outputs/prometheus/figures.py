"""The metrics of a run, from its snapshots (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from .... import __version__
from ....errors import KINDS
from ....slices import WHOLE
from ....transfer import OUTCOMES
from ....verdicts.thresholds import Verdict
from ...plan import Plan
from ...stats.job_snapshot import JobSnapshot
from ...stats.metrics import TIMES
from ...stats.outages import Outage
from ...stats.snapshot import TOTAL, RunSnapshot
from .text import Family, exposition, histogram, labels, sample

FAMILIES = (
    Family(
        "fthg_run_info", "gauge", "The run, this slice of it, and the version of fthg; always 1."
    ),
    Family("fthg_slices", "gauge", "Slices that the run has."),
    Family("fthg_transfers_total", "counter", "Arrivals by outcome."),
    Family("fthg_transfer_errors_total", "counter", "Failed transfers by kind of error."),
    Family(
        "fthg_sent_bytes_total", "counter", "Bytes of file content sent, failed transfers included."
    ),
    Family("fthg_in_flight", "gauge", "Transfers in flight."),
    Family(
        "fthg_target_rate", "gauge", "Transfers a second that are due now; 0 while none are sent."
    ),
    Family("fthg_response_time_seconds", "histogram", "End minus due time of ok transfers."),
    Family("fthg_service_time_seconds", "histogram", "End minus start of ok transfers."),
    Family("fthg_lateness_seconds", "histogram", "Start minus due time of all that were started."),
    Family("fthg_outages_total", "counter", "Outages of the target that have begun."),
    Family("fthg_outage", "gauge", "1 while an outage of the target is under way, else 0."),
    Family("fthg_threshold_ok", "gauge", "1 if the figures so far pass the threshold, else 0."),
)
"""All metrics, in the order of the text."""

Lines = Mapping[str, str]
"""The lines of one job, by the name of their family."""


class Figures:
    """The metrics of one run; no count ever decreases."""

    def __init__(self, plan: Plan, mask: Callable[[str], str]) -> None:
        self._mask = mask
        self._run = labels(run=mask(plan.run), slice=str(plan.slice or WHOLE), version=__version__)
        self._names = _distinct({job.name: mask(job.name) for job in plan.jobs})
        self._outages: Counter[str] = Counter()  # by job
        self._out: set[str] = set()  # jobs whose outage is under way

    def outage(self, outage: Outage) -> None:
        """Count an outage that begins, and note one that ends."""
        if outage.end is None:
            self._outages[outage.job] += 1
            self._out.add(outage.job)
        else:
            self._out.discard(outage.job)

    def job(self, run: RunSnapshot, job: JobSnapshot) -> Lines:
        """Return the lines of one job of a run, all of one moment."""
        name = labels(fthg_job=self._names[job.name])
        metrics, target = job.metrics, job.target_now
        values = {
            "fthg_sent_bytes_total": metrics.bytes,
            "fthg_in_flight": job.in_flight,
            **({} if target is None else {"fthg_target_rate": target}),
            "fthg_outages_total": self._outages[job.name],
            "fthg_outage": int(job.name in self._out),
        }
        lines = {family: sample(family, name, value) for family, value in values.items()}
        for family, label, kinds, counts in (
            ("fthg_transfers_total", "outcome", OUTCOMES, metrics.outcomes),
            ("fthg_transfer_errors_total", "error", KINDS, metrics.errors),
        ):
            lines[family] = "".join(
                sample(family, f'{name},{label}="{kind}"', counts[kind]) for kind in kinds
            )
        for time in TIMES:
            family = f"fthg_{time}_seconds"
            lines[family] = histogram(family, name, getattr(metrics, time))
        if job.job.limits.thresholds:
            verdicts = run.judged(job.name, job.job.limits, job.figures())
            lines["fthg_threshold_ok"] = self._verdicts(verdicts, name)
        return lines

    def text(self, run: RunSnapshot, jobs: Sequence[Lines]) -> str:
        """Return the whole text, given the lines of each job."""
        lines = {
            family.name: [one[family.name] for one in jobs if family.name in one]
            for family in FAMILIES
        }
        lines["fthg_run_info"] = [sample("fthg_run_info", self._run, 1)]
        lines["fthg_slices"] = [sample("fthg_slices", "", (run.plan.slice or WHOLE).of)]
        if run.plan.limits.thresholds:
            judged = run.judged(TOTAL, run.plan.limits, run.figures.total)
            lines["fthg_threshold_ok"].append(self._verdicts(judged, ""))
        return exposition(FAMILIES, lines)

    def _verdicts(self, verdicts: Sequence[Verdict], name: str) -> str:
        """Return the lines of thresholds; none of one whose figure has no value yet."""
        judged = {one.threshold.text: int(one.ok) for one in verdicts if one.found is not None}
        before = f"{name}," if name else ""
        return "".join(
            sample("fthg_threshold_ok", before + labels(threshold=self._mask(text)), ok)
            for text, ok in judged.items()
        )


def _distinct(names: Mapping[str, str]) -> Mapping[str, str]:
    """Return the names by their keys, those that are the same without their secrets numbered.

    Prometheus refuses a series that is there twice.
    """
    times = Counter(names.values())
    numbers: Counter[str] = Counter()
    distinct = {}
    for key, name in names.items():
        numbers[name] += 1
        distinct[key] = f"{name} #{numbers[name]}" if times[name] > 1 else name
    return distinct

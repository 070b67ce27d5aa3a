"""The checks of a soak, as rows with a verdict each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, Optional

from fthg.clock import SECOND

from .fit import Course, Limit, course, settled
from .watch import Sample, Seen

MIB = 1024 * 1024
_SHORTEST = 300.0


class Quantity(NamedTuple):
    """A sampled quantity: its key in a sample, its format, and its limit."""

    name: str
    key: str
    show: Callable[[float], str]
    limit: Optional[Limit]


class Row(NamedTuple):
    """The course of a quantity; `well` is None without a limit or if the run was too short."""

    name: str
    start: str
    end: str
    least: str
    most: str
    slope: str
    well: Optional[bool]


class Sum(NamedTuple):
    """A sum that must add up."""

    name: str
    found: str
    well: Optional[bool]


def _mib(value: float) -> str:
    return f"{value / MIB:.1f}"


def _whole(value: float) -> str:
    return f"{value:.0f}"


def _percent(value: float) -> str:
    return f"{value * 100:.1f}"


def _ms(value: float) -> str:
    return f"{value * 1000:.1f}"


QUANTITIES = (
    Quantity("RSS, MiB", "rss", _mib, Limit(0.05, band=True)),
    Quantity("anonymous, MiB", "anonymous", _mib, Limit(0.05, band=True)),
    Quantity("descriptors", "descriptors", _whole, Limit(0.05, 5)),
    Quantity("threads", "threads", _whole, Limit(0, 1)),
    Quantity("greenlets", "health_greenlets", _whole, Limit(0.05, 5)),
    Quantity("loop lag, ms", "health_lag", _ms, Limit(0, 0.1)),
    Quantity("lateness p99, ms", "health_lateness_p99", _ms, Limit(0, 0.1)),
    Quantity("CPU, % of a core", "cpu_share", _percent, None),
    Quantity("transfers/s", "rate", _whole, None),
)


def rows(samples: Sequence[Sample], seconds: float) -> Iterator[Row]:
    """Yield a row for each sampled quantity, from the time at which the run must be steady."""
    since = settled(seconds)
    late = [sample for sample in _with_rates(samples) if since <= sample["at"] < seconds]
    for quantity in QUANTITIES:
        points = [(one["at"], one[quantity.key]) for one in late if quantity.key in one]
        if points:
            yield _row(quantity, course(points), judged=seconds >= _SHORTEST)


def _row(quantity: Quantity, seen: Course, judged: bool) -> Row:
    show, limit = quantity.show, quantity.limit
    return Row(
        quantity.name,
        show(seen.start),
        show(seen.end),
        show(seen.least),
        show(seen.most),
        _signed(seen.slope, show),
        limit.holds(seen) if limit and judged else None,
    )


def _signed(value: float, show: Callable[[float], str]) -> str:
    return ("-" if value < 0 else "+") + show(abs(value))


def _with_rates(samples: Sequence[Sample]) -> Iterator[Mapping[str, float]]:
    """Yield the samples with rates, from counters, over each interval."""
    for before, sample in zip(samples, samples[1:]):
        took = sample["at"] - before["at"]
        yield {
            **sample,
            "cpu_share": (sample["cpu"] - before["cpu"]) / took,
            "rate": (sample["scheduled"] - before["scheduled"]) / took,
        }


def sums(seen: Seen, late: float) -> Iterator[Sum]:
    """Yield all sums that must add up; the p99 of lateness must be below `late` seconds."""
    tally, summary = seen.tally, seen.summary
    yield Sum("fthg's exit status", str(seen.status), seen.status == 0)
    total = summary["total"] if summary else {}
    parts = {name: tally.outcomes[name] for name in ("ok", "failed", "dropped", "cancelled")}
    totals = {name: int(total.get(name, 0)) for name in parts}
    scheduled = total.get("scheduled", 0)
    yield Sum("scheduled", f"{scheduled:,}", bool(summary) and scheduled == sum(totals.values()))
    for name, count in totals.items():
        yield Sum(f"{name}, as in the results file", f"{count:,}", count == parts[name])
    yield Sum("arrived", f"{tally.arrived:,}", None)
    yield Sum("ok, but never arrived", f"{tally.missing:,}", not tally.missing)
    yield Sum("arrived, but never sent", f"{tally.strangers:,}", not tally.strangers)
    yield Sum("arrived with other content", f"{tally.spoiled:,}", not tally.spoiled)
    yield Sum("failed, and yet arrived (answer lost)", f"{tally.arrived_anyway:,}", None)
    yield Sum("incomplete .part files left", f"{seen.cleaner.parts:,}", None)
    untroubled = tally.unexplained_count
    yield Sum("failed or dropped with no fault near", f"{untroubled:,}", not untroubled)
    within, logged = tally.errors["internal"], seen.errors_logged
    yield Sum("errors within fthg, errors logged", f"{within}, {logged}", not within + logged)
    p99 = seen.lateness.percentile(99) / SECOND
    yield Sum("lateness p99", f"{p99 * 1000:.1f} ms", p99 < late)

"""Random transfers over a period, and plain figures of them."""

from __future__ import annotations

import math
import random
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any, Optional

from fthg.report.scale import Bin
from fthg.track.figures import (
    Bucket,
    Counts,
    Figures,
    QualityFinding,
    Sla,
    SlaStep,
    Source,
    Spread,
    Stages,
    State,
    Timeline,
    Transfers,
)
from fthg.track.outcomes import KNOWN_STATUSES, RESULTS, Status
from fthg.track.tracked import SECOND, Row, Tracked
from fthg.zones import named_zone

START = 1_794_153_600 * SECOND  # 2026-11-08T16:00:00Z
HOUR = 3600 * SECOND
BERLIN = named_zone("Europe/Berlin")
NAMES = ("orders", "invoice", "payroll", "statement", "manifest", "customs")


def transfers(
    count: int, seed: int = 1, period: int = 2 * HOUR, trouble: bool = True
) -> list[Tracked]:
    """Return transfers over a period, in the order of the table; without trouble all passed."""
    chance = random.Random(seed)
    shares = (n / count for n in range(count))
    # Busier in some hours than in others.
    starts = (START + int(period * (x + 0.045 * math.sin(14 * x) ** 2 * (1 - x))) for x in shares)
    made = [_transfer(chance, start, trouble) for start in starts]
    return sorted(made, key=lambda transfer: RESULTS.index(transfer.result))


def _transfer(chance: random.Random, start: int, trouble: bool) -> Tracked:
    number = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    name = f"{chance.choice(NAMES)}-{chance.randrange(10**6):06d}.{chance.choice(('xml', 'csv'))}"
    start += chance.randrange(SECOND)
    end = start + int(chance.lognormvariate(13.2, 0.5))
    egress = end + int(chance.lognormvariate(12.6, 0.6))
    ended = egress + int(chance.lognormvariate(14, 0.55))
    ingress = Row(number, name, start, end, "SUCCESS")
    made = Tracked("passed", ingress, Row(number, name, egress, ended, "SUCCESS"))
    return _spoilt(made, chance.random()) if trouble else made


def _spoilt(made: Tracked, dice: float) -> Tracked:
    """Return the transfer, or by chance one of the ways in which it could have failed."""
    assert made.egress
    assert made.egress.end
    late = made.egress._replace(end=made.egress.end + 30 * SECOND, status="TIMEOUT")
    ways = (
        (0.001, Tracked("unpaired", made.ingress, None)),
        (0.0015, Tracked("unpaired", None, made.egress)),
        (0.006, Tracked("failed", made.ingress, made.egress._replace(status="FAILED"))),
        (0.008, Tracked("timeout", made.ingress, late)),
        (0.0095, Tracked("in_progress", made.ingress, made.egress._replace(end=None, status=None))),
        (0.0105, Tracked("pending", made.ingress, None)),
    )
    return next((way for share, way in ways if dice < share), made)


def figures(some: Sequence[Tracked], period: int = 2 * HOUR, **changes: Any) -> Figures:
    """Return the figures of some transfers; anything may be changed."""
    counts = count(some)
    transit = [t.transit for t in some if t.transit is not None]
    made = Figures(
        title="Nightly partner exchange",
        start=START,
        end=START + period,
        snapshot=START + period + 312 * SECOND,
        state=State.FINAL,
        grace=300 * SECOND,
        ingress=Source("ingress", "db-in.example.com", 3306, "transfers", "transfers", len(some)),
        egress=Source("egress", "db-out.example.com", 3306, "transfers", "transfers", len(some)),
        counts=counts,
        transit=spread(transit),
        sla=Sla(
            4 * SECOND,
            within=sum(
                t.result == "passed" and t.transit is not None and t.transit <= 4 * SECOND
                for t in some
            ),
            due=counts.decided + counts.unpaired,
            overdue=0,
        ),
        timeline=timeline(some, period),
        histogram=histogram(transit),
        stages=Stages(
            spread(t.ingress.duration for t in some if t.ingress),
            spread(t.hand_over for t in some),
            spread(t.egress.duration for t in some if t.egress),
        ),
        matrix=matrix(some),
        failures=first(t for t in some if t.result in ("failed", "timeout")),
        unpaired_ingress=first(t for t in some if t.result == "unpaired" and t.ingress),
        unpaired_egress=first(t for t in some if t.result == "unpaired" and t.egress),
        slowest=tuple(
            sorted((t for t in some if t.transit is not None), key=lambda t: -(t.transit or 0))[:10]
        ),
        quality=(),
    )
    return replace(made, **changes)


def findings(some: Sequence[Tracked]) -> tuple[QualityFinding, ...]:
    """Return two kinds of data quality problems."""
    pairs = tuple(t for t in some if t.ingress and t.egress)
    return (
        QualityFinding("duplicate_uuid", "ingress", 3, pairs[:3]),
        QualityFinding("negative_transit", "both", 41, pairs[3:13]),
    )


def count(some: Iterable[Tracked]) -> Counts:
    """Count the transfers of each result."""
    results = [t.result for t in some]
    return Counts(**{result: results.count(result) for result in RESULTS})


def spread(durations: Iterable[Optional[int]]) -> Optional[Spread]:
    """Return percentiles by nearest rank."""
    known = sorted(duration for duration in durations if duration is not None)
    if not known:
        return None
    p50, p90, p95, p99 = (known[-(-len(known) * n // 100) - 1] for n in (50, 90, 95, 99))
    return Spread(len(known), sum(known), known[0], p50, p90, p95, p99, known[-1])


def timeline(some: Sequence[Tracked], period: int, steps: int = 60) -> Timeline:
    """Return equal steps over the period."""
    step = period // steps
    parts: list[list[Tracked]] = [[] for _ in range(steps)]
    for t in some:
        if t.start is not None and 0 <= (place := (t.start - START) // step) < steps:
            parts[place].append(t)
    flying = in_flight(some)
    buckets = []
    for index, part in enumerate(parts):
        end = START + (index + 1) * step
        buckets.append(
            Bucket(
                end - step,
                count(part),
                spread(t.transit for t in part),
                max((n for at, n in flying if end - step <= at < end), default=0),
            )
        )
    return Timeline(step, tuple(buckets))


def histogram(transit: Sequence[int], bars: int = 36) -> tuple[Bin, ...]:
    """Return equal bars of those that are no outliers, and one for what is beyond each end."""
    known = spread(transit)
    if not known:
        return ()
    ordered = sorted(transit)
    quarter, three = (ordered[(len(ordered) - 1) * n // 4] for n in (1, 3))
    far = 6 * max(three - quarter, SECOND // 10)
    inner = [t for t in ordered if quarter - far <= t <= min(three + far, max(known.p99, three))]
    width = max(-(-(inner[-1] + 1 - inner[0]) // bars), 1)
    edges = range(inner[0], inner[-1] + width + 1, width)
    made = [Bin(low, high, 0) for low, high in zip(edges, edges[1:])]
    made.append(Bin(edges[-1], known.max + 1, 0, "longer"))
    made.insert(0, Bin(known.min, edges[0], 0, "shorter"))
    counted = [replace(b, count=sum(b.low <= t < b.high for t in ordered)) for b in made]
    return tuple(b for b in counted if b.count or not b.tail)


def in_flight(some: Iterable[Tracked]) -> list[tuple[int, int]]:
    """Return each moment when a transfer starts or ends, with the number in flight from then on."""
    changes = [
        change
        for t in some
        if t.ingress and t.ingress.start and t.egress and t.egress.end
        for change in ((t.ingress.start, 1), (t.egress.end, -1))
    ]
    changes.sort()
    numbers = accumulate(change for _, change in changes)
    return [(at, number) for (at, _), number in zip(changes, numbers)]


def sla_steps(some: Iterable[Tracked], step: int, limit: int = 4 * SECOND) -> tuple[SlaStep, ...]:
    """Return the steps that have decided transfers."""
    found: dict[int, list[bool]] = {}
    for t in some:
        if t.start is not None and t.result not in ("in_progress", "pending"):
            within = t.result == "passed" and t.transit is not None and t.transit <= limit
            found.setdefault(t.start // step * step, []).append(within)
    return tuple(
        SlaStep(start, start + step, sum(found[start]), len(found[start]))
        for start in sorted(found)
    )


def with_outlier(some: Sequence[Tracked], shift: int) -> list[Tracked]:
    """Return the transfers, but the last that passed takes longer, or shorter, by `shift`."""
    found = list(some)
    index = max(n for n, t in enumerate(found) if t.result == "passed" and t.egress)
    egress = found[index].egress
    assert egress
    assert egress.end
    found[index] = found[index]._replace(egress=egress._replace(end=egress.end + shift))
    return found


def times(counted: Figures, factor: int) -> Figures:
    """Return the figures as if each passed transfer had been there `factor` times."""

    def more(counts: Counts) -> Counts:
        return replace(counts, passed=counts.passed * factor)

    line = counted.timeline
    buckets = [
        replace(b, counts=more(b.counts), in_flight=b.in_flight * factor) for b in line.buckets
    ]
    return replace(
        counted,
        counts=more(counted.counts),
        timeline=Timeline(line.step, tuple(buckets)),
        histogram=tuple(replace(b, count=b.count * factor) for b in counted.histogram),
    )


def matrix(some: Iterable[Tracked]) -> tuple[tuple[int, ...], ...]:
    """Return ingress × egress."""
    cells = [[0] * len(Status) for _ in Status]
    for t in some:
        cells[_status(t.ingress)][_status(t.egress)] += 1
    return tuple(map(tuple, cells))


def _status(row: Optional[Row]) -> Status:
    if row is None:
        return Status.NO_ROW
    if row.status is None:
        return Status.NONE
    return next((known for known in KNOWN_STATUSES if known.name == row.status), Status.UNKNOWN)


def first(some: Iterable[Tracked], most: int = 20) -> Transfers:
    """Return the first of them, and their number."""
    known = tuple(some)
    return Transfers(len(known), known[:most])

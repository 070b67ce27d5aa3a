"""Laws of pairing, against a model in plain Python."""

from __future__ import annotations

import resource
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from math import ceil
from pathlib import Path
from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.track import sql
from fthg.track.figures import Figures, State
from fthg.track.ledger import Ledger
from fthg.track.measure import measure
from fthg.track.plan import TrackPlan
from fthg.track.rows import RawRow
from fthg.track.side import Side

START, END, NOW, GRACE = 1000, 2000, 2050, 100
SIDE = Side("ingress", "h", "u", "d")
PLAN = TrackPlan(SIDE, Side("egress", "h", "u", "d"), START, END, grace=GRACE, sla=50)

moments = st.integers(900, 2100)
rows = st.builds(
    RawRow,
    key=st.none() | st.sampled_from(["", "odd", *(bytes([n]) * 16 for n in range(8))]),
    filename=st.sampled_from(["a", "b"]),
    start=moments,
    end=st.none() | moments,
    status=st.sampled_from([None, "SUCCESS", "failed", "TIMEOUT", "?"]),
    doubt=st.just(0),
)
sides = st.lists(rows, max_size=12)


def _figures(ingress: list[RawRow], egress: list[RawRow]) -> tuple[Figures, list[str], Ledger]:
    ledger = Ledger(START, END, GRACE)
    ledger.add("ingress", ingress)
    ledger.add("egress", egress)
    ledger.pair(NOW)
    return measure(PLAN, ledger, NOW, State.FINAL), sorted(t.result for t in ledger), ledger


def _first(rows: list[RawRow]) -> list[RawRow]:
    """Return the rows that count: the earliest of each identity."""
    kept: dict[object, RawRow] = {}
    for place, row in enumerate(rows):
        name = row.key or place
        if name not in kept or (row.start or 0) < (kept[name].start or 0):
            kept[name] = row
    return list(kept.values())


def _result(ingress: Optional[RawRow], egress: Optional[RawRow]) -> str:
    if not ingress or not egress:
        row = ingress or egress
        assert row is not None
        since = row.end if row.end is not None else row.start or 0
        return "pending" if NOW - since < GRACE else "unpaired"
    if egress.status is None or (egress.status == "SUCCESS" and egress.end is None):
        return "in_progress"
    return {"SUCCESS": "passed", "TIMEOUT": "timeout"}.get(egress.status, "failed")


def _model(ingress: list[RawRow], egress: list[RawRow]) -> list[tuple[str, Optional[int]]]:
    """Return result and transit of each transfer of the period."""
    found = []
    partners = {row.key: row for row in _first(egress) if row.key}
    for row in _first(ingress):
        partner = partners.pop(row.key, None) if row.key else None
        if START <= (row.start or 0) < END:
            end = partner.end if partner else None
            transit = None if end is None else end - (row.start or 0)
            found.append((_result(row, partner), transit))
    lone = [*partners.values(), *(row for row in egress if not row.key)]
    found += [(_result(None, row), None) for row in lone if START <= (row.start or 0) < END]
    return found


@given(sides, sides)
def test_every_transfer_is_exactly_one_of_six(ingress: list[RawRow], egress: list[RawRow]) -> None:
    figures, results, ledger = _figures(ingress, egress)
    with closing(ledger):
        model = _model(ingress, egress)
        assert results == sorted(result for result, _ in model)
        for name in ("passed", "failed", "timeout", "in_progress", "pending", "unpaired"):
            assert getattr(figures.counts, name) == results.count(name)
        assert figures.counts.transfers == len(model) == sum(map(sum, figures.matrix))
        lost = figures.unpaired_ingress.total + figures.unpaired_egress.total
        assert lost == figures.counts.unpaired


@given(sides, sides)
def test_transit_times_spread_by_nearest_rank(ingress: list[RawRow], egress: list[RawRow]) -> None:
    figures, _, ledger = _figures(ingress, egress)
    with closing(ledger):
        times = sorted(time for _, time in _model(ingress, egress) if time is not None)
        if not times:
            assert figures.transit is None
            assert figures.histogram == ()
            return
        spread = figures.transit
        assert spread is not None
        assert (spread.count, spread.total) == (len(times), sum(times))
        assert (spread.min, spread.max) == (times[0], times[-1])
        for percent in (50, 90, 95, 99):
            rank = ceil(percent * len(times) / 100)
            assert getattr(spread, f"p{percent}") == times[rank - 1]
        assert sum(bar.count for bar in figures.histogram) == len(times)
        for bar in figures.histogram:
            assert bar.count == sum(bar.low <= time < bar.high for time in times)
        assert figures.sla is not None
        within = [t for t in ledger if t.result == "passed" and t.transit is not None]
        assert figures.sla.within == sum((t.transit or 0) <= 50 for t in within)


@given(sides, sides)
def test_the_timeline_holds_every_transfer_once(
    ingress: list[RawRow], egress: list[RawRow]
) -> None:
    figures, _, ledger = _figures(ingress, egress)
    with closing(ledger):
        buckets = figures.timeline.buckets
        assert sum(bucket.counts.transfers for bucket in buckets) == figures.counts.transfers
        ended = sum(bucket.transit.count for bucket in buckets if bucket.transit)
        assert ended == (figures.transit.count if figures.transit else 0)
        assert min(bucket.in_flight for bucket in buckets) >= 0
        assert len(buckets) <= 120


@given(sides, sides, st.integers(900, 2100))
def test_reading_a_part_anew_changes_nothing(
    ingress: list[RawRow], egress: list[RawRow], middle: int
) -> None:
    before, _, ledger = _figures(ingress, egress)
    with closing(ledger):
        for side, rows in (("ingress", ingress), ("egress", egress)):
            ledger.add(ledger.stage(side), [row for row in rows if (row.start or 0) >= middle])
            assert not ledger.adopt(side, (middle, 3000))
            keys = [row.key for row in rows if row.key][:3]
            assert not ledger.replace(side, keys, [row for row in rows if row.key in keys])
        ledger.pair(NOW)
        after = measure(PLAN, ledger, NOW, State.FINAL)
    assert (after.counts, after.ingress) == (before.counts, before.ingress)


@given(sides, sides, st.integers(900, 2100))
def test_a_part_that_is_read_again_is_the_same_only_if_its_rows_are(
    before: list[RawRow], now: list[RawRow], middle: int
) -> None:
    early = [row for row in before if (row.start or 0) < middle]
    late = [row for row in now if (row.start or 0) >= middle]
    _, _, ledger = _figures(before, [])
    with closing(ledger):
        ledger.add(ledger.stage("ingress"), late)
        changed = ledger.adopt("ingress", (middle, 3000))
        kept = list(ledger.query(f"SELECT {sql.ROW} FROM ingress"))
    assert changed == (Counter(late) != Counter(row for row in before if row not in early))
    assert Counter(kept) == Counter(map(tuple, early + late))


@given(sides, sides)
def test_time_alone_changes_no_figure_before_it_is_said(
    ingress: list[RawRow], egress: list[RawRow]
) -> None:
    """Check the promise by which a poll that reads nothing new measures nothing."""
    before, _, ledger = _figures(ingress, egress)
    with closing(ledger):
        moment = ledger.next_change(NOW, PLAN.sla)
        for now in (NOW + 500,) if moment is None else (moment - 1, moment):
            ledger.pair(now)
            after = measure(PLAN, ledger, now, State.FINAL)
            same = (after.counts, after.sla) == (before.counts, before.sla)
            assert same is (now != moment)


def test_a_row_stays_if_the_database_does_not_find_its_uuid_again() -> None:
    """Its column may tell cases apart and hold one that mixes them, which nobody asks for."""
    row = RawRow(bytes(16), "a", 1000, None, None)
    _, _, ledger = _figures([row], [])
    with closing(ledger):
        assert not ledger.replace("ingress", [bytes(16)], [])
        assert ledger.column("SELECT filename FROM ingress") == ["a"]
        assert ledger.replace("ingress", [bytes(16)], [row._replace(filename="b")])
        assert ledger.column("SELECT filename FROM ingress") == ["b"]


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_after_an_error_every_call_raises_the_same_one(tmp_path: Path) -> None:
    """Without a journal the file is damaged: what is found in it is not the cause."""
    many = [RawRow(n.to_bytes(16, "big"), "a", 1000, None, None) for n in range(10_000)]
    with closing(Ledger(START, END, GRACE, str(tmp_path / "ledger"))) as ledger:
        ledger.add("ingress", many[:10])
        with files_of_at_most(200_000), pytest.raises(sqlite3.OperationalError) as first:
            ledger.add("ingress", many)
        for act in (
            lambda: ledger.add("egress", many),
            lambda: ledger.replace("ingress", [bytes(16)], many[:1]),
            lambda: ledger.stage("egress"),
            lambda: ledger.pair(NOW),
            lambda: list(ledger),
        ):
            with pytest.raises(sqlite3.OperationalError) as again:
                act()
            assert again.value is first.value


@pytest.mark.parametrize("size", [0, 20_000])
def test_a_temporary_ledger_that_cannot_be_begun_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with files_of_at_most(size), pytest.raises(sqlite3.OperationalError):
        Ledger(START, END, GRACE)
    assert list(tmp_path.iterdir()) == []

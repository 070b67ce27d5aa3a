"""Each row has a verdict, and a single failed check fails the soak."""

from __future__ import annotations

from typing import Any, Optional

import pytest

from fthg.clock import SECOND
from fthg.load.stats.histogram import Histogram

from .cleaner import Arrival, Cleaner
from .report import Findings, as_markdown, as_text
from .tally import Tally
from .verdicts import Row, Sum, rows, sums
from .watch import Seen

_MIB = 1024.0 * 1024


def _samples(leak: float, seconds: int) -> list[dict[str, float]]:
    return [
        {"at": float(at), "rss": (50 + leak * at) * _MIB, "cpu": at / 5, "scheduled": at * 200.0}
        for at in range(0, seconds + 1, 10)
    ]


@pytest.mark.parametrize(
    ("leak", "seconds", "well"), [(0, 3720, True), (0.001, 3720, False), (0.001, 60, None)]
)
def test_a_leak_is_reported_if_the_run_is_long_enough(
    leak: float, seconds: int, well: Optional[bool]
) -> None:
    by_name = {row.name: row for row in rows(_samples(leak, seconds), seconds)}
    assert by_name["RSS, MiB"].well is well
    assert by_name["CPU, % of a core"].start == "20.0"
    assert by_name["transfers/s"].most == "200"
    assert by_name["transfers/s"].well is None
    assert "threads" not in by_name


def test_what_grew_before_the_tenth_minute_counts_for_nothing() -> None:
    samples = _samples(0, 3720)
    for sample in samples[:60]:
        sample["rss"] = sample["at"]
    assert next(rows(samples, 3720)).well is True


def _lateness(late: int = 0) -> Histogram:
    histogram = Histogram()
    for number in range(100):
        histogram.record(SECOND if number < late else SECOND // 1000)
    return histogram


def _seen(tally: Tally, **changed: Any) -> Seen:
    figures = {name: tally.outcomes[name] for name in ("ok", "failed", "dropped", "cancelled")}
    seen = Seen(
        samples=[],
        tally=tally,
        cleaner=Cleaner({}, []),
        faults={},
        written={},
        lateness=_lateness(),
        errors_logged=0,
        status=0,
        last_words=[],
        summary={"total": {"scheduled": sum(figures.values()), **figures}},
    )
    return seen._replace(**changed)


def _tally(sent: int = 1, arrived: int = 1, whole: bool = True) -> Tally:
    tally = Tally(0)
    for number in range(sent):
        tally.end(
            {"uuid": f"u{number}", "job": "a", "outcome": "ok", "start": 1, "due": 1, "end": 2}
        )
    for number in range(arrived):
        tally.arrive(Arrival(f"u{number}", whole))
    return tally


def _wrong(seen: Seen) -> list[str]:
    return [one.name for one in sums(seen, late=0.25) if one.well is False]


def test_a_clean_soak_passes_all_checks() -> None:
    assert _wrong(_seen(_tally())) == []


@pytest.mark.parametrize(
    ("seen", "failed"),
    [
        (_seen(_tally(), status=1), "fthg's exit status"),
        (_seen(_tally(), errors_logged=1), "errors within fthg, errors logged"),
        (_seen(_tally(), status=None), "fthg's exit status"),
        (_seen(_tally(), summary=None), "scheduled"),
        (_seen(_tally(), summary={"total": {"scheduled": 2, "ok": 1}}), "scheduled"),
        (
            _seen(_tally(), summary={"total": {"scheduled": 2, "ok": 2}}),
            "ok, as in the results file",
        ),
        (_seen(_tally(arrived=0)), "ok, but never arrived"),
        (_seen(_tally(arrived=2)), "arrived, but never sent"),
        (_seen(_tally(whole=False)), "arrived with other content"),
        (_seen(_tally(), lateness=_lateness(10)), "lateness p99"),
    ],
)
def test_each_failed_check_is_named(seen: Seen, failed: str) -> None:
    assert failed in _wrong(seen)


def _findings(well: Optional[bool]) -> Findings:
    return Findings(
        title="fthg",
        since="10m 00s",
        rows=[Row("RSS, MiB", "50.0", "50.1", "49.9", "50.2", "+0.1", well)],
        sums=[Sum("ok", "7", True), Sum("arrived", "7", None)],
        faults={"nginx frozen": 3},
        errors={},
        written={"log": 12345},
        examples=[],
    )


@pytest.mark.parametrize(("well", "all_passed"), [(True, True), (None, True), (False, False)])
def test_one_bad_row_spoils_all(well: Optional[bool], all_passed: bool) -> None:
    assert _findings(well).well is all_passed
    assert ("✓ all checks passed" in as_text(_findings(well))) is all_passed


def test_the_page_has_a_table_of_quantities_and_one_of_sums() -> None:
    page = as_markdown(_findings(well=True))
    assert "| RSS, MiB | 50.0 | 50.1 | 49.9 | 50.2 | +0.1 | ✓ |" in page
    assert "| ok | 7 | ✓ |" in page
    assert "Faults: nginx frozen 3." in page
    assert "Kinds" not in page

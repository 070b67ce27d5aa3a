"""The rate and the stages of a job as `--check` shows them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Optional

from fthg.clock import SECOND
from fthg.load.check import describe_plan
from fthg.load.files.source import Source
from fthg.load.pacing import Pacer, Poisson, Span
from fthg.load.plan import Plan

from .snapshots import job, pacer, senders, stages

HOUR = 3600 * SECOND


def described(directory: Path, duration: Optional[float] = None, **changes: Any) -> list[str]:
    """Return the lines of one job from its rate to its files."""
    (directory / "a").write_text("a")
    only = job(source=Source(str(directory)), **changes)
    lines = list(describe_plan(Plan("r1", (only,), duration=duration)))
    assert all(len(line) <= 80 for line in lines if "/tmp" not in line)
    first = next(at for at, line in enumerate(lines) if line.startswith("  rate "))
    return [line[15:] for line in lines[first:] if not line.startswith("  files ")]


def test_it_shows_every_stage_with_its_files(tmp_path: Path) -> None:
    rate = stages("10/s for 5m, to 100/s over 10m, 0/s for 30s")
    assert described(tmp_path, pacer=rate)[:6] == [
        "3 stages, open, at most 256 in flight",
        "   begins      lasts           files  rate",
        "       0s     5m 00s           3,000  10/s",
        "   5m 00s    10m 00s          33,000  10/s to 100/s",
        "  15m 00s        30s               0  0/s",
        "36,000 files, 35.1 KiB",
    ]


def test_it_shows_stages_no_longer_than_the_job(tmp_path: Path) -> None:
    rate = stages("10/s for 5m, to 100/s over 10m, 100/s for 30m")
    shown = described(tmp_path, 600, pacer=rate)
    assert shown[2:5] == [
        "       0s     5m 00s           3,000  10/s",
        "   5m 00s     5m 00s           9,750  10/s to 55/s",
        "12,750 files, 12.4 KiB",
    ]


def test_it_shows_parts_at_max_and_stages_of_senders(tmp_path: Path) -> None:
    shown = described(
        tmp_path,
        pacer=stages("5/s for 10s, max for 10s, 1/s for 10s"),
        open=False,
        limit=50,
        senders=senders("10 for 5s, to 50 over 20s, 0 for 60s"),
    )
    assert shown[2:10] == [
        "       0s        10s              50  5/s",
        "      10s        10s                  max",
        "      20s        10s              10  1/s",
        "   begins      lasts  number",
        "       0s         5s  10",
        "       5s        20s  10 to 50",
        "      25s         5s  0",
        "until it ends",
    ]


def test_many_stages_are_cut(tmp_path: Path) -> None:
    shown = described(tmp_path, pacer=stages(", ".join(["1/s for 1s"] * 30)))
    assert shown[0].startswith("30 stages")
    assert shown[21] == "and 11 more"


class Hours(Pacer):
    """One stage that recurs each hour, for ever: 60 files."""

    text = "hours"
    stages = ("60/hour",)

    @classmethod
    def read(cls, value: Any) -> Optional[Pacer]:  # noqa: ARG003
        return None

    def due(self, arrival: int) -> int:
        return arrival * 60 * SECOND

    def rate_at(self, time: int) -> Fraction:  # noqa: ARG002
        return Fraction(1, 60)

    def spans(self, until: int) -> Iterator[Span]:
        return (Span(0, start, start + HOUR) for start in range(0, until, HOUR))


def test_what_recurs_is_shown_for_a_day_with_the_sum_of_a_week(tmp_path: Path) -> None:
    shown = described(tmp_path, pacer=Hours())
    assert shown[2] == "       0s     1h 00m              60  60/hour"
    assert shown[21:24] == ["and 5 more", "in 7 days 10,080 files", "until it ends"]
    for_90_minutes = described(tmp_path, 5400, pacer=Hours())
    assert for_90_minutes[3] == "   1h 00m    30m 00s              30  60/hour"
    assert for_90_minutes[4].startswith("90 files")


def test_a_long_entry_is_cut(tmp_path: Path) -> None:
    class Long(Hours):
        stages = ("mon,tue,wed,thu,fri 08:00: 60/hour",)

    assert described(tmp_path, pacer=Long())[2].endswith("  mon,tue,wed,thu,fri 08:00:…")


def test_a_rate_that_leaves_no_room_for_the_model_has_a_line_of_its_own(tmp_path: Path) -> None:
    class Long(Hours):
        text = "day profile of 4 entries, Europe/Berlin"

    assert described(tmp_path, pacer=Long())[:2] == [
        "day profile of 4 entries, Europe/Berlin,",
        "open, at most 256 in flight",
    ]


def test_random_arrivals_are_about_so_many(tmp_path: Path) -> None:
    class Random(Hours):
        text = "random"

        @property
        def even(self) -> Pacer:
            return Hours()

    shown = described(tmp_path, 7200, pacer=Random())
    assert shown[2] == "       0s     1h 00m        about 60  60/hour"
    assert shown[4].startswith("about 120 files")


def test_numbers_of_many_files_stand_below_one_another_in_lines_of_80(tmp_path: Path) -> None:
    class Fast(Hours):
        stages = ("mon,tue,wed,thu,fri 08:00: 1000000/s",)

        def due(self, arrival: int) -> int:
            return arrival * SECOND // 1_000_000

    head, *shown = described(tmp_path, 3 * 3600, pacer=Poisson(Fast(), "job", "r1"))[1:4]
    assert "about 3,600,000,000  mon,tue" in shown[0]
    assert {line.index("  mon,tue") for line in shown} == {head.index("  rate")}
    assert {len(line) for line in shown} == {65}


def test_a_closed_job_on_the_clock_sends_at_most_so_many(tmp_path: Path) -> None:
    shown = described(tmp_path, pacer=stages("1/s for 5s"), open=False, limit=1)
    assert "at most 5 files, 5 B" in shown


def test_a_job_whose_senders_change_sends_at_most_so_many(tmp_path: Path) -> None:
    changing = senders("to 2 over 5s")
    shown = described(tmp_path, pacer=pacer(Fraction(1)), open=False, limit=2, senders=changing)
    assert "at most 5 files, 5 B" in shown


def test_a_job_that_never_sends_is_named(tmp_path: Path) -> None:
    note = "nothing will be sent: it ends before its first file is due"
    assert note in described(tmp_path, 60.0, start_after=60.0)
    assert note not in described(tmp_path, 60.0, start_after=59.0)
    assert note in described(tmp_path, 60.0, pacer=stages("0/s for 60s, 1/s for 60s"))

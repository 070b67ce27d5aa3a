"""The closed model: with stages it keeps to the clock, and makes nothing up."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from fthg.clock import SECOND
from fthg.slices import Slice

from ..job_bench import Bench
from ..snapshots import senders


def test_an_arrival_without_a_free_sender_is_sent_late_and_those_due_meanwhile_not_at_all(
    tmp_path: Path,
) -> None:
    slow_once = iter([0.1, 3.5])
    bench = Bench(tmp_path, lambda _: next(slow_once, 0.1))
    bench.run("1/s for 8s", is_open=False, limit=1)
    # The second transfer ends at 4.5 s: the arrival of 2 s is sent then, those of 3 and 4 s never.
    assert bench.starts() == [0, 1, 4.5, 5, 6, 7]
    assert [result.seq for result in bench.results] == [0, 1, 2, 3, 4, 5]
    assert all(result.start == result.due for result in bench.results)


def test_a_slice_skips_arrivals_of_its_own(tmp_path: Path) -> None:
    slow_once = iter([2.3])
    bench = Bench(tmp_path, lambda _: next(slow_once, 0.1))
    bench.run("1/s for 12s", is_open=False, limit=1, slice_=Slice(1, 2))
    assert bench.starts() == [1, 3.3, 5, 7, 9, 11]
    assert [result.seq for result in bench.results] == [1, 3, 5, 7, 9, 11]


def test_a_constant_rate_still_moves_what_follows(tmp_path: Path) -> None:
    slow_once = iter([2.5])
    bench = Bench(tmp_path, lambda _: next(slow_once, 0.1))
    bench.run(Fraction(1), is_open=False, limit=1, count=4)
    assert bench.starts() == [0, 2.5, 3.5, 4.5]


def test_after_a_standstill_what_fell_due_in_it_is_skipped(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.later(2.5, lambda: bench.clock.stand_still(5 * SECOND))
    bench.run("1/s for 10s", is_open=False, limit=3)
    assert bench.starts() == [0, 1, 2, 7.5, 8, 9]


def test_an_arrival_that_finds_no_sender_before_the_end_is_not_sent(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: 100.0)
    job = bench.start("1/s for 5s", is_open=False, limit=2)
    job.run_out(1)
    assert bench.starts() == [0, 1]
    assert job.dispatch_seconds == 5
    assert bench.clock.now() == 6 * SECOND


def test_files_that_no_sender_took_are_not_lost_to_the_part_at_max(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda transfer: 2.5 if transfer.seq == 1 else 0.5)
    bench.run("1/s for 3s, max for 2s, 1/s for 2s", is_open=False, limit=1)
    # Until 3.5 s the only sender is busy; at max it takes the files after that.
    assert bench.starts() == [0, 1, 3.5, 4, 4.5, 5, 6]
    assert [result.seq for result in bench.results] == list(range(7))


def test_a_lower_number_of_senders_lets_transfers_finish_and_begins_no_more(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: 2.0)
    bench.run(
        "2/s for 12s", is_open=False, limit=4, senders=senders("4 for 4s, 1 for 4s, 2 for 4s")
    )
    assert bench.starts() == [
        0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5,  # four senders, all busy
        5.5, 7.5, 8, 9.5, 10, 11.5,  # one, once three have gone; from 8 s on two
    ]  # fmt: skip
    assert bench.outcomes() == Counter(ok=14)


@pytest.mark.parametrize(
    ("rate", "starts"),
    [("1/s for 8s", [0, 1, 5, 6, 7]), (Fraction(1), [0, 1, 5, 6, 7])],
)
def test_without_a_sender_nothing_is_sent(
    tmp_path: Path, rate: Fraction, starts: list[float]
) -> None:
    bench = Bench(tmp_path, lambda _: 0.1)
    stages = senders("1 for 2s, 0 for 3s, 1 for 3s")
    bench.run(rate, is_open=False, limit=1, senders=stages)
    assert bench.starts() == starts


@pytest.mark.parametrize("rate", [Fraction(1), "1/s for 60s", None])
def test_a_job_ends_with_the_stages_of_its_senders(tmp_path: Path, rate: Fraction) -> None:
    bench = Bench(tmp_path, lambda _: 1.0)
    job = bench.start(rate, is_open=False, limit=1, senders=senders("1 for 3500ms"))
    job.run_out(30)
    assert bench.starts() == [0, 1, 2, 3]
    assert job.dispatch_seconds == 3.5

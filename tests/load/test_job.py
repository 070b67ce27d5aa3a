from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import gevent
import pytest

from fthg.clock import SECOND
from fthg.errors import TransferError
from fthg.load.files.passes import names
from fthg.load.files.source import Source
from fthg.slices import Slice
from fthg.transfer import Transfer

from .job_bench import HOUR, Bench


def test_an_open_job_sends_on_time_whatever_the_server_does(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: 2.5)
    bench.run(Fraction(2), count=6)
    assert bench.starts() == [0, 0.5, 1, 1.5, 2, 2.5]
    assert all(result.start == result.due for result in bench.results)


def test_seven_an_hour_for_a_week_are_seven_in_each_hour(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: 1.0)
    bench.run(Fraction(7, 3600), end=7 * 24 * 3600)
    hours = Counter(moment // HOUR for moment, _ in bench.sender.started)
    assert hours == Counter(dict.fromkeys(range(24 * 7), 7))
    assert bench.outcomes() == Counter(ok=7 * 24 * 7)


def test_86401_a_day_are_that_many_on_each_day(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.run(Fraction(86_401, 86_400), end=2 * 86_400)
    days = Counter(moment // (24 * HOUR) for moment, _ in bench.sender.started)
    assert days == {0: 86_401, 1: 86_401}


def test_a_job_keeps_its_pace_where_a_turn_of_the_loop_takes_longer_than_its_period(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)

    def busy_host() -> None:
        while True:
            bench.clock.pass_by(SECOND // 20)
            gevent.sleep(0)

    job = bench.start(Fraction(100), end=10)
    disturbing = gevent.spawn(busy_host)
    job.run_out(30)
    disturbing.kill()
    late = [result.start - result.due for result in bench.results if result.start is not None]
    assert len(late) == 1000
    assert max(late) <= SECOND // 5


def test_what_goes_beyond_max_in_flight_is_dropped_and_the_schedule_goes_on(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path, lambda _: 9.5)
    bench.run(Fraction(1), limit=3, count=12)
    assert bench.starts() == [0, 1, 2, 10, 11]
    assert bench.outcomes() == Counter(ok=5, dropped=7)
    dropped = next(result for result in bench.results if result.outcome == "dropped")
    assert (dropped.name, dropped.start) == ("file", None)


def test_a_closed_job_waits_and_does_not_make_up_for_lost_time(tmp_path: Path) -> None:
    slow_once = iter([3.5])
    bench = Bench(tmp_path, lambda _: next(slow_once, 0.1))
    bench.run(Fraction(1), is_open=False, limit=1, count=5)
    assert bench.starts() == [0, 3.5, 4.5, 5.5, 6.5]
    assert all(result.start == result.due for result in bench.results)


def test_a_closed_job_at_max_keeps_all_its_senders_busy(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: 0.5)
    bench.run(None, is_open=False, limit=4, end=10)
    assert bench.sender.most_in_flight == 4
    assert bench.outcomes() == Counter(ok=4 * 20)


def test_at_max_a_directory_that_is_read_anew_is_read_once_for_all_senders(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def slow_names() -> Iterator[str]:
        while True:
            gevent.sleep(0)
            yield "file"

    bench = Bench(tmp_path, lambda _: 0.5)
    bench.run(None, is_open=False, limit=4, count=40, names=slow_names())
    assert sorted(result.seq for result in bench.results) == list(range(40))
    assert bench.outcomes() == Counter(ok=40)
    assert not capsys.readouterr().err  # where no sender fails


def test_at_max_transfers_that_fail_at_once_keep_nobody_from_running(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    job = bench.start(None, is_open=False, limit=4, names=itertools.repeat(None))
    gevent.spawn(job.stop)
    job.run_out(grace=1)
    assert {result.error for result in bench.results} <= {"no_file"}


def gone_until(bench: Bench, back: float, kind: str = "refused") -> Callable[[Transfer], float]:
    """A server that cannot be reached before `back`, in seconds, and then takes 10 ms."""

    def seconds(_: Transfer) -> float:
        if bench.clock.now() < back * SECOND:
            raise TransferError(kind, "gone")
        return 0.01

    return seconds


def test_at_max_a_sender_waits_longer_and_longer_for_a_server_that_is_gone(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.sender.seconds = gone_until(bench, 60)
    bench.run(None, is_open=False, limit=1, end=62)
    starts = bench.starts()
    waits = [after - before for before, after in zip(starts, starts[1:])]
    assert waits[:8] == pytest.approx([0, 0.05, 0.1, 0.2, 0.4, 0.8, 1, 1])
    assert bench.outcomes()["failed"] < 70
    first_success = next(moment for moment in starts if moment >= 60)
    assert first_success <= 61
    assert bench.outcomes()["ok"] >= 99


def test_at_max_each_sender_waits_for_itself(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.sender.seconds = gone_until(bench, 1000)
    bench.run(None, is_open=False, limit=5, end=10)
    assert bench.outcomes() == Counter(
        failed=5 * len([0, 0, 0.05, 0.15, 0.35, 0.75, *range(2, 11)])
    )


def test_at_max_one_failure_between_successes_costs_no_wait(tmp_path: Path) -> None:
    def every_second_is_cut(transfer: Transfer) -> float:
        if transfer.seq % 2:
            raise TransferError("reset", "cut")
        return 0.5

    bench = Bench(tmp_path, every_second_is_cut)
    bench.run(None, is_open=False, limit=1, end=10)
    assert bench.outcomes() == Counter(ok=20, failed=19)


@pytest.mark.parametrize("kind", ["status", "permission", "no_path", "remote", "size"])
def test_at_max_a_server_that_refuses_is_asked_again_at_once(tmp_path: Path, kind: str) -> None:
    bench = Bench(tmp_path)
    bench.sender.seconds = gone_until(bench, 1000, kind)
    bench.run(None, is_open=False, limit=1, count=500)
    assert bench.starts() == [0] * 500


def test_at_max_an_empty_directory_is_not_asked_again_and_again_without_a_rest(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    bench.run(None, is_open=False, limit=1, end=60, names=itertools.repeat(None))
    assert 60 <= bench.outcomes()["failed"] <= 70


@pytest.mark.parametrize("rate", [Fraction(20), Fraction(1, 7)])
@pytest.mark.parametrize("is_open", [True, False])
def test_a_schedule_is_kept_though_the_server_is_gone(
    tmp_path: Path, rate: Fraction, is_open: bool
) -> None:
    bench = Bench(tmp_path)
    bench.sender.seconds = gone_until(bench, 60)
    bench.run(rate, is_open=is_open, limit=4, count=30)
    assert bench.starts() == pytest.approx([seq / float(rate) for seq in range(30)])


def test_at_max_a_stop_ends_a_wait_at_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.sender.seconds = gone_until(bench, 1000)
    job = bench.start(None, is_open=False, limit=3)
    bench.later(20.01, job.stop)
    job.run_out(grace=30)
    assert bench.clock.now() == round(20.01 * SECOND)
    assert job.state == "done"


def test_at_max_a_wait_ends_with_the_jobs_time(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.sender.seconds = gone_until(bench, 1000)
    bench.run(None, is_open=False, limit=3, end=20.01)
    assert bench.clock.now() == round(20.01 * SECOND)


def test_at_max_a_stop_lets_what_is_in_flight_finish_and_begins_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: 1.0)
    job = bench.start(None, is_open=False, limit=3)
    bench.later(2.5, job.stop)
    job.run_out(grace=30)
    assert bench.outcomes() == Counter(ok=9)
    assert bench.clock.now() == 3 * SECOND


def test_at_max_a_cut_cancels_what_is_in_flight_and_begins_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: 1.0)
    job = bench.start(None, is_open=False, limit=3)
    bench.later(2.5, job.cut)
    job.run_out(grace=30)
    assert bench.outcomes() == Counter(ok=6, cancelled=3)


def test_a_job_waits_before_its_first_file(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.run(Fraction(1), start=5, end=8)
    assert bench.starts() == [5, 6, 7]


def test_a_duration_ends_just_before_the_next_arrival(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.run(Fraction(50), end=2)
    assert bench.outcomes() == Counter(ok=100)


def test_files_that_end_end_the_job(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.run(names=iter(["file", "file"]))
    assert bench.outcomes() == Counter(ok=2)


def test_a_directory_that_is_empty_fails_its_arrival_as_no_file(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.run(names=iter(["file", None]))
    assert [(r.outcome, r.error, r.start) for r in bench.results][1] == ("failed", "no_file", None)


@pytest.mark.parametrize("is_open", [True, False])
def test_an_arrival_sends_a_file_that_became_ready_after_the_one_before(
    tmp_path: Path, is_open: bool
) -> None:
    bench = Bench(tmp_path)
    at = bench.clock.utc() + 5 * SECOND
    os.utime(tmp_path / "file", ns=(at, at))
    coming = names(Source(str(tmp_path), min_age=30.0), bench.clock.utc)
    bench.run("1/min for 3m", is_open=is_open, names=coming)
    assert [(r.seq, r.error) for r in bench.results] == [(0, "no_file"), (1, None), (2, None)]


@pytest.mark.parametrize("part", [0, 1])
def test_looking_for_a_file_again_changes_no_number(tmp_path: Path, part: int) -> None:
    bench = Bench(tmp_path)
    bench.run("1/min for 6m", names=itertools.repeat(None), slice_=Slice(part, 2))
    assert [r.seq for r in bench.results] == [part, part + 2, part + 4]
    assert {r.error for r in bench.results} == {"no_file"}


def test_a_file_that_vanished_fails_its_transfer(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.run(names=iter(["gone"]))
    (result,) = bench.results
    assert (result.outcome, result.error) == ("failed", "file")
    assert "gone" in str(result.detail)


def test_a_transfer_that_fails_is_a_result_and_the_job_goes_on(tmp_path: Path) -> None:
    def fail_second(transfer: Transfer) -> float:
        if transfer.seq == 1:
            raise TransferError("reset", "cut", code=None, sent=4)
        return 0.0

    bench = Bench(tmp_path, fail_second)
    bench.run(count=3)
    assert [(r.outcome, r.error, r.bytes) for r in bench.results] == [
        ("ok", None, 10),
        ("failed", "reset", 4),
        ("ok", None, 10),
    ]


def test_a_bug_in_a_sender_is_a_failed_transfer_too(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: 1 // 0)
    bench.run(count=1)
    assert [(r.outcome, r.error) for r in bench.results] == [("failed", "internal")]


def test_a_stop_lets_what_is_in_flight_finish(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: 5.0)
    job = bench.start(Fraction(1))
    bench.later(2.5, job.stop)
    job.run_out(grace=30)
    assert bench.outcomes() == Counter(ok=3)


def test_what_is_not_done_within_the_grace_is_cancelled(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda t: 1.0 if t.seq == 0 else 1000.0)
    bench.run(Fraction(1), end=3, grace=10)
    assert bench.outcomes() == Counter(ok=1, cancelled=2)
    assert bench.clock.now() == 13 * SECOND


def test_a_closed_job_whose_senders_all_hang_still_ends_in_time(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: 1000.0)
    bench.run(None, is_open=False, limit=2, end=5, grace=1)
    assert bench.outcomes() == Counter(cancelled=2)
    assert bench.clock.now() == 6 * SECOND


def test_a_cut_cancels_even_what_had_not_begun(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: 1000.0)
    job = bench.start(Fraction(10))
    bench.later(0.95, job.cut)
    job.run_out(grace=0)
    assert bench.outcomes() == Counter(cancelled=10)
    assert job.in_flight == 0
    assert job.state == "done"


@pytest.mark.parametrize("is_open", [True, False])
def test_every_arrival_has_exactly_one_result(tmp_path: Path, is_open: bool) -> None:
    bench = Bench(tmp_path, lambda t: (t.seq * 7919 % 13) / 4)
    bench.run(Fraction(5), is_open=is_open, limit=3, end=60, grace=1)
    assert sorted(result.seq for result in bench.results) == list(range(len(bench.results)))
    assert len({result.uuid for result in bench.results}) == len(bench.results)


def stand_still(bench: Bench, after: float, seconds: float) -> None:
    bench.later(after, lambda: bench.clock.stand_still(round(seconds * SECOND)))


def test_after_a_standstill_the_newest_seconds_worth_is_sent_and_the_rest_dropped(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    stand_still(bench, 2.001, 5)
    bench.run(Fraction(100), end=9)
    assert bench.outcomes() == Counter(ok=500, dropped=400)
    dropped = [result for result in bench.results if result.outcome == "dropped"]
    assert {result.detail for result in dropped} == {"fthg stood still"}
    assert [result.due for result in dropped] == [
        seq * SECOND // 100 for seq in range(201, 601)
    ]  # all but those due in the last second before 7.001


def test_after_a_standstill_one_arrival_of_a_slow_schedule_is_sent(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    stand_still(bench, 1, 35)
    bench.run(Fraction(1, 10), end=60)
    assert bench.starts() == [0, 36, 40, 50]
    assert bench.outcomes() == Counter(ok=4, dropped=2)


def test_the_last_arrivals_of_a_job_are_not_all_dropped_if_it_stood_still_meanwhile(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    stand_still(bench, 1.5, 60)
    bench.run(Fraction(1), end=5)
    assert [(result.outcome, result.due // SECOND) for result in bench.results] == [
        ("ok", 0), ("ok", 1), ("dropped", 2), ("dropped", 3), ("ok", 4),
    ]  # fmt: skip


def test_a_host_that_is_busy_but_does_not_stand_still_drops_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.later(2.001, lambda: bench.clock.pass_by(5 * SECOND))
    bench.run(Fraction(100), end=9)
    assert bench.outcomes() == Counter(ok=900)


def test_after_a_standstill_more_than_max_in_flight_wait_for_each_other(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: 0.01)
    stand_still(bench, 2.001, 5)
    bench.run(Fraction(100), limit=20, end=9)
    assert bench.outcomes() == Counter(ok=500, dropped=400)
    assert bench.sender.most_in_flight == 20


def test_a_server_that_hangs_after_a_standstill_is_not_waited_for_longer(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda transfer: 0.001 if transfer.seq < 100 else 100.0)
    stand_still(bench, 2.001, 5)
    bench.run(Fraction(50), limit=20, end=9)
    reasons = Counter(result.detail for result in bench.results if result.outcome == "dropped")
    assert reasons == {
        "fthg stood still": 200,
        "20 in flight already (max_in_flight) after fthg stood still": 81,
        "20 in flight already (max_in_flight)": 49,
    }


def test_in_the_closed_model_a_standstill_moves_all_later_arrivals(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    stand_still(bench, 2.5, 5)
    bench.run(Fraction(1), is_open=False, limit=3, end=10)
    assert bench.starts() == [0, 1, 2, 7.5, 8.5, 9.5]
    assert bench.outcomes() == Counter(ok=6)
    assert all(result.start == result.due for result in bench.results)


def test_a_closed_job_that_ended_in_a_standstill_sends_nothing_more(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    stand_still(bench, 2.5, 50)
    bench.run(Fraction(1), is_open=False, limit=3, end=10)
    assert bench.starts() == [0, 1, 2]


def test_a_job_is_overdue_until_it_has_dispatched_what_fell_due(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    job = bench.start(Fraction(1), end=3)
    assert job.overdue(SECOND // 2)
    bench.later(1.5, lambda: seen.append((job.overdue(SECOND), job.overdue(2 * SECOND))))
    seen: list[tuple[bool, bool]] = []
    job.run_out(30)
    assert seen == [(False, True)]
    assert not job.overdue(10 * SECOND)

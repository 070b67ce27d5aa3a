"""The rate `max` for a time, and with a number of senders that changes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from fthg.clock import SECOND
from fthg.errors import TransferError
from fthg.slices import Slice

from ..job_bench import Bench
from ..snapshots import senders


def test_at_max_for_a_time_each_sender_takes_the_next_file_until_its_end(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: 0.7)
    bench.run("1/s for 2s, max for 2s, 1/s for 2s", is_open=False, limit=2)
    assert bench.starts() == [0, 1, 2, 2, 2.7, 2.7, 3.4, 3.4, 4.1, 5]
    assert sorted(result.seq for result in bench.results) == list(range(10))


def test_a_stage_at_max_can_be_the_whole_rate_and_ends_the_job(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: 0.5)
    job = bench.start("max for 10s", is_open=False, limit=4)
    job.run_out(30)
    assert bench.outcomes() == Counter(ok=4 * 20)
    assert job.dispatch_seconds == 10


def test_the_last_file_ends_a_job_at_max_before_its_time(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: 0.5)
    bench.run("max for 1h, 1/s for 1h", is_open=False, limit=4, count=10)
    assert bench.outcomes() == Counter(ok=10)
    assert bench.clock.now() == round(1.5 * SECOND)


def test_senders_come_and_go_as_their_stages_say(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: 1.0)
    bench.run(None, is_open=False, limit=3, senders=senders("1 for 2s, to 3 over 4s, 1 for 3s"))
    counts = Counter(bench.starts())
    # Two from 4 s on; never three, as that would be the very end of the ramp.
    assert counts == {0: 1, 1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 1, 7: 1, 8: 1}


def test_no_sender_for_a_while_sends_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: 1.0)
    bench.run(None, is_open=False, limit=2, senders=senders("2 for 2s, 0 for 3s, 1 for 2s"))
    assert bench.starts() == [0, 0, 1, 1, 5, 6]


def test_slices_share_the_whole_number_at_each_moment(tmp_path: Path) -> None:
    counts: Counter[float] = Counter()
    for part in range(2):
        bench = Bench(tmp_path, lambda _: 1.0)
        stages = senders("1 for 2s, 3 for 2s, 2 for 2s")
        bench.run(None, is_open=False, limit=2, senders=stages, slice_=Slice(part, 2))
        assert {result.seq % 2 for result in bench.results} == {part}
        counts.update(bench.starts())
    assert counts == {0: 1, 1: 1, 2: 3, 3: 3, 4: 2, 5: 2}


def test_a_sender_that_waits_for_a_server_gone_leaves_at_the_end_of_its_part(
    tmp_path: Path,
) -> None:
    def refuse(_: object) -> float:
        raise TransferError("refused", "gone")

    bench = Bench(tmp_path, refuse)
    bench.run("max for 20010ms, 1/s for 1s", is_open=False, limit=3)
    assert bench.starts()[-1] == 20.01
    assert bench.clock.now() == round(21.01 * SECOND)

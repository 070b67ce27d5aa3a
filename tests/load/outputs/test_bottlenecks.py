from __future__ import annotations

from typing import Any

from fthg.clock import SECOND
from fthg.load.outputs.bottlenecks import bottlenecks
from fthg.load.stats.snapshot import LostWorker, RunSnapshot
from fthg.standstill import Standstill

from ..results_of import MS, dropped, result
from ..snapshots import UTC, job_snapshot, run_snapshot

STOOD = dropped(detail="fthg stood still")
AFTER = dropped(detail="256 in flight already (max_in_flight) after fthg stood still")
FULL = dropped(detail="256 in flight already (max_in_flight)")
LATE = result(start=SECOND + 900 * MS, end=SECOND + 950 * MS)


def standstill(start: int = 0, seconds: float = 5.0, dropped: int = 0) -> Standstill:
    return Standstill(start * SECOND, round(seconds * SECOND), dropped, "unknown")


def run(results: Any, *standstills: Standstill) -> RunSnapshot:
    return run_snapshot(job_snapshot(results, seconds=10), standstills=standstills)


def test_a_standstill_is_a_finding_with_its_figures() -> None:
    (one,) = bottlenecks(run([result()], standstill(1, 5.25, 400)))
    assert one.startswith("fthg stood still for 5.25s from ")
    assert one.endswith(" on: unknown; 400 arrivals were dropped.")


def test_of_many_standstills_the_longest_are_named_by_start() -> None:
    found = [standstill(20 * n, 1 + n % 7) for n in range(9)]
    *named, rest = bottlenecks(run([result()], *found))
    assert [text.split()[4] for text in named] == ["3s", "4s", "5s", "6s", "7s"]
    assert rest == "fthg stood still 4 more times, for 6s together."


def test_drops_in_a_standstill_are_not_the_servers() -> None:
    _, text = bottlenecks(run([result()] + [STOOD] * 4, standstill(dropped=4)))
    assert text.startswith(
        "orders: 4 arrivals were dropped, as fthg stood still: the server has no"
    )


def test_each_reason_for_drops_has_its_own_words() -> None:
    texts = list(bottlenecks(run([STOOD] * 4 + [AFTER] * 3 + [FULL] * 2, standstill())))[1:]
    assert [text.split(" dropped")[0] for text in texts] == [
        f"orders: {count} arrivals were" for count in (4, 3, 2)
    ]
    assert "in the second after a standstill, as 256 transfers were in flight" in texts[1]
    assert "the server is too slow" in texts[2]
    assert not any("the server is too slow" in text for text in texts[:2])


def test_transfers_caught_up_after_a_standstill_are_not_late_for_a_busy_host() -> None:
    caught_up = [result()] * 85 + [LATE] * 15  # at 10/s
    assert not any("too busy" in text for text in bottlenecks(run(caught_up, standstill())))
    assert any("too busy" in text for text in bottlenecks(run(caught_up)))
    more = [result()] * 80 + [LATE] * 20
    assert any("too busy" in text for text in bottlenecks(run(more, standstill())))


def test_jobs_that_are_late_share_a_sentence() -> None:
    late = [job_snapshot([LATE], name=f"job-{number}") for number in range(5)]
    (found,) = bottlenecks(run_snapshot(*late))
    assert found.startswith(
        "job-0, job-1, job-2 and 2 more jobs: fthg started transfers late (lateness p99 up to "
    )


def test_where_connecting_takes_most_of_the_time_the_server_is_not_called_slow() -> None:
    opening = result(phases={"connecting": 0.002, "handshaking": 0.01, "waiting": 0.008})
    (text,) = bottlenecks(run([opening, FULL]))
    assert "connecting took 60.00% of the time of transfers and is too slow for the rate" in text
    failed = opening._replace(outcome="failed", error="connect_timeout", code=None)
    (text,) = bottlenecks(run([failed, FULL]))
    assert "connecting took 60.00% of the time of transfers and is too slow for the rate" in text
    (other,) = bottlenecks(run([result(phases={"connecting": 0.005}), FULL]))
    assert "the server is too slow for the rate" in other


def test_the_moment_of_a_standstill_is_that_of_people() -> None:
    snapshot = run([result()], standstill(3))
    assert snapshot.utc(snapshot.standstills[0].start) == UTC + 3 * SECOND


def test_a_lost_worker_is_named_with_what_is_known_of_it() -> None:
    lost = [
        LostWorker(1, 4711, 3 * SECOND, 5, True, "it did not answer"),
        LostWorker(2, 4712, None, 0, False, "it was ended by SIGKILL"),
    ]
    killed, died = bottlenecks(run_snapshot(job_snapshot([result()], 10), lost_workers=lost))
    assert killed.startswith(
        "Worker 1 (pid 4711) did not end and was killed. Its last report counts"
    )
    assert "; 5 transfers that were in flight then are cancelled here" in killed
    assert died == (
        "Worker 2 (pid 4712) died: it was ended by SIGKILL. It never reported, so nothing of it is "
        "counted here."
    )

from __future__ import annotations

import pickle
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.stats.histogram import Histogram
from fthg.load.stats.metrics import Metrics
from fthg.peer import Peer
from fthg.transfer import Result

from ..results_of import MS, dropped, result

MIXED = st.lists(
    st.sampled_from(
        [
            result(),
            result(end=3 * SECOND, code=201, peer=Peer("192.0.2.1:443", 40_000, reused=True)),
            result(outcome="failed", code=503, error="status", detail="503 busy"),
            result(outcome="failed", end=9 * SECOND, error="timeout", phases={"connecting": 7.5}),
            result(outcome="failed", start=None, end=None, code=None, error="no_file"),
            result(outcome="cancelled", code=None, bytes=7),
            result(outcome="cancelled", start=None, end=None, code=None, bytes=0),
            dropped(due=400 * SECOND),
        ]
    ),
    max_size=30,
)


def metrics(results: list[Result]) -> Metrics:
    made = Metrics(0)
    for one in results:
        made.record(one)
    return made


@given(MIXED)
def test_the_sum_of_outcomes_is_all_that_was_scheduled(results: list[Result]) -> None:
    figures = metrics(results).figures(1.0, 1.0)
    outcomes = sum(figures[outcome] for outcome in ("ok", "failed", "dropped", "cancelled"))
    assert figures["scheduled"] == outcomes == len(results)
    assert figures["sent"] == sum(one.start is not None for one in results)


@given(MIXED, MIXED)
def test_merging_is_the_same_as_recording_all_in_one(
    one: list[Result], other: list[Result]
) -> None:
    merged, whole = metrics(one), metrics(one + other)
    merged.merge(metrics(other))
    assert merged.figures(1.0, 1.0) == whole.figures(1.0, 1.0)
    assert merged.more() == whole.more()


def test_the_figures_are_those_of_the_contract() -> None:
    assert list(metrics([result()]).figures(5.0, 4.9)) == [
        *("scheduled", "sent", "ok", "failed", "dropped", "cancelled", "missing", "bytes"),
        *("target_rate", "achieved_rate", "errors", "codes", "addresses"),
        *("service_time", "response_time", "lateness"),
        *("service_time_failed", "response_time_failed"),
    ]


def test_times_are_in_seconds_and_none_where_nothing_was_measured() -> None:
    figures = metrics([result()]).figures(None, 1.0)
    stats = ["min", "mean", "p50", "p90", "p95", "p99", "max"]
    assert figures["lateness"] == {"count": 1, **dict.fromkeys(stats, 0.001)}
    assert list(figures["lateness"]) == ["count", *stats]
    assert figures["service_time"]["mean"] == 0.02
    assert figures["response_time"]["max"] == 0.021
    none = {"count": 0, **dict.fromkeys(stats)}
    assert metrics([dropped()]).figures(None, 1.0)["lateness"] == none
    assert figures["service_time_failed"] == figures["response_time_failed"] == none


def test_failed_transfers_have_times_and_phases_of_their_own() -> None:
    refused = result(
        outcome="failed", code=None, error="refused", end=4 * SECOND, phases={"connecting": 2.5}
    )
    made = metrics([result(), refused])
    figures, more = made.figures(None, 1.0), made.more()
    assert (figures["service_time"]["count"], figures["service_time"]["max"]) == (1, 0.02)
    assert (figures["response_time"]["count"], figures["response_time"]["max"]) == (1, 0.021)
    assert figures["service_time_failed"]["max"] == 2.999
    assert figures["response_time_failed"]["max"] == 3.0
    assert list(more["phases"]) == ["sending", "waiting"]
    assert {name: phase["max"] for name, phase in more["phases_failed"].items()} == {
        "connecting": 2.5
    }


@given(MIXED)
def test_failed_transfers_change_no_time_of_ok_ones(results: list[Result]) -> None:
    ok = [one for one in results if one.outcome == "ok"]
    alone, mixed = Metrics(0), Metrics(0)
    alone.record(*ok)
    mixed.record(*results)
    for time in ("service_time", "response_time"):
        assert mixed.figures(None, 1.0)[time] == alone.figures(None, 1.0)[time]
    assert mixed.more()["phases"] == alone.more()["phases"]


def test_a_cancelled_transfer_has_lateness_but_says_nothing_of_the_server() -> None:
    made = metrics([result(outcome="cancelled")])
    assert (made.lateness.count, made.service_time.count, made.response_time.count) == (1, 0, 0)
    assert (made.service_time_failed.count, made.response_time_failed.count) == (0, 0)
    assert not made.phases
    assert not made.phases_failed


def test_a_job_without_failures_pays_next_to_nothing_for_their_times() -> None:
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    unused = [(Histogram(), Histogram()) for _ in range(1000)]
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(unused) == 1000
    assert after - before < 1_000_000


def test_errors_are_counted_by_kind_with_the_commonest_details() -> None:
    busy = result(outcome="failed", code=503, error="status", detail="503 busy")
    other = result(outcome="failed", code=500, error="status", detail="500 oops")
    late = result(outcome="failed", code=None, error="timeout", detail="x" * 5000)
    made = metrics([busy, other, busy, late, result()])
    figures = made.figures(None, 1.0)
    assert figures["errors"] == {"status": 3, "timeout": 1}
    assert figures["codes"] == {"503": 2, "500": 1, "200": 1}
    assert made.commonest_details("status") == ["503 busy", "500 oops"]
    assert len(made.commonest_details("timeout")[0]) == 300
    assert made.commonest_details("dns") == []


def test_transfers_are_counted_by_address_whatever_their_outcome() -> None:
    near = Peer("192.0.2.1:443", 40_000, reused=False)
    far = Peer("[fe80::1%eth0]:443", 40_001, reused=True)
    refused = result(outcome="failed", code=None, error="refused", peer=near)
    made = Metrics(0)
    made.record(result(peer=near), refused, result(peer=far), result(), dropped())
    assert made.figures(None, 1.0)["addresses"] == {"192.0.2.1": 2, "fe80::1%eth0": 1}


def test_transfers_in_flight_are_scheduled_and_sent() -> None:
    figures = metrics([result()]).figures(None, 1.0, in_flight=3)
    assert (figures["scheduled"], figures["sent"], figures["ok"]) == (4, 4, 1)


def test_memory_stays_bounded_whatever_comes() -> None:
    made = Metrics(0)

    def record(numbers: range) -> None:
        for n in numbers:
            due = n * 200 * MS
            failed = result(
                outcome="failed",
                due=due,
                start=due + n % 977 * 1000,
                end=due + n * 7919 % 10**10,
                code=n,
                error="status",
                detail=f"request {n} failed",
                peer=Peer(f"192.0.{n % 256}.{n % 251}:443", n, reused=False),
            )
            made.record(failed)

    record(range(10_000))
    tracemalloc.start()
    record(range(10_000, 25_000))
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 2_000_000
    assert len(pickle.dumps(made)) < 1_000_000

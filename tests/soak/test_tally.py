"""Results and arrivals agree, or the differences are reported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

from hypothesis import given
from hypothesis import strategies as st

from .cleaner import Arrival
from .tally import Tally, Trouble


def _result(uuid: str, outcome: str = "ok", job: str = "plain", **more: Any) -> dict[str, Any]:
    error = "reset" if outcome == "failed" else None
    times = {"due": 100.0, "start": 100.0, "end": 101.0}
    return {"uuid": uuid, "job": job, "outcome": outcome, "error": error, **times, **more}


def _tally(since: Optional[float] = None, until: Optional[float] = None) -> Tally:
    tally = Tally(allowance=5)
    if since is not None:
        tally.troubles.append(Trouble("nginx stopped", frozenset({"plain"}), since, until))
    return tally


def _steps(uuids: set[str]) -> list[tuple[str, str]]:
    return [(uuid, side) for uuid in sorted(uuids) for side in ("result", "arrival")]


@given(st.sets(st.text(max_size=5), max_size=20).map(_steps).flatmap(st.permutations))
def test_sums_add_up_in_any_order_of_results_and_arrivals(
    steps: Sequence[tuple[str, str]],
) -> None:
    tally = _tally()
    for uuid, side in steps:
        if side == "result":
            tally.end(_result(uuid))
        else:
            tally.arrive(Arrival(uuid, whole=True))
    assert (tally.missing, tally.strangers, tally.spoiled) == (0, 0, 0)
    assert 2 * tally.scheduled == 2 * tally.arrived == len(steps)


def test_ok_without_arrival_is_missing() -> None:
    tally = _tally()
    tally.end(_result("u1"))
    assert tally.missing == 1


def test_an_arrival_nobody_sent_is_a_stranger_and_so_is_a_second_one() -> None:
    tally = _tally()
    tally.end(_result("u1"))
    for uuid in ("u1", "u1", "u2"):
        tally.arrive(Arrival(uuid, whole=True))
    assert tally.strangers == 2


def test_other_content_is_spoiled() -> None:
    tally = _tally()
    tally.end(_result("u1"))
    tally.arrive(Arrival("u1", whole=False))
    assert tally.spoiled == 1


def test_a_failed_transfer_may_have_arrived_if_it_had_started() -> None:
    tally = _tally(since=100)
    tally.end(_result("u1", "failed"))
    tally.arrive(Arrival("u1", whole=True))
    tally.arrive(Arrival("u2", whole=True))
    tally.end(_result("u2", "failed"))
    tally.end(_result("u3", "dropped", start=None, end=None))
    tally.arrive(Arrival("u3", whole=True))
    assert tally.arrived_anyway == 2
    assert tally.strangers == 1
    assert tally.unexplained_count == 0


def test_failures_are_explained_by_a_trouble_of_their_job_and_shortly_after_it() -> None:
    for since, until in ((100.5, None), (90, 99), (90, 95), (100.5, 100.6)):
        tally = _tally(since, until)
        tally.end(_result("u1", "failed"))
        assert tally.unexplained == []


def test_failures_before_after_or_elsewhere_are_not_explained() -> None:
    for since, until, job in ((102, None, "plain"), (90, 94, "plain"), (100, None, "sftp")):
        tally = _tally(since, until)
        tally.end(_result("u1", "failed", job))
        assert [one["uuid"] for one in tally.unexplained] == ["u1"]
        assert tally.unexplained_count == 1

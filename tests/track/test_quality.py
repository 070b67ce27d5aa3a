"""Data quality findings of whole runs over real servers."""

from __future__ import annotations

from datetime import datetime, timezone

from .world import END, GRACE, SECOND, START, World

UUIDS = [f"00000000-0000-4000-8000-{n:012d}" for n in range(10)]
DAY = 24 * 3600 * SECOND


def test_rows_without_a_start_are_listed_and_count_with_a_partner_that_has_one(
    world: World,
) -> None:
    end = START + SECOND
    world.insert(
        "ingress",
        (UUIDS[0], "partner at egress", None, end, "SUCCESS"),
        (UUIDS[1], "alone", None, end, "FAILED"),
        (UUIDS[2], "partner at ingress", START, end, "SUCCESS"),
    )
    world.insert(
        "egress",
        (UUIDS[0], "partner at egress", START, end, "SUCCESS"),
        (UUIDS[2], "partner at ingress", None, end, "SUCCESS"),
    )
    assert world.run() == 0
    assert world.results() == {"partner at egress": "passed", "partner at ingress": "passed"}
    assert world.summary["data_quality"] == {"null_start": 3}


def test_a_uuid_that_is_used_again_a_day_later_is_listed_in_both_periods(world: World) -> None:
    for side in ("ingress", "egress"):
        rows = [
            (UUIDS[0], "f", START + days * DAY, START + days * DAY, "SUCCESS") for days in (0, 1)
        ]
        world.insert(side, *rows)
    for days in (0, 1):
        plan = world.plan(start=START + days * DAY, end=END + days * DAY, once=True)
        assert world.run(plan) == 0
        assert world.summary["transfers"] == 1
        assert world.summary["data_quality"] == {"duplicate_outside": 2}


def test_a_failure_at_ingress_that_succeeded_at_egress_is_listed(world: World) -> None:
    end = START + SECOND
    for n, status in enumerate(["SUCCESS", "FAILED", "TIMEOUT", None]):
        world.insert("ingress", (UUIDS[n], "f", START, end, status))
        world.insert("egress", (UUIDS[n], "f", START, end, "SUCCESS"))
    world.insert("ingress", (UUIDS[5], "f", START, end, "FAILED"))
    world.insert("egress", (UUIDS[5], "f", START, end, "FAILED"))
    world.run()
    assert world.summary["passed"] == 4
    assert world.summary["data_quality"] == {"failed_then_success": 2}


def test_ambiguous_and_impossible_times_are_listed(world: World) -> None:
    change = round(datetime(2026, 10, 25, 1, tzinfo=timezone.utc).timestamp()) * SECOND
    for side in ("ingress", "egress"):
        for uuid, wall in ((UUIDS[0], "02:30"), (UUIDS[1], "04:00")):
            world.server(side).run(
                "INSERT INTO tracking.transfers VALUES (%s, 'f', %s, %s, 'SUCCESS')",
                (uuid, f"2026-10-25 {wall}", f"2026-10-25 {wall}:01"),
            )
    world.ingress.run(
        f"UPDATE tracking.transfers SET endTime = '2026-03-29 02:30' WHERE UUID = '{UUIDS[1]}'"
    )
    plan = world.plan(
        start=change - 2 * 3600 * SECOND,
        end=change + 4 * 3600 * SECOND,
        grace=GRACE,
        once=True,
        ingress=world.side("ingress", timezone="Europe/Berlin"),
        egress=world.side("egress", timezone="Europe/Berlin"),
    )
    assert world.run(plan) == 0
    assert world.summary["data_quality"] == {
        "ambiguous_time": 2, "nonexistent_time": 1, "end_before_start": 1,
    }  # fmt: skip

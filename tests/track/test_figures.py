"""Every figure against the same one computed by a database from the data's own making."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, NamedTuple, Optional
from uuid import UUID

import pytest

from tests.servers.mariadb import MariaDB

from .world import DATABASE, END, GRACE, SECOND, START, JumpingClock, World

NOW = END + GRACE // 2  # so that young rows without partner are pending

SPELLINGS: dict[str, Callable[[UUID], Any]] = {
    "CHAR(36)": str,
    "CHAR(36) COLLATE utf8mb4_bin": lambda uuid: str(uuid).upper(),
    "VARCHAR(64)": lambda uuid: uuid.hex.upper(),
    "CHAR(32) CHARACTER SET latin1": lambda uuid: uuid.hex,
    "BINARY(16)": lambda uuid: uuid.bytes,
    "VARBINARY(40)": lambda uuid: str(uuid).upper().encode(),
    "UUID": str,
}


class Made(NamedTuple):
    """A row as the test made it; `key` is what the oracle knows it by."""

    key: str
    uuid: Optional[UUID]
    name: str
    start: int
    end: Optional[int]
    status: Optional[str]


def _make(seed: int) -> dict[str, list[Made]]:
    rng = random.Random(seed)
    sides: dict[str, list[Made]] = {"ingress": [], "egress": []}
    edges = [START - 1, START, START + 1, END - 1, END, END + 1]
    day = 86_400 * SECOND
    for n in range(600):
        start = (
            edges[n] if n < len(edges) else rng.randrange(START - 900 * SECOND, END + 900 * SECOND)
        )
        uuid, name = UUID(int=rng.getrandbits(128), version=4), f"file-{n}"
        status = rng.choice(["SUCCESS"] * 6 + ["FAILED", "TIMEOUT", None, "ODD"])
        transit = rng.randrange(1, 20 * SECOND) if rng.random() < 0.9 else rng.randrange(-9, 9)
        # Some partners are far away: only asking for the UUID finds them.
        far = rng.choice([0] * 30 + [-day, day])
        end = None if rng.random() < 0.1 else start + transit + far
        first = Made(str(uuid), uuid, name, start, start + transit // 2, "SUCCESS")
        other = Made(str(uuid), uuid, name, start + transit // 2 + far, end, status)
        fate = rng.random()
        if fate < 0.93:
            sides["ingress"].append(first)
        if fate < 0.86 or fate >= 0.93:
            sides["egress"].append(other)
        if rng.random() < 0.05:
            sides["ingress"].append(first._replace(start=start + 7, name=f"again-{n}"))
        if rng.random() < 0.05 and sides["egress"]:
            last = sides["egress"][-1]
            sides["egress"].append(last._replace(start=last.start + 5, status="FAILED"))
    for n in range(6):
        for side, rows in sides.items():
            name = f"null-{side}-{n}"
            rows.append(Made(name, None, name, START + n * 600 * SECOND, None, None))
            young = Made(
                f"y{side}{n}",
                UUID(int=rng.getrandbits(128), version=4),
                f"young-{side}-{n}",
                0,
                None,
                None,
            )
            rows.append(young._replace(start=END - n * SECOND))  # the first is just outside
    return sides


ORACLE = """
WITH numbered_i AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY s) n FROM oracle.ingress),
numbered_e AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY s) n FROM oracle.egress),
i AS (SELECT * FROM numbered_i WHERE n = 1),
e AS (SELECT * FROM numbered_e WHERE n = 1),
pairs AS (
  SELECT i.k AS ik, e.k AS ek, i.s AS i_s, i.e AS i_e, e.s AS e_s, e.e AS e_e, e.st AS st,
         i.name AS i_name, e.name AS e_name
  FROM i LEFT JOIN e ON e.k = i.k
  UNION ALL
  SELECT NULL, e.k, NULL, NULL, e.s, e.e, e.st, NULL, e.name
  FROM e LEFT JOIN i ON i.k = e.k WHERE i.k IS NULL),
transfers AS (
  SELECT *, e_e - i_s AS transit,
    CASE WHEN ik IS NULL THEN IF(@now - COALESCE(e_e, e_s) < @grace, 'pending', 'egress')
         WHEN ek IS NULL THEN IF(@now - COALESCE(i_e, i_s) < @grace, 'pending', 'ingress')
         WHEN st = 'FAILED' THEN 'failed' WHEN st = 'TIMEOUT' THEN 'timeout'
         WHEN st IS NULL THEN 'in_progress'
         WHEN st = 'SUCCESS' THEN IF(e_e IS NULL, 'in_progress', 'passed')
         ELSE 'failed' END AS result
  FROM pairs WHERE COALESCE(i_s, e_s) >= @from AND COALESCE(i_s, e_s) < @to)
"""


class Oracle:
    """The same data in one database, asked by SQL of the test's own."""

    def __init__(self, server: MariaDB, made: dict[str, list[Made]]) -> None:
        self._server = server
        server.run("CREATE OR REPLACE DATABASE oracle")
        for side, rows in made.items():
            server.run(
                f"CREATE TABLE oracle.{side} (k VARCHAR(64), name TEXT, s BIGINT, e BIGINT, "
                "st VARCHAR(20))"
            )
            server.run(
                f"INSERT INTO oracle.{side} VALUES (%s, %s, %s, %s, %s)",
                *[(row.key, row.name, row.start, row.end, row.status) for row in rows],
            )

    def ask(self, select: str) -> list[tuple[Any, ...]]:
        sql = ORACLE + select
        for name, value in (("from", START), ("to", END), ("now", NOW), ("grace", GRACE)):
            sql = sql.replace(f"@{name}", str(value))
        return self._server.run(sql)


@pytest.mark.parametrize(
    ("ingress", "egress", "time", "zone"),
    [
        ("CHAR(36)", "CHAR(36)", "DATETIME(6)", "+00:00"),
        ("CHAR(36)", "BINARY(16)", "TIMESTAMP(6)", "+00:00"),
        ("BINARY(16)", "VARCHAR(64)", "DATETIME(6)", "+05:30"),
        ("VARBINARY(40)", "CHAR(36) COLLATE utf8mb4_bin", "TIMESTAMP(6)", "-03:00"),
        ("UUID", "CHAR(32) CHARACTER SET latin1", "DATETIME(6)", "+00:00"),
    ],
)
def test_every_figure_agrees_with_the_same_one_computed_by_sql(
    world: World, ingress: str, egress: str, time: str, zone: str
) -> None:
    made = _make(seed=7)
    for side, kind in (("ingress", ingress), ("egress", egress)):
        world.server(side).schema(DATABASE, kind, time, "VARCHAR(20)")
        rows = [
            (row.uuid and SPELLINGS[kind](row.uuid), row.name, row.start, row.end, row.status)
            for row in made[side]
        ]
        world.insert(side, *rows, zone=zone)
    oracle = Oracle(world.ingress, made)
    plan = world.plan(
        ingress=world.side("ingress", timezone=zone),
        egress=world.side("egress", timezone=zone),
        once=True,
    )

    status = world.run(plan, JumpingClock(NOW))

    found = world.summary
    counts = dict(oracle.ask("SELECT result, COUNT(*) FROM transfers GROUP BY 1"))
    assert status == 5
    assert {**{name: found[name] for name in ("passed", "failed", "timeout", "in_progress")}} == {
        name: counts[name] for name in ("passed", "failed", "timeout", "in_progress")
    }
    assert found["pending"] == counts["pending"] > 0
    assert found["unpaired"] == {side: counts[side] for side in ("ingress", "egress")}
    decided = counts["passed"] + counts["failed"] + counts["timeout"]
    assert found["pass_rate"] == counts["passed"] / decided
    _same_transit(found["transit"], oracle)
    _same_quality(found["data_quality"], oracle)
    assert {
        (line["filename"], line["result"], line["transit_seconds"]) for line in world.lines
    } == {
        (name, "unpaired" if result in ("ingress", "egress") else result, seconds or "")
        for name, result, seconds in oracle.ask(
            "SELECT COALESCE(i_name, e_name), result, "
            "CAST(CAST(transit / 1000000 AS DECIMAL(20, 6)) AS CHAR) FROM transfers"
        )
    }


def _same_transit(found: dict[str, float], oracle: Oracle) -> None:
    (least, mean, most, count) = oracle.ask(
        "SELECT MIN(transit), AVG(transit), MAX(transit), COUNT(transit) FROM transfers"
    )[0]
    assert (found["min"], found["max"]) == (least / SECOND, most / SECOND)
    assert found["mean"] == pytest.approx(float(mean) / SECOND, abs=1e-9)
    ranked = "SELECT transit FROM (SELECT transit, ROW_NUMBER() OVER (ORDER BY transit) AS n FROM "
    for percent in (50, 90, 95, 99):
        value = oracle.ask(
            f"{ranked} transfers WHERE transit IS NOT NULL) r WHERE n = CEIL({percent * count}/100)"
        )[0][0]
        assert found[f"p{percent}"] == value / SECOND


def _same_quality(found: dict[str, int], oracle: Oracle) -> None:
    asked = {
        "negative_transit": "SELECT COUNT(*) FROM transfers WHERE transit < 0",
        "end_before_start": "SELECT SUM(COALESCE(i_e < i_s, 0)) + SUM(COALESCE(e_e < e_s, 0)) "
        "FROM transfers",
        "unknown_status": "SELECT COUNT(*) FROM transfers WHERE st = 'ODD'",
        "null_uuid": "SELECT COUNT(*) FROM transfers WHERE ik LIKE 'null%' OR ek LIKE 'null%'",
        "filename_differs": "SELECT COUNT(*) FROM transfers WHERE i_name <> e_name",
        "duplicate_uuid": "SELECT (SELECT COUNT(*) FROM numbered_i WHERE n > 1 AND k IN (SELECT ik "
        "FROM transfers)) + (SELECT COUNT(*) FROM numbered_e WHERE n > 1 AND k IN (SELECT ek FROM "
        "transfers))",
    }
    expected = {kind: int(oracle.ask(sql)[0][0]) for kind, sql in asked.items()}
    assert expected["duplicate_uuid"] > 0
    assert expected["negative_transit"] > 0
    assert found == expected

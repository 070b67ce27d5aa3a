"""Hints about wrong set-ups: each is found, and honest data shows none."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Optional
from uuid import UUID, uuid1

import pytest

from fthg.track.figures import Figures, Hint
from fthg.track.hints import KINDS
from fthg.track.rows import RawRow
from fthg.track.side import Side
from fthg.track.uuids import Key

from .ledgers import DAY, HOUR, MINUTE, SECOND, Pair, figures, pair, row, uuid

Rows = tuple[RawRow, RawRow]


def _only(found: Figures) -> Hint:
    (hint,) = found.hints
    assert hint.kind in KINDS
    assert not hint.sentence.endswith(".")
    return hint


def _shifted(pairs: list[Rows], by: int) -> list[Rows]:
    """Return transfers whose egress reads its times in another zone."""
    return [
        (ingress, egress._replace(start=egress.start + by, end=egress.end + by))
        for ingress, egress in pairs
        if egress.start is not None and egress.end is not None
    ]


def _rekeyed(pairs: list[Rows], order: Callable[[bytes], Key]) -> list[Rows]:
    """Return transfers whose egress writes UUIDs in another way."""
    return [(i, e._replace(key=order(e.key))) for i, e in pairs if isinstance(e.key, bytes)]


def _transfers(number: int, seed: int = 1, longest: int = 5 * SECOND) -> list[Rows]:
    rng = random.Random(seed)
    return [pair(n, rng.randrange(DAY), rng.randrange(3, longest)) for n in range(number)]


# Same table


@pytest.mark.parametrize(
    ("ingress", "egress"),
    [
        (Side("ingress", "db", "u", "d"), Side("egress", "DB", "other", "d")),
        (Side("ingress", "localhost", "u", "d"), Side("egress", "127.0.0.1", "u", "d")),
        (Side("ingress", "a", "u", "d", socket="/s"), Side("egress", "b", "u", "d", socket="/s")),
    ],
)
def test_one_table_under_both_sides_is_named(ingress: Side, egress: Side) -> None:
    hint = _only(figures([], ingress=ingress, egress=egress))

    assert hint.kind == "same_table"
    assert str(figures([], ingress=ingress).ingress) in hint.sentence
    assert hint.affects == ("transit", "sla", "pass_rate", "unpaired")


@pytest.mark.parametrize(
    "egress",
    [
        Side("egress", "db", "u", "d", port=3307),
        Side("egress", "db", "u", "e"),
        Side("egress", "db", "u", "d", table="others"),
        Side("egress", "db", "u", "d", socket="/s"),
    ],
)
def test_two_tables_of_one_server_are_two(egress: Side) -> None:
    assert not figures([], ingress=Side("ingress", "db", "u", "d"), egress=egress).hints


def test_one_table_under_two_addresses_shows_by_its_rows() -> None:
    rows = [ingress for ingress, _ in _transfers(20)]

    assert _only(figures([(r, r) for r in rows])).kind == "same_table"
    assert not figures([(r, r) for r in rows[:9]]).hints


def test_equal_times_in_whole_seconds_are_no_proof() -> None:
    same = [(r, r) for n in range(500) if (r := row(uuid(n), n * SECOND, (n + 1) * SECOND))]

    assert not figures(same).hints


def test_equal_times_of_many_longer_transfers_are_proof_also_in_whole_seconds() -> None:
    same = [(r, r) for n in range(100) if (r := row(uuid(n), n * SECOND, (n + 2) * SECOND))]

    assert _only(figures(same)).kind == "same_table"
    assert not figures(same[:99]).hints
    later = same[0][0]._replace(end=same[0][0].end and same[0][0].end + SECOND)
    assert not figures([(same[0][0], later), *same[1:]]).hints


def test_one_table_is_known_although_rows_without_a_uuid_have_no_partner() -> None:
    rows = [ingress for ingress, _ in _transfers(20)]
    keyless = row(None, SECOND, 2 * SECOND)

    found = figures([(r, r) for r in [*rows, keyless]])

    assert found.counts.unpaired == 2
    assert _only(found).sentence.startswith("all 21 rows are the same at ingress and egress")


# Pairing


@pytest.mark.parametrize("side", ["ingress", "egress"])
def test_an_empty_side_is_named(side: str) -> None:
    pairs: list[Pair] = [(i, None) if side == "egress" else (None, e) for i, e in _transfers(300)]

    hint = _only(figures(pairs))

    assert hint.kind == "empty_side"
    assert hint.sentence.startswith(f"{side} has no rows in this period, ")
    assert "has 300; check host, database and table" in hint.sentence
    assert hint.affects == ("pass_rate", "unpaired", "sla")


def test_a_side_that_is_empty_because_the_first_transfer_is_still_on_its_way_is_no_hint() -> None:
    assert not figures([(row(uuid(1), 0, SECOND), None)], now=2 * SECOND).hints


def _swapped(key: bytes) -> bytes:
    """Return what MySQL's UUID_TO_BIN(x, 1) returns."""
    low, middle, high = key[:4], key[4:6], key[6:8]
    return high + middle + low + key[8:]


def _reversed(key: bytes) -> bytes:
    return key[::-1]


def _guid(key: bytes) -> bytes:
    return UUID(bytes=key).bytes_le


@pytest.mark.parametrize(("order", "named"), [(_swapped, "UUID_TO_BIN(x, 1)"), (_guid, "GUIDs")])
@pytest.mark.parametrize("side", ["ingress", "egress"])
@pytest.mark.parametrize("number", [1, 300, 1500])
def test_uuids_in_another_order_are_recognised(
    order: Callable[[bytes], bytes], named: str, side: str, number: int
) -> None:
    pairs = []
    for ingress, egress in _transfers(number):
        key = uuid1().bytes
        keys = {"ingress": key, "egress": key, side: order(key)}
        pairs.append((ingress._replace(key=keys["ingress"]), egress._replace(key=keys["egress"])))

    hint = _only(figures(pairs))

    count = min(number, 1000)
    assert hint.kind == "swapped_uuids"
    assert f"{count:,} of {count:,} UUIDs at ingress would match at egress" in hint.sentence
    assert named in hint.sentence
    if order is _swapped:
        assert hint.sentence.endswith(
            f"give {side} as its table: a view that selects BIN_TO_UUID(UUID, 1)"
        )
    assert hint.affects == ("pass_rate", "unpaired", "sla")


def test_a_few_old_rows_that_match_do_not_hide_the_other_order() -> None:
    pairs = _transfers(200)
    late = _rekeyed(pairs[20:], _swapped)

    assert _only(figures([*pairs[:20], *late])).kind == "swapped_uuids"
    assert not figures([*pairs[:40], *late[20:40]]).hints


@pytest.mark.parametrize("other", [_reversed, lambda key: key.hex()[:20]])
def test_uuids_that_never_match_are_named(other: Callable[[bytes], Key]) -> None:
    hint = _only(figures(_rekeyed(_transfers(50), other)))

    assert hint.kind == "no_common_uuids"
    assert "none of 50 UUIDs at ingress is among 50 at egress" in hint.sentence
    assert "check columns: {uuid: …}" in hint.sentence


def test_two_strangers_on_either_side_are_too_few() -> None:
    pairs = _rekeyed(_transfers(3), _reversed)

    assert not figures(pairs[:2]).hints
    assert _only(figures(pairs)).kind == "no_common_uuids"


def test_one_partner_shows_that_the_uuids_do_match() -> None:
    pairs = _rekeyed(_transfers(50), _reversed)

    assert not figures([*pairs, pair(99, 0, SECOND)]).hints


# Times


@pytest.mark.parametrize("hours", [-11, -5.5, -1, -0.5, 0.5, 1, 2, 5.5, 14])
@pytest.mark.parametrize("longest", [SECOND, 20 * SECOND])
def test_a_wrong_zone_is_named_in_either_direction(hours: float, longest: int) -> None:
    hint = _only(figures(_shifted(_transfers(100, longest=longest), round(hours * HOUR))))

    assert hint.kind == "timezone"
    assert "100 of 100 pairs" in hint.sentence
    assert hint.sentence.endswith("check the time zones of both sides")
    assert hint.affects == ("transit", "sla")


def test_four_slow_transfers_are_too_few_for_a_wrong_zone() -> None:
    pairs = _shifted(_transfers(5), HOUR)

    assert not figures(pairs[:4]).hints
    assert _only(figures(pairs)).kind == "timezone"


def test_a_wrong_zone_shows_although_the_transfers_themselves_are_slow() -> None:
    pairs = []
    for n in range(100):
        start, length = n * MINUTE, (1 + n % 10) * MINUTE
        pairs.append(
            (
                row(uuid(n), start, start + length),
                row(uuid(n), start + length + HOUR, start + 2 * length + HOUR),
            )
        )

    assert _only(figures(pairs)).kind == "timezone"


def test_a_wrong_zone_shows_without_ends_at_ingress() -> None:
    pairs = [(i._replace(end=None), e) for i, e in _shifted(_transfers(100), HOUR)]

    assert _only(figures(pairs)).kind == "timezone"


def test_a_negative_median_is_named_whatever_its_size() -> None:
    zone = _only(figures([pair(1, HOUR, -20 * MINUTE)]))
    clock = _only(figures([pair(1, HOUR, -12_000)]))

    assert (zone.kind, clock.kind) == ("timezone", "clocks")
    assert "the median transit time is negative (-20m 00s)" in zone.sentence
    assert "the median transit time is negative (-12ms)" in clock.sentence


@pytest.mark.parametrize(
    ("number", "negative", "by", "hinted"),
    [
        (110, 1, HOUR, True),  # the average would be -31 s
        (40_000, 1, HOUR, False),  # listed under data quality; it moves the average by 9%
        (1000, 10, SECOND, True),
        (1000, 9, 1000, False),
    ],
)
def test_negative_transit_times_are_a_hint_where_they_matter(
    number: int, negative: int, by: int, hinted: bool
) -> None:
    pairs = [pair(n, n * SECOND // 2, SECOND) for n in range(number)]
    pairs[:negative] = [pair(n, HOUR, -by) for n in range(negative)]

    found = figures(pairs)

    assert [hint.kind for hint in found.hints] == ["clocks"] * hinted
    for hint in found.hints:
        assert f"{negative} of {number:,} transit times" in hint.sentence
        assert hint.affects == ("transit", "sla")


# Indexes


def test_columns_without_an_index_are_named_side_by_side() -> None:
    found = figures([], unindexed={"ingress": (), "egress": ("UUID", "startTime")})

    hint = _only(found)

    assert hint == Hint(
        "no_index",
        "egress has no index on UUID and startTime, so polls read the whole table; "
        "create an index on each column",
    )


# Honest data


def _seconds(rng: random.Random) -> int:
    return rng.randrange(20_000, 8 * SECOND)


def _skewed(rng: random.Random) -> int:
    return round(rng.lognormvariate(0, 1.2) * 20 * SECOND)


def _half_hours(rng: random.Random) -> int:
    return round(rng.gauss(30, 5) * MINUTE)


def _up_to_hours(rng: random.Random) -> int:
    return rng.randrange(3 * HOUR)


def _hourly_batches(rng: random.Random) -> int:
    return HOUR - rng.randrange(HOUR) + SECOND


def _instant(_: random.Random) -> int:
    return 0


SHAPES = (_seconds, _skewed, _half_hours, _up_to_hours, _hourly_batches, _instant)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("number", [1, 3, 10, 300])
@pytest.mark.parametrize("status", ["FAILED", None, "mixed"])
@pytest.mark.parametrize(("first", "last"), [(0, DAY), (22 * HOUR, 23 * HOUR)])
def test_honest_data_shows_no_hint(
    shape: Callable[[random.Random], int],
    number: int,
    status: Optional[str],
    first: int,
    last: int,
) -> None:
    rng = random.Random(number)
    pairs: list[Pair] = []
    for n in range(number):
        result = rng.choice(["SUCCESS", "FAILED"]) if status == "mixed" else status
        ingress, egress = pair(n, rng.randrange(first, last), shape(rng), result)
        lost = n and rng.random() < 0.2
        pairs.append((ingress, None if lost else egress))
    whole = [(_in_seconds(i), _in_seconds(e)) for i, e in pairs]

    assert not figures(pairs).hints
    assert not figures(whole).hints
    assert not figures([]).hints


def test_a_long_upload_of_an_hour_is_no_wrong_zone() -> None:
    pairs = []
    for n in range(50):
        start = n * MINUTE
        pairs.append(
            (
                row(uuid(n), start, start + SECOND),
                row(uuid(n), start + 2 * SECOND, start + HOUR + n * SECOND // 10),
            )
        )

    assert not figures(pairs).hints


def test_rows_of_one_side_only_are_unpaired_but_no_hint_while_most_have_partners() -> None:
    pairs = _transfers(100)
    lost: list[Pair] = [(i, None) if n % 2 else (None, e) for n, (i, e) in enumerate(pairs[:40])]

    found = figures([*lost, *pairs[40:]])

    assert found.counts.unpaired == 40
    assert not found.hints


def _in_seconds(of: Optional[RawRow]) -> Optional[RawRow]:
    """Return a row as a column without fractions of a second holds it."""
    if of is None:
        return None
    start, end = (None if time is None else time // SECOND * SECOND for time in (of.start, of.end))
    return of._replace(start=start, end=end)

"""Groups of transfers by file name, against fnmatch."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Optional

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fthg.track.figures import OTHERS, Group

from .ledgers import MINUTE, SECOND, figures, pair, row, uuid


def _groups(
    names: Sequence[Optional[str]], *groups: tuple[str, tuple[str, ...]]
) -> dict[str, Group]:
    found = figures([pair(n, n, SECOND, name=name) for n, name in enumerate(names)], groups=groups)
    return {group.name: group for group in found.groups}


def test_without_groups_there_are_none() -> None:
    assert figures([pair(1, 0, SECOND)]).groups == ()


def test_a_transfer_counts_in_each_group_that_it_matches_and_else_among_the_others() -> None:
    names = ["order-1.xml", "order-2.inv", "a/b.inv", "ORDER-3", "readme", None, ""]

    found = _groups(
        names, ("orders", ("order-*",)), ("bills", ("*.inv", "*.INV")), ("none", ("x",))
    )

    assert {name: group.counts.passed for name, group in found.items()} == {
        "orders": 2,
        "bills": 2,
        "none": 0,
        OTHERS: 4,
    }
    assert list(found) == ["orders", "bills", "none", OTHERS]
    assert found["bills"].patterns == ("*.inv", "*.INV")
    assert found["none"].transit is None
    assert found[OTHERS].patterns == ()


def test_there_are_no_others_if_all_are_in_a_group() -> None:
    assert list(_groups(["a", "b"], ("all", ("*",)))) == ["all"]


def test_a_group_has_all_figures_of_its_transfers() -> None:
    pairs = [pair(n, n, (n + 1) * SECOND, name="x") for n in range(100)]
    pairs += [pair(100, 0, MINUTE, "FAILED", "x"), pair(101, 0, MINUTE, "TIMEOUT", "x")]
    pairs += [pair(n, 0, 7 * MINUTE, name="y") for n in range(200, 300)]
    alone = (row(uuid(400), 0, SECOND, name="x"), None)

    found = figures([*pairs, alone], groups=(("x", ("x",)),), sla=10 * SECOND).groups[0]

    assert (found.counts.passed, found.counts.failed, found.counts.timeout) == (100, 1, 1)
    assert found.counts.unpaired == 1
    assert found.counts.transfers == 103
    assert found.within == 10
    assert found.transit
    assert (found.transit.count, found.transit.min, found.transit.max) == (
        102,
        SECOND,
        100 * SECOND,
    )
    assert found.transit.p50 == 51 * SECOND
    assert found.transit.total == (5050 + 120) * SECOND


def test_the_name_is_that_at_ingress_else_at_egress() -> None:
    named = (row(uuid(1), 0, 1, name="in"), row(uuid(1), 1, 2, name="out"))
    late = (row(uuid(2), 0, 1, name=None), row(uuid(2), 1, 2, name="out"))
    empty = (row(uuid(3), 0, 1, name=""), row(uuid(3), 1, 2, name="out"))
    alone = (None, row(uuid(4), 1, 2, name="out"))

    found = figures([named, late, empty, alone], groups=(("in", ("in",)), ("out", ("out",))))

    assert [group.counts.transfers for group in found.groups] == [1, 3]


def test_a_promised_time_is_not_counted_where_there_is_none() -> None:
    assert _groups(["a"], ("a", ("a",)))["a"].within is None


_letters = st.text("abAB-]^!é[*?/.\n", max_size=6)


@example(["[]????"], ["[]????"])
@given(st.lists(_letters, min_size=1, max_size=20), st.lists(_letters, max_size=3))
def test_patterns_match_as_those_of_a_job_do(names: list[str], patterns: list[str]) -> None:
    found = _groups(names, ("some", tuple(patterns))).get("some")

    expected = sum(any(_matches(name, pattern) for pattern in patterns) for name in names)
    assert (found.counts.transfers if found else 0) == expected


def _matches(name: str, pattern: str) -> bool:
    try:
        return name != "" and fnmatchcase(name, pattern)  # an empty name at both sides is no name
    except Exception:  # noqa: BLE001 — Python 3.9 refuses a range such as [b-a]
        assert sys.version_info < (3, 12)
        return False


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ("[0-9]*", ["1a"]),
        ("[!0-9]*", ["a1", "A1", "^x", "[x"]),
        ("[^a]?", ["a1", "^x"]),
        ("[[]x", ["[x"]),
        ("[x", ["[x"]),
        ("[z-a]*", []),
    ],
)
def test_brackets_are_those_of_fnmatch(pattern: str, matched: list[str]) -> None:
    names = ["1a", "a1", "A1", "^x", "[x"]

    for name in names:
        assert _groups([name], ("g", (pattern,)))["g"].counts.transfers == (name in matched)


def test_many_groups_are_possible() -> None:
    groups = tuple((f"g{n}", (f"{n}-*", f"*-{n}")) for n in range(150))

    found = _groups([f"{n}-x" for n in range(200)], *groups)

    assert [found[f"g{n}"].counts.transfers for n in range(150)] == [1] * 150
    assert found[OTHERS].counts.transfers == 50


def test_a_pattern_that_is_not_text_does_not_stop_the_report() -> None:
    assert _groups(["a"], ("odd", ("\udcff*",)))[OTHERS].counts.transfers == 1

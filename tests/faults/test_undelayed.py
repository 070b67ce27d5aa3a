from __future__ import annotations

from typing import Any

import pytest

from .case import nothing
from .events.undelayed import both_ends, undelayed
from .observed import NEIGHBOUR, Observed
from .test_verdict import LINES, line, seen

TENTHS = [100 + tenth / 10 for tenth in range(60)]


def steady(**changes: Any) -> Observed:
    """A fault of three seconds, beside a neighbour whose files arrived ten times a second."""
    lines = [line(NEIGHBOUR, seq, due=moment) for seq, moment in enumerate(TENTHS)]
    each = [{**one, "start": one["due"] + 0.01} for one in lines]
    found = seen({**LINES, NEIGHBOUR: each}, moments=TENTHS, began=101.0, over=104.0)
    return found._replace(**changes)


def test_a_neighbour_at_its_rate_is_not_delayed() -> None:
    assert list(undelayed(steady())) == []


@pytest.mark.parametrize(
    ("moments", "words"),
    [
        ([moment for moment in TENTHS if not 101.5 < moment < 103.2], "arrived for 1.7 s"),
        (TENTHS[:12], "arrived for 2.9 s"),
        (TENTHS[::2], "of 30 files of the neighbour 14 arrived"),
    ],
)
def test_what_its_server_got_shows_a_delay(moments: list[float], words: str) -> None:
    violations = list(undelayed(steady(moments=moments)))
    assert any(words in sentence for sentence in violations), violations


def test_its_own_results_show_a_delay() -> None:
    late = line(NEIGHBOUR, 9, due=100.0, start=101.2)
    found = steady(results={**LINES, NEIGHBOUR: [late]})
    assert list(undelayed(found)) == ["a start of the neighbour was 1.2 s late"]


def test_the_two_rows_differ_in_their_end() -> None:
    waits, cut = both_ends("a fault", nothing, fast="interrupted", unwritten=True)
    assert (waits.interrupted, waits.status) == (False, 0)
    assert (cut.interrupted, cut.status) == (True, 130)
    assert [(case.fast, case.unwritten) for case in (waits, cut)] == [(False, False), (True, True)]

from __future__ import annotations

from fractions import Fraction

import pytest

from fthg.track.figures import Sla, SlaStep
from fthg.track.page.service import HEIGHT, service_level
from fthg.track.tracked import SECOND
from tests.track.page.examples import HOUR, START


def hour(index: int, within: int, due: int) -> SlaStep:
    return SlaStep(START + index * HOUR, START + (index + 1) * HOUR, within, due)


def sla(*steps: SlaStep, target: str = "") -> Sla:
    within, due = sum(s.within for s in steps), sum(s.due for s in steps)
    return Sla(SECOND, within, due, 0, Fraction(target) if target else None, steps=steps)


def test_a_cell_is_filled_as_high_as_it_was_late() -> None:
    cells = service_level(sla(hour(0, 10, 10), hour(1, 5, 10), hour(2, 0, 4))).cells
    assert [cell.late for cell in cells] == [0, HEIGHT / 2, HEIGHT]


def test_one_late_among_thousands_is_seen() -> None:
    (cell,) = service_level(sla(hour(0, 99_999, 100_000))).cells
    assert cell.late >= 2


@pytest.mark.parametrize(
    ("target", "kinds"),
    [("", ["passed", "timeout", "timeout"]), ("0.95", ["passed", "timeout", "failed"])],
)
def test_only_a_missed_target_is_red(target: str, kinds: list[str]) -> None:
    level = service_level(sla(hour(0, 9, 9), hour(1, 95, 100), hour(2, 94, 100), target=target))
    assert [cell.kind for cell in level.cells] == kinds
    assert level.kind == "timeout" if not target else "failed"


def test_cells_lie_on_the_axis_of_time_with_gaps_where_nothing_was_due() -> None:
    first, second = service_level(sla(hour(0, 1, 1), hour(3, 1, 1))).cells
    assert (round(first.x), round(first.x + first.width)) == (1, 24)
    assert (round(second.x), round(second.x + second.width)) == (76, 99)
    assert second.filter == f"from={START + 3 * HOUR}&to={START + 4 * HOUR}"


def test_a_target_is_named_as_people_write_it() -> None:
    assert service_level(sla(hour(0, 1, 1), target="0.995")).target == "99.5%"
    assert service_level(sla(hour(0, 1, 1))).target is None


def test_a_level_without_steps_has_no_cells() -> None:
    assert service_level(sla()).cells == []

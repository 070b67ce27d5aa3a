from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Optional

from hypothesis import given
from hypothesis import strategies as st

from fthg.report.charts import HEIGHT, LEAST, Chart
from fthg.report.formats import Formats
from fthg.track.figures import Sla, SlaStep
from fthg.track.page.service_level import service_level
from fthg.track.tracked import SECOND
from tests.track.page import examples
from tests.track.page.examples import HOUR, START

UTC = Formats()
DAY = 24 * HOUR


def chart(steps: Sequence[SlaStep], target: Optional[Fraction] = None, **more: Any) -> Chart:
    sla = Sla(4 * SECOND, 0, 0, 0, target=target, steps=tuple(steps), **more)
    made = service_level(examples.figures([], sla=sla), UTC)
    assert made
    return made


def hour(index: int, within: int, due: int) -> SlaStep:
    return SlaStep(START + index * HOUR, START + (index + 1) * HOUR, within, due)


def test_what_was_late_hangs_from_the_top() -> None:
    made = chart([hour(0, 50, 100), hour(1, 100, 100)])
    half, whole = made.bars
    assert [(part.kind, part.y, part.height) for part in half.parts] == [
        ("within", 100, 100),
        ("late", 0, 100),
    ]
    assert [(part.kind, part.y, part.height) for part in whole.parts] == [("within", 0, HEIGHT)]
    assert half.title == ("2026-11-08 16:00:00 – 17:00:00: 50.00% within 4s, 50 of 100")
    assert half.filter == f"from={START}&to={START + HOUR}"
    assert half.parts[-1].filter == f"from={START}&to={START + HOUR}&in-time=no"
    assert made.rows == [
        ["2026-11-08 16:00:00", 50, 100, "50.00%"],
        ["2026-11-08 17:00:00", 100, 100, "100.00%"],
    ]


def test_one_late_transfer_among_a_million_is_seen() -> None:
    made = chart([hour(0, 999_999, 1_000_000), hour(1, 10, 10)])
    assert made.bars[0].parts[-1].kind == "late"
    assert made.bars[0].parts[-1].height >= LEAST


def test_the_axis_begins_where_the_target_and_all_shares_are_readable() -> None:
    made = chart([hour(0, 995, 1000), hour(1, 10, 10)], Fraction(99, 100))
    assert [tick.label for tick in made.y.ticks] == ["98%", "98.5%", "99%", "99.5%", "100%"]
    assert made.target
    assert made.target.y == HEIGHT / 2
    assert made.note.endswith("; target 99%; the axis begins at 98%")


def test_a_step_below_the_target_says_so() -> None:
    met, missed = chart([hour(0, 95, 100), hour(1, 94, 100)], Fraction(95, 100)).bars
    assert not met.title.endswith("below the target")
    assert missed.title.endswith(", below the target")


def test_steps_without_transfers_are_gaps() -> None:
    first, last = chart([hour(0, 1, 1), hour(1, 0, 0), hour(23, 1, 1)]).bars
    assert first.x < 5
    assert last.x > 90


def test_less_than_two_steps_are_no_chart() -> None:
    figures = examples.figures([], sla=Sla(SECOND, 1, 1, 0, steps=(hour(0, 1, 1),)))
    assert service_level(figures, UTC) is None
    assert service_level(examples.figures([], sla=None), UTC) is None


def test_two_steps_are_no_wall() -> None:
    assert all(bar.width <= 6 for bar in chart([hour(0, 1, 1), hour(1, 1, 1)]).bars)


@given(
    counts=st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=2, max_size=1200),
    by_day=st.booleans(),
)
def test_years_are_drawn_in_few_columns_that_add_up(
    counts: list[tuple[int, int]], by_day: bool
) -> None:
    unit = DAY if by_day else HOUR
    steps = [
        SlaStep(START + n * unit, START + (n + 1) * unit, within, within + late)
        for n, (within, late) in enumerate(counts)
    ]
    sla = Sla(SECOND, 0, 0, 0, steps=tuple(steps), by_day=by_day)
    made = service_level(examples.figures([], sla=sla), UTC)
    if made is None:
        assert sum(step.due > 0 for step in steps) < 2
        return
    assert len(made.bars) <= 120
    assert sum(int(row[1]) for row in made.rows) == sum(step.within for step in steps)
    assert sum(int(row[2]) for row in made.rows) == sum(step.due for step in steps)
    ends = [bar.x + bar.width for bar in made.bars]
    assert all(end <= bar.x + 0.01 for end, bar in zip(ends, made.bars[1:]))

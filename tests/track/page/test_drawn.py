"""The charts as a browser draws them: no label lies on another or is cut."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from fthg.track.figures import Figures
from fthg.track.report import write_report
from fthg.track.tracked import SECOND, Tracked
from tests.servers.chromium import Tab
from tests.track.page import examples
from tests.track.page.examples import BERLIN, HOUR

DAY = 24 * HOUR

# Each pair of labels of one chart that overlap, and each label that leaves its figure.
FAULTS = """
[...document.querySelectorAll("figure.chart")].flatMap((figure) => {
  const whole = figure.getBoundingClientRect();
  const texts = [...figure.querySelectorAll("svg text")].filter(
    (text) => getComputedStyle(text).display !== "none",
  );
  const boxes = texts.map((text) => {
    const box = text.getBoundingClientRect();
    return { name: `${figure.className}: ${text.textContent}`, box };
  });
  const outside = boxes.filter(
    ({ box }) => box.left < whole.left - 0.5 || box.right > Math.min(whole.right, innerWidth) + 0.5,
  );
  const overlapping = boxes.flatMap((one, index) =>
    boxes.slice(index + 1).filter(
      ({ box }) =>
        one.box.left < box.right && box.left < one.box.right &&
        one.box.top + 2 < box.bottom - 2 && box.top + 2 < one.box.bottom - 2,
    ).map((other) => ({ name: `${one.name} on ${other.name}` })),
  );
  return [...outside, ...overlapping].map(({ name }) => name);
})
"""
LABELS = """
[...document.querySelectorAll("figure.chart")].map(
  (figure) => [...figure.querySelectorAll(".ticks.x text")].filter(
    (text) => getComputedStyle(text).display !== "none",
  ).length,
)
"""


def shape(count: int, period: int, shift: int = 0, **changes: Any) -> tuple[list[Tracked], Figures]:
    """Return transfers over a period, one of them longer by `shift`, and their figures."""
    some = examples.transfers(count, period=period)
    some = examples.with_outlier(some, shift) if shift else some
    made = examples.figures(some, period=period, zone=BERLIN, zone_name="Europe/Berlin", **changes)
    assert made.sla
    by_day = period > 3 * DAY
    steps = examples.sla_steps(some, DAY if by_day else HOUR)
    sla = replace(made.sla, steps=steps, by_day=by_day, target=Fraction(95, 100))
    return some, replace(made, sla=sla)


SHAPES = {
    "one": lambda: shape(1, 2 * HOUR),
    "three, one of them slow": lambda: shape(3, 2 * HOUR, 3600 * SECOND),
    "five minutes": lambda: shape(300, 300 * SECOND),
    "an hour with a slow one": lambda: shape(500, HOUR, 3600 * SECOND),
    "a day with a negative one": lambda: shape(500, DAY, -3600 * SECOND),
    "eight weeks": lambda: shape(500, 56 * DAY),
    "three years": lambda: shape(500, 1095 * DAY),
}
SCREENS: Sequence[tuple[int, str]] = (
    (1280, "screen"), (800, "screen"), (360, "screen"), (320, "screen"), (688, "print"),
)  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_no_label_lies_on_another_or_is_cut(tab: Tab, tmp_path: Path, name: str) -> None:
    some, figures = SHAPES[name]()
    path = tmp_path / "report.html"
    write_report(figures, some[:10], path)
    tab.open(path)
    for width, medium in SCREENS:
        tab.media(medium)
        tab.width(width)
        assert tab.run(FAULTS) == [], (width, medium)
        assert all(number >= 1 for number in tab.run(LABELS))


def test_a_million_transfers_have_labels_that_fit(tab: Tab, tmp_path: Path) -> None:
    some, figures = shape(500, 2 * HOUR)
    write_report(examples.times(figures, 2_000), some[:10], tmp_path / "report.html")
    tab.open(tmp_path / "report.html")
    for width, medium in SCREENS:
        tab.media(medium)
        tab.width(width)
        assert tab.run(FAULTS) == [], (width, medium)


def test_the_bars_carry_the_filters_of_what_they_stand_for(tab: Tab, tmp_path: Path) -> None:
    some, figures = shape(300, 2 * HOUR)
    write_report(figures, some[:10], tmp_path / "report.html")
    tab.open(tmp_path / "report.html")
    filters = tab.run(
        "[...document.querySelectorAll('[data-filter]')].map((e) => e.dataset.filter)"
    )
    first = figures.timeline.buckets[0].start
    step = f"from={first}&to={first + figures.timeline.step}"
    assert {step, f"{step}&result=passed"} <= set(filters), json.dumps(filters[:5])
    assert f"least={figures.histogram[0].low}&most={figures.histogram[0].high - 1}" in filters

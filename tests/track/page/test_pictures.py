"""The report as it looks: few and many transfers, short and long periods, wide and narrow."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Callable

import pytest

from fthg.track.figures import Counts, Figures, Source, State
from fthg.track.tracked import SECOND, Tracked
from tests.servers.chromium import Tab
from tests.track.page import examples
from tests.track.page.browsing import show_figures
from tests.track.page.whole import everything

DAY = 24 * examples.HOUR
Picture = tuple[list[Tracked], Figures]

# The elements that stick out of the page; what scrolls by itself may be wider.
STICKING_OUT = """
[...document.querySelectorAll("main *, footer *")].filter((element) => {
  if (element.closest(".signs, .visually-hidden, svg, #overview > h2")) return false;
  const scroll = element.parentElement.closest(".scroll");
  if (scroll && scroll !== element) return false;
  const { right, left, width } = element.getBoundingClientRect();
  return width > 0 && (right > document.documentElement.clientWidth + 0.5 || left < -0.5);
}).map((element) => element.outerHTML.slice(0, 120))
"""
# Texts that are wider than the box that they stand in.
CUT = """
[...document.querySelectorAll(".tile *, .verdict *, .facts *, .thresholds *, .notes *, .sla *")]
  .filter((element) => !element.closest("svg") && element.scrollWidth > element.clientWidth + 1
    && getComputedStyle(element).display !== "inline"
    && !element.classList.contains("visually-hidden"))
  .map((element) => element.outerHTML.slice(0, 120))
"""


def whole(count: int, period: int = 2 * examples.HOUR) -> Picture:
    some = examples.transfers(count, period=period)
    return some, everything(some, period)


def shifted(shift: int) -> Picture:
    """Return transfers of which the last took longer by `shift`."""
    some = examples.transfers(500)
    egress = some[-1].egress
    assert egress
    assert egress.end
    some[-1] = some[-1]._replace(egress=egress._replace(end=egress.end + shift))
    return some, everything(some)


def long_words() -> Picture:
    """Return a report whose numbers and texts are as long as they may be."""
    some, figures = whole(300)
    name = "very-long-name-without-any-space-" * 4
    million = Counts(123_456_789, 1_234_567, 1_234_567, 1_234_567, 1_234_567, 12_345_678)
    source = Source("ingress", name, 3306, name, name, 123_456_789)
    hint = replace(figures.hints[0], sentence=name, affects=("transit", "pass_rate", "unpaired"))
    return some, replace(
        figures, title=name, counts=million, ingress=source, egress=source, hints=(hint,) * 3
    )


PICTURES: dict[str, Callable[[], Picture]] = {
    "none": lambda: ([], examples.figures([])),
    "one": lambda: whole(1),
    "three": lambda: whole(3),
    "two thousand": lambda: whole(2000),
    "one an hour late": lambda: shifted(3600 * SECOND),
    "one an hour early": lambda: shifted(-3600 * SECOND),
    "five minutes": lambda: whole(300, 300 * SECOND),
    "a day": lambda: whole(500, DAY),
    "eight weeks": lambda: whole(500, 56 * DAY),
    "long words": long_words,
}


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_sticks_out_or_is_cut_at_any_width(tab: Tab, path: Path, name: str) -> None:
    some, figures = PICTURES[name]()
    show_figures(tab, path, some, figures)
    tab.run("document.querySelectorAll('details').forEach((part) => { part.open = true })")
    for width in (1280, 800, 360):
        tab.width(width)
        assert (width, tab.run(STICKING_OUT), tab.run(CUT)) == (width, [], [])
        assert tab.run(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
    tab.screenshot(picture := path.with_suffix(".png"))
    assert picture.stat().st_size > 20_000  # an empty page has a tenth of it


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.RUNNING, "Still running – interim figures; a later report replaces this one"),
        (State.ENDED_EARLY, "Ended early – 5 transfers are still open, and may yet pass or fail"),
        (State.FINAL, "Final report"),
    ],
)
def test_the_state_of_the_run_stands_above_the_title(
    tab: Tab, path: Path, state: State, words: str
) -> None:
    some = examples.transfers(2000)
    show_figures(tab, path, some, everything(some, state=state))
    assert tab.run("document.querySelector('.state').innerText") == words


def test_a_list_shows_twenty_rows_and_all_on_request(tab: Tab, path: Path) -> None:
    some = examples.transfers(60, trouble=False)
    failed = [t._replace(result="failed") for t in some]
    listed = examples.first(failed, most=50)
    show_figures(tab, path, some, everything(some, failures=listed))
    visible = (
        "[...document.querySelectorAll('#failures tbody tr')]"
        ".filter((row) => row.getBoundingClientRect().height).length"
    )
    text = "document.querySelector('#failures .list').innerText"
    assert tab.run(visible) == 20
    assert "The latest 20 of 60." in tab.run(text)
    assert "Show the first 50" in tab.run(text)
    tab.run("document.getElementById('failed-all').focus()")
    tab.press(" ")
    assert tab.run(visible) == 50
    assert "The latest 50 of 60." in tab.run(text)
    assert "Show 20 only" in tab.run(text)


def test_a_short_list_needs_no_words(tab: Tab, path: Path) -> None:
    some = examples.transfers(60, trouble=False)
    listed = examples.first([t._replace(result="failed") for t in some[:20]])
    show_figures(tab, path, some, everything(some, failures=listed))
    assert tab.run("document.querySelectorAll('#failures :is(.toggle, .list .more)').length") == 0

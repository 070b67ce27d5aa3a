from __future__ import annotations

from bench.report import MERGING, TRACKING, page
from bench.section import Section

OLD = f"# Measured speed\n\n{TRACKING}\n\nold tracking\n\n{MERGING}\n\nold merging\n\n## Goals\n"


def test_a_section_that_was_measured_replaces_the_one_before() -> None:
    found = Section(TRACKING, "how", ("run",), [("new tracking",)]).text()
    made = page(found, OLD)
    assert "new tracking" in made
    assert "old tracking" not in made
    assert made.count(TRACKING) == 1


def test_a_section_that_was_not_measured_remains() -> None:
    made = page("## Goals\n", OLD)
    assert "old tracking" in made
    assert "old merging" in made

from __future__ import annotations

from fractions import Fraction

import pytest
import voluptuous as vol

from fthg.config.tree import Section, Text
from fthg.load.pacing import pacer
from fthg.load.pacing.constant import Constant
from fthg.load.pacing.maximum import Maximum


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("max", Maximum()),
        (" MAX ", Maximum()),
        ("7/hour", Constant(Fraction(7, 3600), "7/hour")),
        ("120  files per\thour", Constant(Fraction(1, 30), "120 files per hour")),
    ],
)
def test_a_rate_is_read_by_the_pacer_that_knows_it(text: str, read: object) -> None:
    assert pacer(Text(text)) == read


@pytest.mark.parametrize("value", [Text("fast"), Text("0/s"), Section()])
def test_what_no_pacer_reads_is_an_error(value: object) -> None:
    with pytest.raises(vol.Invalid):
        pacer(value)

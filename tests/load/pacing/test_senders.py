from __future__ import annotations

from fractions import Fraction

import pytest
import voluptuous as vol

from fthg.config.tree import Items, Section, Text
from fthg.load.pacing import Stages, most_senders, senders


@pytest.mark.parametrize(
    ("value", "most"),
    [
        (Text("5"), 5),
        (Text("10 for 5m, to 50 over 10m"), 50),
        (Items([Text("10 for 5m"), Text("to 5 over 10m"), Text("0 for 1m")]), 10),
        (Text("to 50 over 10m"), 50),
        (Text("1 FOR 5m"), 1),
        (Text("to 2 over 5m"), 2),
    ],
)
def test_senders_are_a_number_or_stages_of_it(value: object, most: int) -> None:
    assert most_senders(senders(value)) == most


def test_a_ramp_begins_at_the_number_before_or_at_nobody() -> None:
    made = senders(Text("to 50 over 10m, to 0 over 10m"))
    assert isinstance(made, Stages)
    ends: list[object] = [(step.first, step.last) for step in made.steps]
    assert ends == [(0, 50), (50, 0)]
    assert made.rate_at(made.end // 4) == Fraction(25)


@pytest.mark.parametrize(
    ("value", "path", "error"),
    [
        (Text("0"), [], "0 is too small; the least is 1"),
        (Text("max"), [], "'max' is not a whole number"),
        (Text("max for 5m"), [], "'max' is not a whole number"),
        (Text("5, 6"), [], "'5' is not a stage; write stages as 10 for 5m, to 50 over 10m"),
        (Text("0 for 5m"), [], "'0 for 5m' has no whole sender at any time"),
        (Text("to 1 over 5m"), [], "'to 1 over 5m' has no whole sender at any time"),
        (Items([Text("5 for 5m"), Text("1.5 for 5m")]), [1], "'1.5' is not a whole number"),
        (Items([Text("-5 for 5m")]), [0], "-5 is too small; the least is 0"),
        (Items([Text("to 0 over 5m"), Text("5 for 5m")]), [0], "'to 0 over 5m': a ramp from 0 to"),
        (Items([Text("5/s for 5m")]), [0], "'5/s' is not a whole number"),
        (Items(), [], "there is no stage"),
        (Section(), [], "must be text, not a mapping"),
    ],
)
def test_what_is_no_number_of_senders_is_an_error(
    value: object, path: list[object], error: str
) -> None:
    with pytest.raises(vol.Invalid) as caught:
        senders(value)
    assert caught.value.path == path
    assert caught.value.error_message.startswith(error)

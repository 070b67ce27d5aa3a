from __future__ import annotations

from fractions import Fraction
from math import ceil

import pytest
import voluptuous as vol
from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.config.tree import Items, Section, Text
from fthg.load.pacing import Stages, pacer
from fthg.load.pacing.constant import Constant
from fthg.load.pacing.maximum import Maximum

from .laws import follows_its_integral, obeys_the_laws, slices_partition
from .shapes import STAGES

MINUTE = 60 * SECOND


def read(text: str) -> Stages:
    made = pacer(Text(text))
    assert isinstance(made, Stages)
    return made


def items(*texts: str) -> Items:
    return Items(map(Text, texts))


def levels(made: Stages) -> list[tuple[object, object, int]]:
    return [(step.first, step.last, step.length // SECOND) for step in made.steps]


def errors(value: object) -> list[tuple[list[object], str]]:
    """Return the path and the text of each error."""
    with pytest.raises(vol.Invalid) as caught:
        pacer(value)
    found = caught.value.errors if isinstance(caught.value, vol.MultipleInvalid) else [caught.value]
    return [(error.path, error.error_message) for error in found]


# --- how they are written


@pytest.mark.parametrize(
    ("text", "rate", "seconds"),
    [
        ("10/s for 5m", 10, 300),
        ("120 files per hour for 2h", Fraction(1, 30), 7200),
        ("1 every 30s for 5m", Fraction(1, 30), 300),
        ("every 30s for 1h30m", Fraction(1, 30), 5400),
        ("10/30s  for\t5m", Fraction(1, 3), 300),
        ("EVERY 30S FOR 5 MIN", Fraction(1, 30), 300),
    ],
)
def test_every_way_to_write_a_rate_may_have_an_end(text: str, rate: object, seconds: int) -> None:
    assert levels(read(text)) == [(rate, rate, seconds)]


@pytest.mark.parametrize(
    "value",
    [
        Text("10/s for 5m, TO 100/s Over 10m ,0/s for 1m,100/s for 30m"),
        items("10/s for 5m", "to 100/s over 10m", "0/s for 1m", "100/s for 30m"),
        items("10/s for 5m, to 100/s over 10m", "0/s for 1m", "100/s for 30m"),
    ],
)
def test_a_list_and_a_line_say_the_same(value: object) -> None:
    made = pacer(value)
    assert isinstance(made, Stages)
    assert levels(made) == [(10, 10, 300), (10, 100, 600), (0, 0, 60), (100, 100, 1800)]
    assert made.text.lower() == "10/s for 5m, to 100/s over 10m, 0/s for 1m, 100/s for 30m"
    assert made.text == ", ".join(made.stages)


def test_a_ramp_goes_on_from_the_rate_before_or_from_nothing() -> None:
    made = read("to 4/s over 1m, to 0/s over 1m, to 2/s over 1m")
    assert levels(made) == [(0, 4, 60), (4, 0, 60), (0, 2, 60)]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("10/s for 5m,", "'' is not a stage; write stages as 10/s for 5m, to 100/s over 10m"),
        ("10/s over 5m", "'10/s over 5m' is not a stage"),
        ("to 10/s for 5m", "'to 10/s for 5m' is not a stage"),
        ("to 10/s", "'to 10/s' is not a stage"),
        ("10/s for", "'10/s for' is not a stage"),
        ("10/s, 20/s for 5m", "'10/s' is not a stage"),
        ("ten/s for 5m", "'ten/s' is not a rate; write it as 5/s"),
        ("0 for 5m", "'0' is not a rate"),
        ("1/0s for 5m", "'1/0s' would never send anything"),
        ("10/s for long", "'long' is not a duration"),
        ("10/s for 0s", "'10/s for 0s': a stage lasts more than 0s"),
        ("10/s for 0.0001us", "'10/s for 0.0001us': a stage lasts more than 0s"),
        ("10/s for 5300w", "'10/s for 5300w': a stage lasts more than 0s and at most 36500d"),
        ("0/s for 5m, 0/hour for 5m", "'0/s for 5m, 0/hour for 5m' would never send anything"),
        ("to 0/s over 5m, 1/s for 5m", "'to 0/s over 5m': a ramp from 0 to 0 is none"),
        ("max for 5m, to 10/s over 5m", "'to 10/s over 5m': there is no ramp from or to max"),
        ("1/s for 5m, to max over 5m", "'to max over 5m': there is no ramp from or to max"),
    ],
)
def test_an_error_in_a_line_names_the_stage(text: str, error: str) -> None:
    ((path, message),) = errors(Text(text))
    assert path == []
    assert message.startswith(error)


def test_every_item_that_is_wrong_is_named_by_its_index() -> None:
    given = items("10/s for 5m", "to 1/s over 5m, to max over 5m", "1/s for ever", "max for 5m")
    assert [path for path, _ in errors(given)] == [[1], [2]]
    assert [path for path, _ in errors(Items([Text("1/s for 5m"), Items(), Text(" ")]))] == [
        [1],
        [2],
    ]


@pytest.mark.parametrize("value", [Items(), Items([Section()]), Items([None])])
def test_a_list_without_a_stage_is_an_error(value: object) -> None:
    assert errors(value)


WORDS = (
    "10/s",
    "0/h",
    "every",
    "1",
    "30s",
    "max",
    "MAX",
    "to",
    "for",
    "over",
    "5m",
    ",",
    "0us",
    "é",
)


@given(st.lists(st.sampled_from(WORDS), max_size=9), st.sampled_from([" ", "", "\t "]))
def test_any_words_are_a_rate_or_an_error_of_the_configuration(words: list[str], gap: str) -> None:
    text = gap.join(words)
    for value in (Text(text), Items([Text(text)])):
        try:
            made = pacer(value)
        except vol.Invalid:
            continue
        first = made.due(0)
        assert first is not None or not made.has_target
        assert made.end is None or made.end > 0


# --- when arrivals are due


def test_ten_a_second_for_five_minutes_are_three_thousand_the_first_at_once() -> None:
    made = read("10/s for 5m")
    assert [made.due(n) for n in (0, 1, 2999, 3000)] == [0, SECOND // 10, 2999 * SECOND // 10, None]
    assert made.arrivals(made.end) == 3000
    assert made.end == 5 * MINUTE


def test_fractions_of_a_file_carry_over() -> None:
    made = read("1/m for 90s, 0/s for 10m, 1/m for 90s")
    assert [made.due(n) for n in range(4)] == [0, MINUTE, 720 * SECOND, None]


@given(STAGES)
def test_the_count_in_every_stage_is_that_of_its_integral(made: Stages) -> None:
    dues: list[int] = []
    while (due := made.due(len(dues))) is not None:
        dues.append(due)
    assert dues == sorted(dues)
    before = Fraction(0)
    for step, span in zip(made.steps, made.spans(made.end)):
        area = Fraction((step.first or 0) + (step.last or 0)) / 2 * Fraction(step.length, SECOND)
        counted = sum(span.start <= due < span.end for due in dues)
        assert counted == ceil(before + area) - ceil(before)
        before += area
    assert len(dues) == ceil(before) == made.arrivals(made.end)


@given(STAGES, st.integers(0, 2500), st.integers(0, 600 * SECOND))
def test_counts_agree_with_due_times(made: Stages, arrival: int, until: int) -> None:
    obeys_the_laws(made, arrival, until)
    follows_its_integral(made, arrival)


@given(STAGES, st.integers(1, 5))
def test_slices_have_the_due_times_of_the_whole(made: Stages, slices: int) -> None:
    slices_partition(made, 50, slices)


def test_weeks_at_an_odd_rate_do_not_drift() -> None:
    made = read("7/hour for 3w, to 14/hour over 1w, 14/hour for 1w")
    hour, steady = 3600 * SECOND, 7 * 24 * 21
    assert [(made.due(n) or 0) // hour for n in range(steady)] == [
        hour for hour in range(24 * 21) for _ in range(7)
    ]
    last = steady + round(10.5 * 24 * 7)
    assert made.due(last) == 28 * 24 * hour
    assert made.arrivals(made.end) == last + 14 * 24 * 7


# --- stages of max


def test_stages_with_max_have_parts_with_a_target_and_parts_without() -> None:
    made = read("1/s for 5m, to 2/s over 5m, max for 5m, 3/s for 5m")
    assert not made.has_target
    assert [made.rate_at(time * MINUTE) for time in (0, 9, 10, 14, 15, 20)] == [
        1, Fraction(9, 5), None, None, 3, 0,
    ]  # fmt: skip
    assert (made.arrivals(made.end), made.end) == (None, 20 * MINUTE)
    (first, early), (second, middle), (third, late) = made.parts
    assert (first, second, third) == (0, 10 * MINUTE, 15 * MINUTE)
    assert early == read("1/s for 5m, to 2/s over 5m")
    assert middle == Maximum()
    assert late == read("3/s for 5m")


def test_stages_with_a_target_are_one_part() -> None:
    made = read("1/s for 5m, to 2/s over 5m")
    assert made.parts == ((0, made),)
    assert pacer(Text("1/s")) == Constant(Fraction(1), "1/s")


def test_spans_are_those_that_have_begun() -> None:
    made = read("1/s for 5m, to 2/s over 5m, 2/s for 5m")
    assert list(made.spans(0)) == []
    assert list(made.spans(6 * MINUTE)) == [(0, 0, 5 * MINUTE), (1, 5 * MINUTE, 6 * MINUTE)]

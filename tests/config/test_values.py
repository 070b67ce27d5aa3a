from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import voluptuous as vol
from hypothesis import given
from hypothesis import strategies as st

from fthg.config import values
from fthg.config.tree import Items, Origin, Section, Text


@pytest.mark.parametrize("text", ["1.10", "012345", "on", "", " spaces stay "])
def test_text_stays_as_it_was_written(text: str) -> None:
    assert values.text(Text(text)) == text


def test_a_brace_yaml_took_for_a_mapping_is_text_again() -> None:
    section = Section()
    section.source = "{uuid}"
    assert values.text(section) == "{uuid}"


@pytest.mark.parametrize(
    ("value", "name"), [(None, "nothing"), (Section(), "a mapping"), (Items(), "a list")]
)
def test_what_is_no_text_is_named(value: Any, name: str) -> None:
    with pytest.raises(vol.Invalid, match=f"must be text, not {name}"):
        values.text(value)


@pytest.mark.parametrize(
    ("word", "truth"), [("true", True), ("Yes", True), (" on ", True), ("off", False), ("N", False)]
)
def test_a_boolean_is_any_of_yamls_words(word: str, truth: bool) -> None:
    assert values.boolean(Text(word)) is truth
    assert values.boolean(truth) is truth


@given(st.integers(-(10**17), 10**17))
def test_a_whole_number_is_read_back(number: int) -> None:
    assert values.whole(-(10**18))(Text(f" {number} ")) == number


@pytest.mark.parametrize(
    ("read", "text", "reason"),
    [
        (values.boolean, "maybe", "'maybe' is neither true nor false"),
        (values.whole(), "1.5", "'1.5' is not a whole number"),
        (values.whole(), "٣", "is not a whole number"),
        (values.whole(), "9" * 5000, "is not a whole number"),
        (values.whole(1), "0", "0 is too small; the least is 1"),
        (values.whole(1, 8), "9", "9 is too large; the most is 8"),
        (values.one_of("a", "b"), "c", "'c' is not one of a, b"),
        (values.filled, "  ", "must not be empty"),
        (values.duration, "5", "write it as 250ms"),
        (values.some_duration, "0s", "must be more than 0s"),
        (values.size, "5 XB", "write it as 512"),
        (values.template, "{uid}", "unknown placeholder"),
    ],
)
def test_an_error_says_what_would_be_right(
    read: Callable[[Any], Any], text: str, reason: str
) -> None:
    with pytest.raises(vol.Invalid, match=reason):
        read(Text(text))


def test_units_are_read_by_their_own_words() -> None:
    assert values.duration(Text("1h30m")) == 5400
    assert values.some_duration(Text("1ms")) == 0.001
    assert values.size(Text("64KiB")) == 65_536
    assert values.one_of("a", "b")(Text(" b ")) == "b"


def test_inputs_are_relative_to_the_file_that_names_them_and_outputs_are_not() -> None:
    named = Text.at(Origin("/etc/fthg/jobs.yaml", 3, 5), "certs/ca.pem")
    assert values.input_path(named) == "/etc/fthg/certs/ca.pem"
    assert values.output_path(named) == "certs/ca.pem"
    assert values.input_path(Text.at(Origin("command line"), "ca.pem")) == "ca.pem"
    assert values.input_path(Text.at(Origin("/etc/x.yaml", 1, 1), "~/k")) == str(Path.home() / "k")


def test_a_secret_is_the_first_line_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"\xef\xbb\xbfhunter2 \r\nsecond line\n")
    assert values.secret_file(Text(str(path))) == "hunter2 "


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "No such file"), (b"\xff\xfe", "not UTF-8"), (b"\nhunter2", "is empty")],
)
def test_a_secret_file_that_is_no_use_is_named(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(vol.Invalid, match=reason) as caught:
        values.secret_file(Text(str(path)))
    assert str(path) in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_every_bad_value_of_a_mapping_or_list_is_reported() -> None:
    with pytest.raises(vol.MultipleInvalid) as caught:
        values.mapping_of(values.whole())({"a": Text("x"), "b": Text("1"), "c": Text("y")})
    assert sorted(error.path for error in caught.value.errors) == [["a"], ["c"]]
    with pytest.raises(vol.MultipleInvalid) as caught:
        values.list_of(values.whole())([Text("x"), Text("1"), Text("y")])
    assert len(caught.value.errors) == 2
    assert values.list_of(values.whole())(Text("4")) == [4]
    with pytest.raises(vol.Invalid) as single:
        values.list_of(values.whole())(Text("x"))
    assert single.value.path == []
    assert values.mapping_of(values.text)({"a": Text("1.10")}) == {"a": "1.10"}


def test_a_secret_without_end_is_refused() -> None:
    with pytest.raises(vol.Invalid, match="too long for a secret"):
        values.secret_file("/dev/zero")


def test_patterns_are_one_or_a_list_of_them() -> None:
    for read in (values.patterns, values.some_patterns):
        assert read(Text("*.csv")) == ("*.csv",)
        assert read([Text("*.csv"), Text("b*")]) == ("*.csv", "b*")
    assert values.patterns([]) == ()
    with pytest.raises(vol.Invalid, match="matches no file"):
        values.some_patterns([])

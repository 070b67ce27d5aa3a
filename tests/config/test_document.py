from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.config.document import expand, parse
from fthg.config.tree import Items, Section, Text


def tree(text: str) -> Any:
    node, problems = parse("jobs.yaml", text)
    assert not problems
    return node


def problems(text: str) -> list[str]:
    return [str(problem) for problem in parse("jobs.yaml", text)[1]]


@pytest.mark.parametrize("word", ["1.10", "012345", "on", "0x10", "2026-01-31", "1e3", "yes"])
def test_a_scalar_stays_as_it_is_written(word: str) -> None:
    assert tree(f"a: {word}") == {"a": word}


def test_an_emoji_may_be_written_in_two_halves_as_json_does() -> None:
    assert tree(r'{"\ud83d\ude00": "a\ud83d\ude00"}') == {"😀": "a😀"}


@pytest.mark.parametrize("text", [r'a: "\ud83d"', r'a: "\ude00\ud83d"', r'"\ud83d": a'])
def test_half_an_emoji_is_an_error(text: str) -> None:
    (problem,) = problems(text)
    assert "half a character" in problem


def test_every_value_and_key_knows_its_place() -> None:
    root = tree("jobs:\n  orders:\n    rate: 5/s\n")
    rate = root["jobs"]["orders"]["rate"]
    assert str(rate.origin) == "jobs.yaml:3:11"
    (key,) = root["jobs"]["orders"]
    assert str(key.origin) == "jobs.yaml:3:5"


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffa:\n  b: c\n",
        "a:\r\n  b: c\r\n",
        "a:\n  b:\tc\n",
        "a:\n  b: c\t\n",
        "a:  \n  b:    c   \n",
    ],
)
def test_white_space_line_ends_and_a_bom_do_no_harm(text: str) -> None:
    assert tree(text) == {"a": {"b": "c"}}


def test_a_key_given_twice_is_an_error_that_names_both_places() -> None:
    assert problems("a: 1\nb: 2\na: 3\n") == [
        "jobs.yaml:3:1: a: given twice; the first one is in line 1"
    ]


def test_an_unquoted_brace_shows_how_to_quote_it() -> None:
    (problem,) = problems("jobs:\n  a:\n    headers:\n      X: {uuid}-1\n")
    assert problem.startswith("jobs.yaml:4:10: ")
    assert "X: '{uuid}-1'" in problem


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("[0-9]+ files", "'[0-9]+ files'"),
        ("*ok", "'*ok'"),
        ("status: ok", "'status: ok'"),
        (r'"\d+ files"', r"'\d+ files'"),
    ],
)
def test_an_unquoted_regular_expression_shows_the_corrected_line(value: str, quoted: str) -> None:
    (problem,) = problems(f"jobs:\n  a:\n    expect_body: {value}\n    rate: 5/s\n")
    assert problem.startswith("jobs.yaml:3:18: ")
    assert problem.endswith(f"expect_body: {quoted}")


def test_an_unquoted_placeholder_keeps_its_source() -> None:
    assert tree("a: {uuid}")["a"].source == "{uuid}"


@pytest.mark.parametrize("text", ["a: [1", "a: 'b", "a: b: c", "- a\nb: c", "\tb: c", "a: &x *y"])
def test_what_is_not_yaml_is_one_error_with_its_place(text: str) -> None:
    (problem,) = problems(text)
    assert problem.startswith("jobs.yaml:")


def test_merge_keys_and_anchors_work_and_may_be_overridden() -> None:
    root = tree("base: &b {x: 1, y: 2}\njob:\n  <<: *b\n  y: 3\n")
    assert root["job"] == {"x": "1", "y": "3"}


def test_a_bomb_of_aliases_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert any("too large" in problem for problem in problems("\n".join(lines)))


@pytest.mark.parametrize(
    "text",
    [
        # Merges within merges: nine times as many at each level.
        "a0: &a0 {k: v}\n"
        + "".join(f"a{n}: &a{n}\n  <<: [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)),
        "a: &a\n  <<: [*a, *a]\n",
        f"a: &a ['{'y' * 500_000}']\nb: [{', '.join(['*a'] * 50_000)}]",  # long texts, many times
    ],
)
def test_bombs_of_other_kinds_are_refused(text: str) -> None:
    _, found = parse("f.yaml", text)
    assert [problem.reason for problem in found] == ["nested too deeply, or far too large"]


@pytest.mark.parametrize("blanks", ["\t" * 50_000, " \t" * 50_000, "-" + "\t" * 50_000])
def test_a_line_of_tabs_is_read_in_no_time(blanks: str) -> None:
    _, found = parse("f.yaml", f"a: x{blanks}y\nb: |\n {blanks}y\n")
    assert found


@pytest.mark.parametrize("piece", ["-", "- ", "{", "[", ",", ", ", ": ", "a ", "a,", "'", "a:"])
def test_a_long_line_that_is_not_yaml_is_refused_in_no_time(piece: str) -> None:
    _, found = parse("f.yaml", f"a: {piece * 20_000}\n{piece * 20_000}\n*\n")
    assert found


def test_deep_nesting_is_refused() -> None:
    assert problems("[" * 60 + "]" * 60)


def test_variables_are_taken_from_the_environment() -> None:
    environ = {"USER": "ann", "EMPTY": ""}
    assert expand("${USER}@${HOST:-here}", environ) == ("ann@here", ["USER"], [])
    assert expand("${EMPTY:-x}${EMPTY}", environ) == ("x", ["EMPTY"], [])
    assert expand("${NOPE}", environ) == ("", [], ["NOPE"])
    assert expand("${USER}${NOPE:-${USER", environ) == ("ann${NOPE:-${USER", ["USER"], [])
    assert expand("$${USER} $5", environ) == ("${USER} $5", [], [])


def test_a_missing_variable_is_an_error_with_its_remedy() -> None:
    (problem,) = problems("track:\n  ingress:\n    password: ${SURELY_NOT_SET}\n")
    assert problem.startswith("jobs.yaml:3:15: track.ingress.password: ")
    assert "${SURELY_NOT_SET:-default}" in problem


@given(st.text(max_size=200))
def test_any_text_gives_a_tree_or_problems_and_never_an_exception(text: str) -> None:
    node, found = parse("f", text)
    assert found or node is None or isinstance(node, (Text, Section, list))


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:os.system [echo]",
        "a: !!python/name:os.system x",
        "!!python/object/new:tuple [[1]]: x",
        "a: !!binary aGk=",
        "a: !!timestamp 2026-01-01",
    ],
)
def test_no_tag_makes_an_object(text: str) -> None:
    node, _ = parse("f.yaml", text)
    waiting = [node]
    while waiting:
        found = waiting.pop()
        assert type(found) in (Section, Items, Text, type(None))
        if isinstance(found, Section):
            waiting += found.values()
        elif isinstance(found, Items):
            waiting += found


@pytest.mark.parametrize(
    "text",
    [
        "password: {hunter2",
        "password: *hunter2",
        "- password: *hunter2",
        "password: !hunter2!x y",
        "password: @hunter2",
        "pasword: {hunter2",
        "track: {ingress: {user: ann, password: *hunter2}}",
        "ingress: {user: ann, 'password': hunter2",
    ],
)
def test_an_error_of_yaml_does_not_show_the_secret_that_it_is_in(text: str) -> None:
    _, found = parse("f.yaml", f"a: 1\n{text}\n")
    assert "hunter2" not in str(found[0])
    assert "password" in str(found[0]) or "pasword" in str(found[0])

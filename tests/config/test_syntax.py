from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.config.document import parse


def problems(text: str) -> list[str]:
    return [str(problem) for problem in parse("jobs.yaml", text)[1]]


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("match: *.xml", "match: '*.xml'"),
        ("match: {a,b}.xml", "match: '{a,b}.xml'"),
        ("match: [0-9]*.xml", "match: '[0-9]*.xml'"),
        ("exclude: !tmp*", "exclude: '!tmp*'"),
        ("exclude: [*.tmp, a]", "'*.tmp'"),
        ("- *.tmp", "'*.tmp'"),
        ("method: %abc", "method: '%abc'"),
        ("method: @abc", "method: '@abc'"),
        ("method: `abc`", "method: '`abc`'"),
        ("title: a: b", "title: 'a: b'"),
        ('title: "a" b', "title: '\"a\" b'"),
        (r'files: "C:\data"', r"files: 'C:\data'"),
        (r'match: "\d+ \"x\" \w"', r"""match: '\d+ "x" \w'"""),
        (r'match: "a\nb\d"', r"\d is no escape that double quotes know"),
        (r'match: "a\nb" c', r"""match: '"a\nb" c'"""),
        ('match: "a" "b"', """match: '"a" "b"'"""),
        ("match: 'it's'", "match: 'it''s'"),
        ("match: *.xml, *.csv", "match: '*.xml, *.csv'"),
        (r'{match: "\d+.xml", a: b}', r"match: '\d+.xml'"),
        ("{a: 1h, results: out/{date}.jsonl}", "results: 'out/{date}.jsonl'"),
        ("{a: {date}, results: '{x}', b: a {date}-{run} c, d: e}", "b: 'a {date}-{run} c'"),
        ("rate 5/s", "rate: 5/s"),
        ("rate:5/s", "rate: 5/s"),
        ("rate=5/s", "rate: 5/s"),
    ],
)
def test_a_value_that_yaml_cannot_read_is_shown_as_it_must_be_written(
    line: str, right: str
) -> None:
    first = f"x: y\n{line}\n" if line[0] not in "{-" else f"{line}\n"
    (problem,) = problems(first if line.startswith("{") or line[0] == "-" else f"{first}z: 1\n")
    assert right in problem
    assert "single quotes" in problem or "a colon and a space" in problem


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: {b: c}}\n", "1:10: nothing that this } could close is open; delete it"),
        ("a: [b]]\n", "1:7: nothing that this ] could close is open; delete it"),
        ("a: {b: c} d\n", "1:11: not YAML"),
        ("a: [b,, c]\n", "1:7: a value is missing before this comma; delete the comma"),
        ("a: {", "1:4: the { that opens here is not closed"),
        ("a: [", "1:4: the [ that opens here is not closed"),
        ("a: {b: [c}\n", "1:8: the [ that opens here is not closed"),
    ],
)
def test_a_mapping_or_a_list_is_not_quoted_as_a_whole(text: str, place: str) -> None:
    (problem,) = problems(text)
    assert problem.startswith(f"jobs.yaml:{place}")


def test_a_key_below_may_have_been_meant() -> None:
    (problem,) = problems("orders: url: http\n")
    assert "on a line of its own, further indented, if it is a key" in problem


def test_a_quote_within_brackets_is_not_closed_for_the_user() -> None:
    assert problems('a: {b: "c}\n')[0].endswith("the quote that opens here is never closed")


@pytest.mark.parametrize("rare", ["\x85", "\u2028", "\u2029"])
def test_lines_are_counted_as_editors_do(rare: str) -> None:
    (problem,) = problems(f"a: b # c{rare}d\ne: *.x\n")
    assert problem == "jobs.yaml:2:4: this value must stand between single quotes: e: '*.x'"


def test_of_a_long_file_only_the_first_errors_are_looked_for() -> None:
    lines = "".join(f"k{number}: *.x\n" for number in range(9))
    assert len(problems(f"# {'x' * 300_000}\n{lines}")) == 4


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: b\nc:\xa0d\n", "2:3: a blank that YAML does not know (U+00A0); write a plain space"),
        ("a: b\n\xa0 c: d\n", "2:1: a blank beside this key is none that YAML knows"),
        ("a: {b: c}\nd:\n  <<: 5\n", "3:7: d: << takes a mapping, or a list of some"),
        ("d:\n  <<: [{a: b}, c]\n", "2:16: d: << takes a mapping, or a list of some"),
    ],
)
def test_what_yaml_would_take_silently_for_something_else_is_an_error(
    text: str, place: str
) -> None:
    (problem,) = problems(text)
    assert problem.startswith(f"jobs.yaml:{place}")


def test_an_item_of_a_list_is_not_taken_for_a_key() -> None:
    (problem,) = problems("a:\n  - 10/s for 5m\n - to 100/s over 10m\n")
    assert problem.startswith("jobs.yaml:3:2: this item of a list needs the indent of the others")


def test_an_item_without_its_dash_is_not_taken_for_a_key() -> None:
    (problem,) = problems("a:\n  - 10/s for 5m\n  to 100/s over 10m\n")
    assert problem.endswith("a dash must stand before each item of a list: - to 100/s over 10m")


def test_patterns_in_a_list_of_several_lines_are_found_where_they_are() -> None:
    found = problems("a: [\n  *.x, *.y]\n")
    assert [one.split(": ", 1)[0] for one in sorted(found)] == ["jobs.yaml:2:3", "jobs.yaml:2:8"]


def test_the_indent_of_a_line_within_brackets_is_not_blamed() -> None:
    (problem,) = problems("b: {c: d,\n   e: *.z}\n")
    assert problem == "jobs.yaml:2:7: this value must stand between single quotes: e: '*.z'"


@given(st.text(st.sampled_from("{}[]*&!|>%@`ab1 -,/."), min_size=1, max_size=8))
def test_whatever_a_value_looks_like_the_rest_of_the_file_is_read(value: str) -> None:
    node, found = parse("jobs.yaml", f"a: x\nb: {value}z\nc: y\n")
    assert node is None or (node["a"], node["c"]) == ("x", "y")  # type: ignore[index,call-overload]
    assert node is not None or found


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a:\n  b:\n    c: x\n   d: y\n", "4:4: d is indented by 3 spaces, but the keys before it"
         " by 4 (line 3) or 2 (line 2)"),
        ("a:\n  b: x\n    c: y\n", "3:5: c is indented by 4 spaces, but the keys before it"
         " by 2 (line 2)"),
        ("  a: x\nb: y\n", "2:1: b is indented by 0 spaces, but the keys before it by 2 (line 1)"),
    ],
)  # fmt: skip
def test_a_wrong_indent_names_those_that_disagree(text: str, place: str) -> None:
    assert problems(text) == [f"jobs.yaml:{place}"]


def test_a_line_after_a_secret_is_not_quoted() -> None:
    (problem,) = problems("a:\n  password: x\n    geheim: y\n")
    assert "geheim" not in problem


@pytest.mark.parametrize("after", ["", "b: 1\n", 'b: "x"\nc: 1\n'])
def test_a_quote_without_its_end_is_found_where_it_begins(after: str) -> None:
    first = problems(f'a: "x\n{after}')[0]
    assert first == 'jobs.yaml:1:4: the quote that opens here is never closed: a: "x"'


def test_all_errors_of_the_grammar_are_found_together() -> None:
    found = problems("a: *.x\nb: `y`\nc: z\n  d: x\nc: 1\n")
    assert [problem.split(":")[1] for problem in found] == ["1", "2", "4", "5"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a:\n\tb: c\n", "2:1: this line is indented with a tab; indent with spaces, not tabs"),
        ("a: b\n---\nc: d\n", "2:1: a second document begins here; delete this line"),
        ("a: b\n- c\n", "2:1: an item of a list stands beside keys; write a key and a colon"),
        ("a: {b: c\nd: e\n", "1:4: the { that opens here is not closed"),
        ("a: [b, c\nd: e\n", "1:4: the [ that opens here is not closed"),
        ("a: {b: c]\n", "1:4: the { that opens here is not closed"),
        ("a: x\nb http://h/\nc: d\n", "2:1: a colon and a space must stand after the key: b: "),
    ],
)  # fmt: skip
def test_an_error_of_the_structure_is_explained_where_it_begins(text: str, place: str) -> None:
    (problem,) = problems(text)
    assert problem.startswith(f"jobs.yaml:{place}")

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from fthg.config import values
from fthg.config.document import parse
from fthg.config.schema import Nested, key
from fthg.config.secret_texts import MASK
from fthg.config.show import show
from fthg.config.tree import Section

NASTY = """\
run: {results: "a: b # c"}
jobs:
  a:
    password: geheim
    match: "*"
    x: {uuid}
"""


def test_what_is_shown_is_yaml_with_the_same_values_but_for_secrets() -> None:
    tree, _ = parse("f.yaml", NASTY)
    assert isinstance(tree, Section)
    again, problems = parse("shown", "\n".join(show(tree, {})))
    assert not problems
    assert again == {
        "run": {"results": "a: b # c"},
        "jobs": {"a": {"password": MASK, "match": "*", "x": "{uuid}"}},
    }


def test_lists_within_lists_are_shown_as_they_are() -> None:
    text = "a: [[x, {b: y, password: z}], [], {}, ~, {c: {d: e}}]\nf: []\npassword: [[z]]\n"
    tree, _ = parse("f.yaml", text)
    assert isinstance(tree, Section)
    again, problems = parse("shown", "\n".join(show(tree, {})))
    assert not problems
    assert again == {
        "a": [["x", {"b": "y", "password": MASK}], [], {}, None, {"c": {"d": "e"}}],
        "f": [],
        "password": [[MASK]],
    }


def test_values_that_would_begin_another_thing_in_yaml_are_shown_between_quotes() -> None:
    tree, _ = parse("f.yaml", "a: '>e'\nb: '<<'\n'>k': v\n'<<': w\nc: '< 5s'\n")
    assert isinstance(tree, Section)
    again, problems = parse("shown", "\n".join(show(tree, {})))
    assert not problems
    assert again == {"a": ">e", "b": "<<", ">k": "v", "<<": "w", "c": "< 5s"}


def test_a_literal_that_looks_like_a_variable_is_shown_as_it_must_be_written() -> None:
    tree, _ = parse("f.yaml", "a: x$${NOT_SET}\n")
    assert isinstance(tree, Section)
    again, problems = parse("shown", "\n".join(show(tree, {})))
    assert not problems
    assert again == {"a": "x${NOT_SET}"} == tree


def test_each_value_is_followed_by_its_place() -> None:
    tree, _ = parse("f.yaml", NASTY)
    assert isinstance(tree, Section)
    lines = list(show(tree, {}))
    assert next(line for line in lines if "match" in line).endswith("# f.yaml:5")


def shown(text: str, schema: Mapping[Any, Any]) -> list[str]:
    tree, _ = parse("f.yaml", text)
    assert isinstance(tree, Section)
    return [" ".join(line.split()) for line in show(tree, schema)]


def test_the_schema_decides_what_is_secret_and_a_name_only_where_it_has_no_such_key() -> None:
    schema = {key("pin", "", secret=True): values.text, key("token", ""): values.text}
    assert shown("pin: 1234\ntoken: shown\npassword: hidden\n", schema) == [
        f'pin: "{MASK}" # f.yaml:1',
        "token: shown # f.yaml:2",
        f'password: "{MASK}" # f.yaml:3',
    ]


def test_a_nested_section_is_shown_with_its_defaults_and_its_short_form_without() -> None:
    inner = {key("path", ""): values.text, key("level", "", "info"): values.text}
    schema = {key("file", ""): Nested(vol.Schema(inner), inner)}
    assert shown("file: {path: x}\n", schema) == [
        "file:",
        "path: x # f.yaml:1",
        "level: info # default",
    ]
    assert shown("file: x\n", schema) == ["file: x # f.yaml:1"]


def test_a_section_without_keys_is_an_empty_mapping() -> None:
    assert shown("headers: {}\nfile: {path: ~}\n", {}) == ["headers: {}", "file: {}"]

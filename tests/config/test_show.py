from __future__ import annotations

from fthg.config.document import parse
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
    shown, faults = parse("shown", "\n".join(show(tree, {})))
    assert not faults
    assert shown == {
        "run": {"results": "a: b # c"},
        "jobs": {"a": {"password": MASK, "match": "*", "x": "{uuid}"}},
    }


def test_lists_within_lists_are_shown_as_they_are() -> None:
    text = "a: [[x, {b: y, password: z}], [], {}, ~, {c: {d: e}}]\nf: []\npassword: [[z]]\n"
    tree, _ = parse("f.yaml", text)
    assert isinstance(tree, Section)
    shown, faults = parse("shown", "\n".join(show(tree, {})))
    assert not faults
    assert shown == {
        "a": [["x", {"b": "y", "password": MASK}], [], {}, None, {"c": {"d": "e"}}],
        "f": [],
        "password": [[MASK]],
    }


def test_each_value_is_followed_by_its_place() -> None:
    tree, _ = parse("f.yaml", NASTY)
    assert isinstance(tree, Section)
    lines = list(show(tree, {}))
    assert next(line for line in lines if "match" in line).endswith("# f.yaml:5")

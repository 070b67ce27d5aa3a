from __future__ import annotations

from typing import Any

import voluptuous as vol

from fthg.config import values
from fthg.config.document import parse
from fthg.config.problem import MOST
from fthg.config.schema import Nested, WrongKey, check, key, keys_of, required, without_defaults

INNER = {key("colour", "its colour", "red"): values.filled, key("code", "a code"): values.filled}


def _box(value: Any) -> Any:
    return vol.Schema(INNER)(value)


SCHEMA = {
    required("box", "the box"): Nested(_box, INNER),
    key("pin", "opens it", "0000", secret=True): values.filled,
}


def problems(text: str) -> list[str]:
    tree, found = parse("f.yaml", text)
    assert not found
    return [str(problem) for problem in check(tree, SCHEMA)[1]]


def test_a_nested_schema_is_read_and_seen() -> None:
    tree, _ = parse("f.yaml", "box: {code: x}\n")
    assert check(tree, SCHEMA) == ({"box": {"colour": "red", "code": "x"}, "pin": "0000"}, [])
    box, pin = keys_of(SCHEMA)
    assert box.inner is INNER
    assert (box.required, box.secret, pin.required, pin.secret) == (True, False, False, True)


def test_an_unknown_key_in_a_nested_section_gets_a_suggestion() -> None:
    assert problems("box:\n  color: red\n") == [
        "f.yaml:2:3: box.color: unknown key; did you mean 'colour'?"
    ]


def test_of_very_many_problems_the_first_are_named_and_that_there_are_more() -> None:
    text = "box: {}\n" + "".join(f"pin{number}: x\n" for number in range(5000))
    found = problems(text)
    assert found[0] == "f.yaml:2:1: pin0: unknown key; did you mean 'pin'?"
    assert found[-1].endswith(f"there are more errors than the first {MOST}")
    assert len(found) == MOST + 1


def test_a_missing_key_and_a_wrong_shape_are_problems_at_their_places() -> None:
    assert problems("pin: '1'\n") == ["f.yaml:1:1: box: this key is missing: the box"]
    assert problems("box: red\n") == ["f.yaml:1:6: box: must be a mapping of keys and values"]


def test_null_is_no_value() -> None:
    assert problems("box: {}\npin: ~\n") == []


def test_a_reader_sees_which_keys_have_no_value() -> None:
    seen: list[str] = []
    tree, _ = parse("f.yaml", "box: {a: 1, b: ~, c: }\n")
    check(tree, {key("box", "the box"): lambda box: seen.extend(box.nulls)})
    assert seen == ["b", "c"]


def test_an_error_of_a_key_has_its_place_and_not_that_of_its_value() -> None:
    def refuse(box: Any) -> Any:
        raise WrongKey("is not there", ["lid"])

    tree, _ = parse("f.yaml", "box:\n  lid:\n    open\n")
    found = check(tree, {key("box", "the box"): refuse})[1]
    assert [str(problem) for problem in found] == ["f.yaml:2:3: box.lid: is not there"]


def test_without_defaults_a_schema_has_the_same_keys_and_secrets() -> None:
    found = list(keys_of(without_defaults(SCHEMA)))
    assert [(key.name, key.default, key.required, key.secret) for key in found] == [
        ("box", None, False, False),
        ("pin", None, False, True),
    ]
    assert found[0].inner is INNER

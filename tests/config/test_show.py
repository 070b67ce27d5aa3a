from __future__ import annotations

from pathlib import Path

import pytest

from fthg.config.document import parse
from fthg.config.secrets import MASK, exposed, is_secret, masked, secrets_in
from fthg.config.show import show
from fthg.config.tree import Section
from fthg.placeholders import Template

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


def test_keys_that_hold_secrets_are_known_by_their_names() -> None:
    for key in ("password", "passphrase", "bearer", "Authorization", "X-Api-Key", "Cookie"):
        assert is_secret(key)
    for key in ("password_file", "key", "token_file", "url", "X-Filename"):
        assert not is_secret(key)


def test_the_password_of_a_url_is_masked() -> None:
    assert masked("url", "sftp://ann:geheim@host/dir") == f"sftp://ann:{MASK}@host/dir"


def test_every_secret_of_checked_data_is_found() -> None:
    data = {
        "url": Template("https://ann:one@host/"),
        "headers": {"Authorization": Template("Bearer two")},
        "auth": {"basic": {"user": "ann", "password": "three"}},
    }
    assert {"one", "two", "three"} <= set(secrets_in(data))


@pytest.mark.parametrize(
    ("content", "mode", "told"),
    [
        ("password: geheim", 0o644, True),
        ("password: geheim", 0o640, False),
        ("password: ${PATH}", 0o644, False),
        ("password_file: /x", 0o644, False),
        ("url: sftp://ann:geheim@host/", 0o644, True),
        ("url: sftp://ann@host/", 0o644, False),
        ("headers: {Authorization: Bearer x}", 0o644, True),
    ],
)
def test_a_file_that_everyone_can_read_is_told_if_a_secret_is_in_it(
    tmp_path: Path, content: str, mode: int, told: bool
) -> None:
    path = tmp_path / "jobs.yaml"
    path.write_text(content)
    path.chmod(mode)
    tree, _ = parse(str(path), content)
    assert list(exposed(tree)) == ([str(path)] if told else [])

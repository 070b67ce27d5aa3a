from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from fthg.config.document import parse
from fthg.config.secret_texts import MASK, masked
from fthg.config.secrets import environment_secrets, files_exposing_secrets, secrets_in
from fthg.config.tree import Section
from fthg.placeholders import Template


def found(data: Mapping[str, Any]) -> set[str]:
    """The secrets of data that no schema knows."""
    return set(secrets_in(data, {}))


def test_what_a_template_has_in_common_for_all_transfers_is_secret() -> None:
    assert "k3y-{x}-" in found({"X-Api-Key": Template("k3y-{{x}}-{uuid}")})
    assert found({"Authorization": Template("Bearer {uuid}")}) == {"Bearer {uuid}"}
    assert not found({"X-Session-Id": Template("{uuid}")})
    assert found({"password": "{abc}"}) == {"{abc}"}


def test_the_parts_of_a_header_are_secrets_of_their_own() -> None:
    basic = base64.b64encode(b"ann:hunter2").decode()
    assert "hunter2" in found({"Authorization": f"Basic {basic}"})
    assert {"abcdef", "ghijkl"} <= found({"Cookie": "a=abcdef; b=ghijkl"})


def test_variables_with_secret_names_are_secrets_wherever_they_stand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("UPLOAD_TOKEN", "hunter2")
    monkeypatch.setenv("HOST", "example.com")
    tree, _ = parse("f.yaml", "url: https://${HOST}/${UPLOAD_TOKEN}/up")
    assert isinstance(tree, Section)
    assert found(tree) == {"hunter2"}
    assert masked(tree["url"]) == f"https://example.com/{MASK}/up"


def test_proxies_and_logins_of_the_environment_are_secrets(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine example.com login ann password hunter3\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("https_proxy", "http://ann:hunter2@proxy:3128")
    assert {"hunter2", "hunter3"} <= set(environment_secrets())


def test_every_secret_of_checked_data_is_found() -> None:
    data = {
        "url": Template("https://ann:one@host/"),
        "headers": {"Authorization": Template("Bearer two")},
        "auth": {"basic": {"user": "ann", "password": "three"}},
    }
    assert {"one", "two", "three"} <= found(data)


@pytest.mark.parametrize(
    ("content", "mode", "warned"),
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
def test_a_file_that_everyone_can_read_is_reported_if_a_secret_is_in_it(
    tmp_path: Path, content: str, mode: int, warned: bool
) -> None:
    path = tmp_path / "jobs.yaml"
    path.write_text(content)
    path.chmod(mode)
    tree, _ = parse(str(path), content)
    assert isinstance(tree, Section)
    assert files_exposing_secrets(tree, {}) == ([str(path)] if warned else [])

"""The examples for GitHub Actions and GitLab: valid by their schemas, and their commands run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from tests.packaging.places import TREE
from tests.servers import missing
from tests.servers.nginx import Nginx, nginx

EXAMPLES = TREE / "packaging" / "examples"
GITHUB = EXAMPLES / "github" / "load-test.yml"
GITLAB = EXAMPLES / "gitlab" / "load-test.gitlab-ci.yml"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    with nginx(tmp_path_factory.mktemp("web")) as server:
        yield server


@pytest.mark.parametrize(
    ("file", "schema"), [(GITHUB, "github-workflows"), (GITLAB, "gitlab-ci")], ids=["hub", "lab"]
)
def test_an_example_is_valid_by_the_public_schema(file: Path, schema: str) -> None:
    checker = TREE / ".venv" / "machines" / "bin" / "check-jsonschema"
    if not checker.exists():
        missing("check-jsonschema", on_rhel=False)
    done = subprocess.run(
        [str(checker), "--builtin-schema", f"vendor.{schema}", str(file)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_the_step_of_github_sends_and_leaves_what_is_kept(web: Nginx, tmp_path: Path) -> None:
    (_, _, install, send, keep) = _read(GITHUB)["jobs"]["load-test"]["steps"]
    assert install["run"] == 'python -m pip install "$FTHG"'
    assert _status(send["run"], f"{web.url}/post/hub", tmp_path) == 0
    _assert_sent(web, tmp_path, "/post/hub")
    assert all((tmp_path / name).stat().st_size for name in keep["with"]["path"].split())


def test_the_script_of_gitlab_fails_at_a_threshold_and_leaves_what_is_kept(
    web: Nginx, tmp_path: Path
) -> None:
    job = _read(GITLAB)["load-test"]
    (script,) = job["script"]
    assert _status(script, f"{web.url}/nowhere/lab", tmp_path) == 99
    artifacts = job["artifacts"]
    assert all((tmp_path / name).stat().st_size for name in artifacts["paths"])
    suites = ET.parse(tmp_path / artifacts["reports"]["junit"]).getroot()
    assert len(suites.findall(".//failure")) >= 1
    assert len(web.log("/nowhere/lab", 1)) == 20


def _read(file: Path) -> Any:
    return yaml.safe_load(file.read_text())


def _status(command: str, url: str, directory: Path) -> int:
    """The status of a command of an example, for a second in place of two minutes."""
    assert "--duration 2m" in command
    samples = directory / "samples"
    samples.mkdir()
    (samples / "order.xml").write_text("<order/>")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-e", "-c", command.replace("--duration 2m", "--duration 1s")],
        cwd=directory, env={**os.environ, "PATH": path, "INGRESS_URL": url},
        stdout=subprocess.DEVNULL, timeout=60, check=False,
    ).returncode  # fmt: skip


def _assert_sent(web: Nginx, directory: Path, path: str) -> None:
    total = json.loads((directory / "summary.json").read_text())["total"]
    assert (total["ok"], total["failed"]) == (20, 0)
    assert len(web.log(path, 20)) == 20

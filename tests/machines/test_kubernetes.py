from __future__ import annotations

import re
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.servers import free_port, need
from tests.servers.nginx import Nginx

from .pods import MANIFESTS, Node, documents
from .runs import EXAMPLES, Runs

SCRIPT = MANIFESTS / "run-in-cluster"
VERSIONS = ("1.29", "1.33", "1.35")
TOOLS = Path(__file__).parents[2] / ".venv" / "machines" / "bin"
"""The directory where ./dev test installs the programs for Kubernetes and images."""


def tool(name: str) -> str:
    return need(str(TOOLS / name), on_rhel=False)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["configuration.yaml", "run.yaml", "merge.yaml"])
def test_the_manifests_are_those_of_three_versions(name: str, version: str) -> None:
    command = [tool("kubernetes-validate"), "-k", version, "--strict", str(MANIFESTS / name)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_image_has_no_flaw_that_a_linter_knows() -> None:
    file = EXAMPLES / "container" / "Containerfile"
    subprocess.run([tool("hadolint"), str(file)], check=True, timeout=60)


def test_its_lines_are_those_of_a_posix_shell() -> None:
    subprocess.run([need("shellcheck"), "--shell=sh", str(SCRIPT)], check=True, timeout=60)


def test_there_are_as_many_pods_as_slices_and_all_run_at_once() -> None:
    (job,) = documents("run.yaml")
    (container,) = job["spec"]["template"]["spec"]["containers"]
    slices = next(one["value"] for one in container["env"] if one["name"] == "SLICES")
    assert job["spec"]["completions"] == job["spec"]["parallelism"] == int(slices)


def test_openshift_gets_no_ids_of_users_and_groups() -> None:
    dropped = re.search(r"grep -v (.*) \"\$1\"", SCRIPT.read_text())
    assert dropped
    patterns = re.findall(r"'(\w+:)'", dropped[1])
    for name in ("run.yaml", "merge.yaml"):
        text = (MANIFESTS / name).read_text().splitlines()
        left = "\n".join(line for line in text if not any(one in line for one in patterns))
        assert "runAsUser" not in left
        assert "fsGroup" not in left
        assert "runAsNonRoot: true" in left


def test_the_pods_are_one_run_and_the_merge_judges_it(web: Nginx, tmp_path: Path) -> None:
    runs = Runs(tmp_path, web, rate=100, seconds=2)
    lead = runs.lead(4)  # which takes a while to find out
    moment = {"run": "nightly-7", "start-at": str(int(time.time()) + lead)}
    node = Node(tmp_path, moment, {"/usr/bin/": ""})
    runs.left = tmp_path / "results"
    configure(node, web)
    pods = [
        node._replace(changes={"0.0.0.0:9464": str(free_port())}).start(
            "run.yaml", JOB_COMPLETION_INDEX=str(index)
        )
        for index in range(4)
    ]
    for pod in pods:
        said = pod.communicate(timeout=200)[0]
        assert pod.returncode == 0, said
    assert runs.stored() == Counter(range(200))
    assert max(runs.errors_of_gaps("nightly-7")) < 0.0001

    merge = node.start("merge.yaml")
    said = merge.communicate(timeout=200)[0]
    assert merge.returncode == 0, said
    assert runs.total("nightly-7")["ok"] == 200
    assert 'failures="0"' in (runs.left / "nightly-7.xml").read_text()


def configure(node: Node, web: Nginx) -> None:
    """Write what ConfigMap and Secret hold where the pods have it; the server is the test's."""
    config, secret, _ = documents("configuration.yaml")
    text = config["data"]["jobs.yaml"]
    for old, new in {
        "https://ingress.example.com/upload/{filename}": f"{web.url}/{node.directory.name}/{{seq}}",
        "rate: 200/s": "rate: 100/s\n    method: PUT",
        "duration: 10m": "duration: 2s",
        "/etc/fthg/secrets": node.path("/etc/fthg/secrets"),
    }.items():
        assert old in text
        text = text.replace(old, new)
    for path in ("etc/fthg/secrets", "results", "tmp"):
        (node.directory / path).mkdir(parents=True)
    (node.directory / "etc/fthg/jobs.yaml").write_text(text)
    for name, value in secret["stringData"].items():
        (node.directory / "etc/fthg/secrets" / name).write_text(value)

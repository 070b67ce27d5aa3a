from __future__ import annotations

import os
import subprocess
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from tests.packaging.places import TREE
from tests.servers import missing, need
from tests.servers.nginx import Nginx

from .runs import EXAMPLES, PATH, Runs

PLAYBOOK = EXAMPLES / "ansible" / "run.yaml"
INVENTORY = EXAMPLES / "ansible" / "hosts.yaml"


class Played(NamedTuple):
    """How a play ended; `run` is the id of its run."""

    status: int
    said: str
    run: str


def playbook(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    program = TREE / ".venv" / "machines" / "bin" / "ansible-playbook"
    found = str(program) if program.exists() else missing("ansible-core")
    environment = {
        **os.environ, "PATH": PATH, "PWD": str(cwd), "LC_ALL": "C.UTF-8",
        "ANSIBLE_HOME": str(cwd / "ansible"), "ANSIBLE_LOCALHOST_WARNING": "0",
    }  # fmt: skip
    return subprocess.run(
        [found, *words], cwd=cwd, env=environment, timeout=100, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def play(runs: Runs, ssh: Path, *names: str) -> Played:
    """Run the playbook on hosts of a configuration of ssh."""
    here = runs.directory
    hosts = "".join(f"    {name}:\n" for name in names)
    (here / "hosts.yaml").write_text(f"""
load:
  hosts:
{hosts}  vars:
    ansible_ssh_common_args: -F {ssh}
    ansible_ssh_transfer_method: piped
    ansible_remote_tmp: {here}/tmp
    ansible_async_dir: {here}/async
    ansible_python_interpreter: {need("python3")}
    remote: {here}/remote
""")
    extra = f"config={here}/jobs.yaml start_in=8 poll=1"
    done = playbook("-i", "hosts.yaml", str(PLAYBOOK), "-e", extra, cwd=here)
    (summary,) = here.glob("*Z/*.json") if done.returncode in (0, 2) else ()
    runs.left = summary.parent
    return Played(done.returncode, done.stdout, summary.stem)


def test_four_hosts_are_one_run(hosts: Path, web: Nginx, tmp_path: Path) -> None:
    runs = Runs(tmp_path, web, rate=100, seconds=2)
    played = play(runs, hosts, *(f"host{number}" for number in range(4)))
    assert played.status == 0, played.said
    assert runs.stored() == Counter(range(200))
    lines = runs.lines(played.run)
    assert Counter(line["slice"] for line in lines) == {f"{k}/4": 50 for k in range(4)}
    assert max(runs.errors_of_gaps(played.run)) < 0.0001
    assert runs.total(played.run)["ok"] == 200


def test_a_host_that_cannot_be_reached_does_not_keep_the_others_from_the_merge(
    hosts: Path, web: Nginx, tmp_path: Path
) -> None:
    runs = Runs(tmp_path, web, rate=40, seconds=2)
    played = play(runs, hosts, "host0", "host4", "host1")
    assert "host4: status unknown" in played.said
    assert runs.stored() == Counter(n for n in range(80) if n % 3 != 1)
    total = runs.total(played.run)
    assert (total["ok"], total["missing"]) == (len(runs.stored()), 26)
    assert "the merge ended with status 99" in played.said
    assert played.status != 0


def test_the_example_has_the_syntax_of_ansible(tmp_path: Path) -> None:
    words = ("--syntax-check", "-i", str(INVENTORY), str(PLAYBOOK))
    done = playbook(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stdout

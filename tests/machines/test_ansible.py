from __future__ import annotations

import os
import subprocess
from collections import Counter
from pathlib import Path

from tests.packaging.places import TREE
from tests.servers import missing, need
from tests.servers.nginx import Nginx

from .runs import EXAMPLES, PATH, Runs

PLAYBOOK = EXAMPLES / "ansible" / "run.yaml"
INVENTORY = EXAMPLES / "ansible" / "hosts.yaml"


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


def inventory(runs: Runs, ssh: Path, *names: str) -> Path:
    """Write an inventory of hosts of a configuration of ssh, which leave all in one directory."""
    here = runs.directory
    path = here / "hosts.yaml"
    path.write_text(f"""
load:
  hosts: {{{", ".join(f"{name}: " for name in names)}}}
  vars:
    ansible_ssh_common_args: -F {ssh}
    ansible_ssh_transfer_method: piped
    ansible_remote_tmp: {here}/tmp
    ansible_async_dir: {here}/async
    ansible_python_interpreter: {need("python3")}
    remote: {here}/remote
""")
    return path


def test_hosts_send_one_run_and_one_that_cannot_be_reached_keeps_no_other_from_the_merge(
    hosts: Path, web: Nginx, tmp_path: Path
) -> None:
    runs = Runs(tmp_path, web, rate=100, seconds=2)
    names = inventory(runs, hosts, "host0", "host1", "host4", "host2")
    extra = f"config={tmp_path}/jobs.yaml start_in=15 poll=1"
    done = playbook("-i", str(names), str(PLAYBOOK), "-e", extra, cwd=tmp_path)
    assert "host4: status unknown" in done.stdout
    assert "the merge ended with status 99" in done.stdout
    assert done.returncode != 0

    assert runs.stored() == Counter(n for n in range(200) if n % 4 != 2)
    summary = next(tmp_path.glob("*Z/*.json"))
    runs.left = summary.parent
    lines = runs.lines(summary.stem)
    assert Counter(line["slice"] for line in lines) == {f"{k}/4": 50 for k in (0, 1, 3)}
    assert max(runs.errors_of_gaps(summary.stem)) < 0.0001
    total = runs.total(summary.stem)
    assert (total["ok"], total["missing"]) == (150, 50)


def test_the_example_has_the_syntax_of_ansible(tmp_path: Path) -> None:
    words = ("--syntax-check", "-i", str(INVENTORY), str(PLAYBOOK))
    done = playbook(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stdout

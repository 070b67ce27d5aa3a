"""The playbook of the Ansible example, begun on hosts of a configuration of ssh."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.packaging.places import TREE
from tests.servers import missing, need

from .runs import EXAMPLES, PATH, Runs

PLAYBOOK = EXAMPLES / "ansible" / "run.yaml"
INVENTORY = EXAMPLES / "ansible" / "hosts.yaml"
HOSTS = ("host0", "host1", "host4", "host2")


def begin(*words: str, cwd: Path) -> subprocess.Popen[str]:
    """Start `ansible-playbook` with these arguments."""
    program = TREE / ".venv" / "machines" / "bin" / "ansible-playbook"
    found = str(program) if program.exists() else missing("ansible-core")
    environment = {
        **os.environ, "PATH": PATH, "PWD": str(cwd), "LC_ALL": "C.UTF-8",
        "ANSIBLE_HOME": str(cwd / "ansible"), "ANSIBLE_LOCALHOST_WARNING": "0",
        "ANSIBLE_PIPELINING": "1",
    }  # fmt: skip
    return subprocess.Popen(
        [found, *words], cwd=cwd, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


class Playing:
    """The playbook while it runs."""

    def __init__(self, runs: Runs, ssh: Path, start_in: int) -> None:
        self.runs = runs
        here = runs.directory
        extra = f"config={here}/jobs.yaml start_in={start_in} poll=1"
        words = ("-i", str(_inventory(here, ssh)), str(PLAYBOOK), "-e", extra)
        self.process = begin(*words, cwd=here)

    def end(self) -> str:
        """Return what it said, once it has ended."""
        return self.process.communicate(timeout=250)[0]

    def kill(self) -> None:
        """End it now, if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


def _inventory(here: Path, ssh: Path) -> Path:
    """Write an inventory of hosts that leave all in one directory."""
    path = here / "hosts.yaml"
    path.write_text(f"""
load:
  hosts: {{{", ".join(f"{name}: " for name in HOSTS)}}}
  vars:
    ansible_ssh_common_args: -F {ssh}
    ansible_ssh_transfer_method: piped
    ansible_remote_tmp: {here}/tmp
    ansible_async_dir: {here}/async
    ansible_python_interpreter: {need("python3")}
    remote: {here}/remote
""")
    return path

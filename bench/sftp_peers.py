"""The peers that send by SFTP."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.servers.sshd import Sshd

from .tools import Command, Task


def sftp(task: Task, cwd: Path) -> Command:
    """Return OpenSSH's own client with a batch of puts."""
    ssh = _ssh(task)
    lines = [f"put {path} {ssh.root}/{name}" for path, name in _puts(task)]
    (cwd / "batch").write_text("\n".join(lines) + "\n")
    options = ["-o", f"UserKnownHostsFile={ssh.known_hosts}", "-i", str(ssh.key)]
    words = ["sftp", "-q", "-b", "batch", *options, "-P", str(ssh.port)]
    return Command([*words, f"{ssh.user}@127.0.0.1"])


def lftp(task: Task, cwd: Path) -> Command:
    """Return lftp with a script of puts."""
    ssh = _ssh(task)
    program = f"ssh -a -x -i {ssh.key} -o UserKnownHostsFile={ssh.known_hosts}"
    lines = [
        f'set sftp:connect-program "{program}"',
        "set net:max-retries 1",
        f"open -u {ssh.user}, -p {ssh.port} sftp://127.0.0.1",
        f"cd {ssh.root}",
        *(f"put {path} -o {name}" for path, name in _puts(task)),
    ]
    (cwd / "script").write_text("\n".join(lines) + "\n")
    return Command(["lftp", "-f", "script"], {"HOME": str(cwd)})


def rclone(task: Task, cwd: Path) -> Command:
    """Return rclone, eight transfers at once, without comparing checksums and times afterwards."""
    ssh = _ssh(task)
    source = cwd / "many"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir()
    for path, name in _puts(task)[:12_000]:
        os.link(path, source / name)
    options = {
        "sftp-host": "127.0.0.1",
        "sftp-port": ssh.port,
        "sftp-user": ssh.user,
        "sftp-key-file": ssh.key,
        "sftp-known-hosts-file": ssh.known_hosts,
        "transfers": 8,
    }
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    switches = ["--sftp-disable-hashcheck", "--sftp-set-modtime=false", "--config", ""]
    return Command(["rclone", "copy", *words, *switches, str(source), f":sftp:{ssh.root}"])


def _puts(task: Task) -> list[tuple[Path, str]]:
    """Return files in turn, each with its own remote name: more than a tool can send in time."""
    files = sorted(task.files.iterdir())
    count = task.count or (30_000 if len(files) > 1 else 30)
    turns = ((turn, files[turn % len(files)]) for turn in range(count))
    return [(path, f"{turn}-{path.name}") for turn, path in turns]


def _ssh(task: Task) -> Sshd:
    assert task.ssh is not None
    return task.ssh

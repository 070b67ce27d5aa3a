"""The kinds of work that are measured, and the tools that do them."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Optional

from tests.servers.sshd import Sshd

from . import http_peers, sftp_peers
from .measure import Taken, measure, measure_whole
from .servers import Nginx
from .tools import Task, Tool

KIB, MIB = 1024, 1024 * 1024
MEMORY, DISK = Path("/dev/shm"), Path("/var/tmp")

HTTP_PEERS: Mapping[str, Tool] = {"k6": http_peers.k6, "hey": http_peers.hey, "wrk": http_peers.wrk}
LOCUST: Mapping[str, Tool] = {
    "Locust FastHttpUser": http_peers.locust("FastHttpUser"),
    "Locust HttpUser": http_peers.locust("HttpUser"),
}
SFTP_PEERS: Mapping[str, Tool] = {
    "sftp -b": sftp_peers.sftp,
    "lftp": sftp_peers.lftp,
    "rclone": sftp_peers.rclone,
}


_ENDLESS = (*LOCUST, "wrk")
"""The tools that cannot be told a number of files."""


@dataclass(frozen=True)
class Work:
    """One kind of work, which each tool does for some seconds in each round."""

    name: str
    task: Task
    peers: Mapping[str, Tool]
    count: Callable[[], float]  # transfers that the server has had
    server: int  # process id
    clear: Callable[[], None] = lambda: None  # removes the files that the server has stored

    def round(self, tool: Tool, directory: Path, warm: float, seconds: float) -> Optional[Taken]:
        """Run a tool, for `warm` before and `seconds` while it is measured; or a whole run."""
        command = tool(self.task, directory)
        try:
            if self.task.count:
                files = self.task.count
                return measure_whole(command, directory, self.count, self.server, files)
            return measure(command, directory, self.count, self.server, warm, seconds)
        finally:
            self.clear()


def whole_run(one: Work, count: int) -> Work:
    """Return the work of sending so many files, from the start of a program to its exit."""
    peers = {name: tool for name, tool in one.peers.items() if name not in _ENDLESS}
    return replace(one, name=f"{one.name}, whole", task=one.task._replace(count=count), peers=peers)


def http(name: str, nginx: Nginx, files: Path, size: int, tls: bool = False) -> Work:
    """Return the work of POSTing files of one size, with 32 senders."""
    small = size <= KIB
    url = nginx.url("/small" if small else "/large", tls)
    return Work(
        name,
        Task(make_files(files, size), url),
        {**HTTP_PEERS, **(LOCUST if small and not tls else {})},
        nginx.requests if small else lambda: nginx.requests() / 2,
        nginx.pid,
    )


def sftp(name: str, ssh: Sshd, files: Path, size: int, atomic: bool = False) -> Work:
    """Return the work of uploading files of one size over one connection."""
    large = size > MIB

    def count() -> float:
        if large:  # that part of a file counts which has arrived
            found = os.statvfs(ssh.root)
            return (found.f_blocks - found.f_bfree) * found.f_frsize / size
        # Not the file system's own counter: others make files there, too.
        return len(os.listdir(ssh.root))

    def clear() -> None:
        shutil.rmtree(ssh.root)
        ssh.root.mkdir()

    task = Task(make_files(files, size, 1 if large else 100), ssh=ssh, atomic=atomic)
    return Work(name, task, {} if atomic else SFTP_PEERS, count, ssh.pid, clear)


def make_files(directory: Path, size: int, count: int = 100) -> Path:
    """Return a directory with files of random content, created by the first call."""
    made = directory / f"{size}x{count}"
    if not made.exists():
        made.mkdir()
        for number in range(count):
            (made / f"file-{number:03}.bin").write_bytes(secrets.token_bytes(size))
    return made

"""What a tool is, and fthg as one: a command that sends until it is ended."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Optional

from tests.servers.sshd import Sshd

SENDERS = 32
IN_FLIGHT = 64

_ROOT = Path(__file__).parent.parent
HEADERS: Mapping[str, str] = {"X-Transfer-Id": "{uuid}", "X-Filename": "{filename}"}
"""What a job of fthg sends with each file."""

_LOG = "fthg.log"


class Task(NamedTuple):
    """The files to send, and the server to send them to."""

    files: Path  # a directory
    url: str = ""
    ssh: Optional[Sshd] = None
    atomic: bool = False
    rate: int = 0  # per second, open model; 0: as fast as possible
    seconds: int = 600
    count: int = 0  # of files; 0: as many as the time allows
    verbose: bool = False  # fthg logs each transfer to a file


class Command(NamedTuple):
    """The command line of a tool."""

    words: Sequence[str]
    env: Mapping[str, str] = {}


Tool = Callable[[Task, Path], Command]
"""A function that writes its files to a directory and returns the command to run there."""


def fthg(python: str) -> Tool:
    """Return fthg with the dependency set of this interpreter."""

    def command(task: Task, cwd: Path) -> Command:
        job = _sftp_job(task) if task.ssh else _http_job(task)
        job.update(files=str(task.files), **_pace(task))
        if task.count:
            job["count"] = task.count
        options = ("-v", "--log-file", _LOG) if task.verbose else ()
        return configured(python, {"bench": job}, cwd, *options)

    return command


def configured(
    python: str, jobs: Mapping[str, object], cwd: Path, *options: str, workers: int = 1
) -> Command:
    """Return fthg with these jobs, and with the outputs that its users want."""
    run = {"results": "results.jsonl", "summary": "summary.json", "workers": workers}
    (cwd / "jobs.yaml").write_text(json.dumps({"run": run, "jobs": jobs}))
    for old in ("results.jsonl", "summary.json", _LOG):
        (cwd / old).unlink(missing_ok=True)
    words = [python, "-m", "fthg", "-c", "jobs.yaml", *options]
    return Command(words, {"PYTHONPATH": str(_ROOT)})


def verbose(tool: Tool) -> Tool:
    """Return fthg with a line of its log file for each transfer."""
    return lambda task, cwd: tool(task._replace(verbose=True), cwd)


def _http_job(task: Task) -> dict[str, object]:
    headers = dict(HEADERS)
    if task.rate:
        headers["X-Seq"] = "{seq}"
    return {"url": task.url, "headers": headers, "verify": False}


def _sftp_job(task: Task) -> dict[str, object]:
    assert task.ssh is not None
    return {
        "url": task.ssh.url(),
        "key": str(task.ssh.key),
        "known_hosts": str(task.ssh.known_hosts),
        "remote_name": "{seq}-{filename}",
        "atomic": task.atomic,
    }


def _pace(task: Task) -> dict[str, object]:
    if task.rate:
        return {"model": "open", "rate": f"{task.rate}/s", "duration": f"{task.seconds}s"}
    return {"model": "closed", "rate": "max", "senders": IN_FLIGHT if task.ssh else SENDERS}

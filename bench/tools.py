"""The tools that are compared, each as a command that sends until it is ended."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Optional

from tests.servers.sshd import Sshd

SENDERS = 32
IN_FLIGHT = 64

_ROOT = Path(__file__).parent.parent
_COMMANDS = ("wrk", "hey", "sftp", "lftp", "rclone")
HEADERS: Mapping[str, str] = {"X-Transfer-Id": "{uuid}", "X-Filename": "{filename}"}
"""What a job of fthg sends with each file."""

_ANY_ID = "3f0c4a1e-8a53-4b51-9a3e-0d1d3b1f2a77"  # where a tool has the same for all
_LOG = "fthg.log"
_PEERS = _ROOT / ".venv" / "peers" / "bin"


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


_K6 = """
import http from 'k6/http';
import exec from 'k6/execution';
const names = {names};
const files = names.map((name) => open('{files}/' + name, 'b'));
export const options = {options};
export default function () {{
  const turn = exec.scenario.iterationInTest;
  const at = turn % files.length;
  const headers = {{ 'X-Transfer-Id': crypto.randomUUID(), 'X-Filename': names[at]{seq} }};
  http.post('{url}', files[at], {{ headers }});
}}
"""


def k6(task: Task, cwd: Path) -> Command:
    """Return Grafana k6, without output of single results."""
    executor: dict[str, object] = {"executor": "constant-vus", "vus": SENDERS}
    if task.rate:
        executor = {
            "executor": "constant-arrival-rate",
            "rate": task.rate,
            "timeUnit": "1s",
            "preAllocatedVUs": 64,
            "maxVUs": 256,
        }
    end = {"duration": f"{task.seconds}s"}
    if task.count:
        executor = {"executor": "shared-iterations", "vus": SENDERS, "iterations": task.count}
        end = {"maxDuration": f"{task.seconds}s"}
    options = {
        "scenarios": {"bench": {**executor, **end, "gracefulStop": "1s"}},
        "discardResponseBodies": True,
        "insecureSkipTLSVerify": True,
    }
    script = _K6.format(
        names=json.dumps(sorted(path.name for path in task.files.iterdir())),
        files=task.files,
        options=json.dumps(options),
        url=task.url,
        seq=", 'X-Seq': `${turn}`" if task.rate else "",
    )
    (cwd / "k6.js").write_text(script)
    return Command([str(_PEERS / "k6"), "run", "-q", "--no-usage-report", "k6.js"])


_LOCUST = """
import pathlib, uuid
from locust import {user}, task
FILES = [(path.name, path.read_bytes()) for path in sorted(pathlib.Path({files!r}).iterdir())]
class Bench({user}):
    host = {url!r}
    turn = 0
    @task
    def post(self):
        name, data = FILES[self.turn % len(FILES)]
        self.turn += 1
        headers = {{"X-Transfer-Id": str(uuid.uuid4()), "X-Filename": name}}
        self.client.post({url!r}, data=data, headers=headers)
"""


def locust(user: str) -> Tool:
    """Return Locust, with HttpUser or FastHttpUser."""

    def command(task: Task, cwd: Path) -> Command:
        (cwd / "locustfile.py").write_text(
            _LOCUST.format(user=user, files=str(task.files), url=task.url)
        )
        words = [str(_PEERS / "locust"), "--headless", "--only-summary", "-u", str(SENDERS)]
        return Command([*words, "-r", str(SENDERS), "-t", f"{task.seconds}s"])

    return command


def wrk(task: Task, cwd: Path) -> Command:
    """Return wrk: one body and fixed headers, the minimum that a client does."""
    first = min(task.files.iterdir())
    (cwd / "wrk.lua").write_text(
        f"wrk.method = 'POST'\nwrk.body = io.open('{first}', 'rb'):read('*a')\n"
        f"wrk.headers['X-Transfer-Id'] = '{_ANY_ID}'\n"
        f"wrk.headers['X-Filename'] = '{first.name}'\n"
    )
    return Command(["wrk", "-t1", f"-c{SENDERS}", f"-d{task.seconds}s", "-s", "wrk.lua", task.url])


def hey(task: Task, _: Path) -> Command:
    """Return hey, which sends one body and fixed headers, and measures each request."""
    first = min(task.files.iterdir())
    end = ["-n", str(task.count)] if task.count else ["-z", f"{task.seconds}s"]
    words = ["hey", *end, "-c", str(SENDERS), "-cpus", "1", "-m", "POST"]
    headers = ["-H", f"X-Transfer-Id: {_ANY_ID}", "-H", f"X-Filename: {first.name}"]
    return Command([*words, *headers, "-D", str(first), task.url])


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


def missing() -> list[str]:
    """Return the peers, and the servers that are not always needed, that are not here."""
    names = {"k6": _PEERS / "k6", "Locust": _PEERS / "locust"}
    gone = [name for name, path in names.items() if not path.exists()]
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    commands = {"MariaDB": "mariadbd", **{name: name for name in _COMMANDS}}
    return gone + [name for name, one in commands.items() if not shutil.which(one, path=path)]

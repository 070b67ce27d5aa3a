"""The peers that send by HTTP."""

from __future__ import annotations

import json
from pathlib import Path

from .tools import SENDERS, Command, Task, Tool

PEERS = Path(__file__).parent.parent / ".venv" / "peers" / "bin"
"""Where `./dev bench` installs those that come from PyPI."""

_ANY_ID = "3f0c4a1e-8a53-4b51-9a3e-0d1d3b1f2a77"  # where a tool has the same for all

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
    return Command([str(PEERS / "k6"), "run", "-q", "--no-usage-report", "k6.js"])


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
        words = [str(PEERS / "locust"), "--headless", "--only-summary", "-u", str(SENDERS)]
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

"""The mixed load of a soak: 200 transfers per second in five jobs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from .stage import Stage

RATE = 200
TIMEOUT = 5
WEB = frozenset({"plain", "secure", "fresh"})
SSH = frozenset({"sftp", "anew"})


def configuration(stage: Stage, duration: float, status_interval: float) -> dict[str, Any]:
    """Return the configuration of five jobs.

    Open HTTP at 100/s, HTTPS with a client certificate at 50/s, SFTP at 38/s, and with a new
    connection for each file closed HTTP at 10/s and SFTP at 2/s.
    """
    web, ssh = stage.web, stage.ssh
    atomic = {
        "url": f"sftp://{ssh.user}@127.0.0.1:{ssh.port}{ssh.root}",
        "key": str(ssh.key),
        "known_hosts": str(ssh.known_hosts),
        "remote_name": "{uuid}_{filename}",
        "atomic": "true",
    }
    put = {
        "method": "PUT",
        "headers": {"X-Transfer-Id": "{uuid}", "X-Filename": "{filename}", "X-Job": "{job}"},
    }
    return {
        "run": {
            "duration": f"{duration:g}s",
            "graceful_stop": "15s",
            "status_interval": f"{status_interval:g}s",
            "results": "results.jsonl",
            "summary": "summary.json",
        },
        "logging": {"file": {"path": "fthg.log", "level": "info", "format": "json"}},
        "defaults": {
            "files": str(stage.files),
            "timeout": f"{TIMEOUT}s",
            "connect_timeout": f"{TIMEOUT}s",
        },
        "jobs": {
            "plain": {
                "url": f"http://localhost:{web.port}/plain/{{uuid}}_{{filename}}",
                "rate": "100/s",
                **put,
            },
            "secure": {
                "url": f"https://localhost:{web.tls_port}/secure/{{uuid}}_{{filename}}",
                "rate": "50/s",
                "ca": str(web.ca),
                "cert": str(web.client.cert),
                "key": str(web.client.key),
                "order": "random",
                "seed": "1",
                **put,
            },
            "fresh": {
                "url": f"http://localhost:{web.port}/plain/{{uuid}}_{{filename}}",
                "rate": "10/s",
                "model": "closed",
                "senders": "4",
                "reuse": "false",
                **put,
            },
            "sftp": {"rate": "38/s", "connections": "2", "max_in_flight": "256", **atomic},
            "anew": {"rate": "2/s", "reuse": "false", "max_in_flight": "64", **atomic},
        },
    }


class Harness:
    """fthg as a process in its own directory."""

    def __init__(self, room: Path, stage: Stage, duration: float, status_interval: float) -> None:
        self._room = room
        written = json.dumps(configuration(stage, duration, status_interval), indent=2)
        (room / "jobs.yaml").write_text(written + "\n")  # JSON is YAML
        self.results = room / "results.jsonl"
        self.log = room / "fthg.log"
        self.summary = room / "summary.json"
        environment = {k: v for k, v in os.environ.items() if not k.startswith("FTHG")}
        with (room / "stdout.txt").open("wb") as out, (room / "stderr.txt").open("wb") as err:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "fthg", "-c", "jobs.yaml"],
                cwd=room,
                stdout=out,
                stderr=err,
                env={**environment, "COLUMNS": "80"},
            )

    @property
    def pid(self) -> int:
        """Return its process id."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """Return its exit status, None while it runs."""
        return self._process.poll()

    def rotate(self) -> None:
        """Rename its files and send SIGHUP, as logrotate does."""
        for path in (self.results, self.log):
            path.rename(path.with_suffix(".1"))
        self._process.send_signal(signal.SIGHUP)

    def ask(self) -> None:
        """Ask for a summary so far."""
        self._process.send_signal(signal.SIGUSR1)

    def stop(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def end(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.wait()

"""Prometheus on loopback, and its promtool."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Optional
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

from . import free_port
from .unpacked import unpacked
from .web_store import listening

_direct = build_opener(ProxyHandler({}))


class Prometheus(NamedTuple):
    """A running server."""

    url: str

    def query(self, expression: str, at: Optional[float] = None) -> Sequence[dict[str, Any]]:
        """Return the samples of an expression at a Unix time, or now; HTTPError if it is wrong."""
        arguments = {"query": expression, **({} if at is None else {"time": f"{at:.3f}"})}
        with _direct.open(f"{self.url}/api/v1/query?{urlencode(arguments)}", timeout=10) as answer:
            found: Sequence[dict[str, Any]] = json.load(answer)["data"]["result"]
        return found

    def numbers(
        self, expression: str, at: Optional[float] = None, *by: str
    ) -> dict[tuple[str, ...], float]:
        """Return the values of an expression by some of its labels."""
        return {
            tuple(one["metric"].get(label, "") for label in by): float(one["value"][1])
            for one in self.query(expression, at)
        }

    def wait_for(self, expression: str, seconds: float = 30) -> None:
        """Return once an expression has a sample."""
        until = time.monotonic() + seconds
        while not self.query(expression):
            assert time.monotonic() < until, f"no sample of {expression} within {seconds} s"
            time.sleep(0.2)


@contextlib.contextmanager
def running(home: Path, config: str) -> Iterator[Prometheus]:
    """Run one with this configuration for the length of a block."""
    found, port = unpacked("prometheus", "usr/bin/prometheus"), free_port()
    home.mkdir(exist_ok=True)
    (home / "prometheus.yml").write_text(config)
    command = [
        found.program,
        f"--config.file={home / 'prometheus.yml'}",
        f"--storage.tsdb.path={home / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--storage.tsdb.retention.time=1h",
    ]
    with listening(command, port, home / "log", env=found.environment):
        yield Prometheus(f"http://127.0.0.1:{port}")


def promtool(*words: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run promtool, with a text as its standard input."""
    found = unpacked("promtool", "usr/bin/promtool")
    return subprocess.run(
        [found.program, *words],
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60,
        env=found.environment,
    )

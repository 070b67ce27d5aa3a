"""A soak in small: every fault once, and all comes out even."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.servers import need

_FAULTS = (
    "nginx stopped",
    "nginx killed",
    "nginx frozen",
    "nginx answers 503",
    "sshd killed",
    "sshd's connections cut",
    "sshd frozen",
    "files rotated, SIGHUP",
    "figures asked, SIGUSR1",
)


def test_a_short_soak_with_every_fault_comes_out_even(tmp_path: Path) -> None:
    for program in ("nginx", "sshd"):
        need(program)
    room, page = tmp_path / "soak", tmp_path / "page.md"
    words = ["15s", "--interval", "1s", "--late", "5s", "-d", str(room), "-o", str(page)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak", *words],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all is well" in done.stdout
    for fault in _FAULTS:
        assert fault in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "| ok, but never arrived | 0 | ✓ |" in page.read_text()
    written = [json.loads(line) for line in (room / "samples.jsonl").read_text().splitlines()]
    assert {line["fault"] for line in written if "fault" in line} == set(_FAULTS)
    samples = [line for line in written if "fault" not in line]
    assert len(samples) > 10
    assert samples[-1]["scheduled"] > 2000
    assert samples[-1]["health_greenlets"] > 0

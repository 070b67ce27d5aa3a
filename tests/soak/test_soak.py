"""A short soak: every fault once, and all sums add up."""

from __future__ import annotations

import json
import subprocess
import sys
import time
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


def test_a_short_soak_with_every_fault_passes(tmp_path: Path) -> None:
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
    assert "all checks passed" in done.stdout
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


def test_an_interrupted_soak_still_reports(tmp_path: Path) -> None:
    for program in ("nginx", "sshd"):
        need(program)
    room = tmp_path / "soak"
    words = ["1h", "--interval", "1s", "--late", "5s", "-d", str(room)]
    soaking = subprocess.Popen(
        [sys.executable, "-m", "tests.soak", *words], stdout=subprocess.PIPE, text=True
    )
    try:
        samples = room / "samples.jsonl"
        for _ in range(300):
            if samples.exists() and len(samples.read_text().splitlines()) > 3:
                break
            time.sleep(0.1)
        soaking.terminate()
        output, _ = soaking.communicate(timeout=60)
    finally:
        soaking.kill()
    assert soaking.returncode == 0, output
    assert "all checks passed" in output
    assert "transfers/s" in output

"""The load that a server takes, found by a ramp whose threshold ends the run.

The ramp is a short and steep one, so it goes beyond the limit by far, but by what can be computed.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from math import sqrt
from pathlib import Path
from typing import Any

from tests.servers import limited
from tests.servers.ssh_account import Account

from .program import end, figures, results, start

LIMIT = 20  # files a second that the server takes
FIRST, LAST, WARM_UP, LENGTH = 17, 35, 2, 12
SLOPE = (LAST - FIRST) / LENGTH
RATE = f"to {FIRST}/s over {WARM_UP}s, to {LAST}/s over {LENGTH}s"  # connects before it is full
MOST = 24  # in flight: a second of the server, as a busy host may hold it up for a part of one
CROSSED = LIMIT + sqrt(2 * (MOST + 2) * SLOPE)
"""The rate at which what is above the limit, slope · t² / 2, has filled what may be in flight, and
used up the two turns that the server keeps."""


def run(directory: Path, keys: Mapping[str, Any]) -> subprocess.Popen[str]:
    (directory / "file").write_text("a file")
    job = {
        "files": "file",
        "rate": RATE,
        "max_in_flight": MOST,
        "thresholds": {"limits": ["dropped == 0"], "abort": True},
        **keys,
    }
    (directory / "jobs.yaml").write_text(json.dumps({"jobs": {"ramp": job}}))  # JSON is YAML
    words = ["-c", "jobs.yaml", "--summary", "s.json", "--results", "r.jsonl"]
    return start(*words, cwd=directory)


def sftp_keys(account: Account) -> Mapping[str, Any]:
    return {
        "url": account.url(),
        "user": account.user,
        "key": str(account.key),
        "known_hosts": str(account.known_hosts),
        "remote_name": "{uuid}",
    }


def target(seconds: float) -> float:
    """Return the rate of the second stage at a moment of the run."""
    return FIRST + SLOPE * (seconds - WARM_UP)


def check(directory: Path, process: subprocess.Popen[str]) -> None:
    done = end(process)
    assert done.status == 99, done.err
    lines = results(directory / "r.jsonl")
    first = min(line["due"] for line in lines)
    dropped = min(line["due"] for line in lines if line["outcome"] == "dropped")
    assert {line["outcome"] for line in lines} <= {"ok", "dropped"}
    # A host that holds up the server for a moment brings it forward; nothing can put it off.
    assert 0.95 * LIMIT <= target(dropped - first) <= 1.05 * CROSSED

    (found,) = figures(directory / "s.json")["thresholds"]
    assert (found["job"], found["text"], found["ok"]) == ("ramp", "dropped == 0", False)
    # Judged once a second, so it is named up to a second late, or more where the host is busy.
    assert dropped - first <= found["at"] <= dropped - first + 3
    assert abs(found["rate"] - target(found["at"])) < 0.1
    assert target(dropped - first) - 3 * SLOPE <= found["held"] < found["rate"]


def test_a_ramp_names_the_rate_at_which_the_server_does_not_keep_up(tmp_path: Path) -> None:
    for name in ("http", "sftp"):
        (tmp_path / name).mkdir()
    web, ssh = tmp_path / "http", tmp_path / "sftp"
    with limited.http(web, LIMIT) as url, limited.sftp(ssh, LIMIT) as account:
        both = {web: run(web, {"url": url}), ssh: run(ssh, sftp_keys(account))}
        for directory, process in both.items():
            check(directory, process)

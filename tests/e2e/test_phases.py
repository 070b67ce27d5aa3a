"""Through a slow link with small buffers the time goes where it was spent: into `sending`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.faults import network_faults as faults
from tests.faults.proxy import proxy
from tests.faults.servers import quiet_port
from tests.servers.nginx import Nginx
from tests.servers.sshd import Sshd

from .program import fthg, results

BUFFER = 64 << 10


def share_of_sending(line: Mapping[str, Any]) -> float:
    assert line["outcome"] == "ok", line["detail"]
    share: float = line["phases"]["sending"] / (line["end"] - line["start"])
    return share


def test_sftp_counts_the_time_of_a_slow_link_as_sending(tmp_path: Path, ssh: Sshd) -> None:
    (tmp_path / "file").write_bytes(os.urandom(200_000))
    with proxy(quiet_port(), ssh.port, BUFFER) as front, front.applying(faults.Narrow(100_000)):
        key = ssh.host_key.with_suffix(".pub").read_text()
        (tmp_path / "known_hosts").write_text(f"[127.0.0.1]:{front.port} {key}")
        done = fthg(
            "--url", ssh.url().replace(f":{ssh.port}", f":{front.port}"), "--files", "file",
            "--key", str(ssh.key), "--known-hosts", "known_hosts", "-u", ssh.user,
            "--set", "jobs.cli.remote_name={uuid}", "--set", "jobs.cli.model=closed",
            "--rate", "max", "--count", "2", "--results", "r.jsonl", cwd=tmp_path,
        )  # fmt: skip
    assert done.status == 0, done.err
    _, line = results(tmp_path / "r.jsonl")  # the first one waits for the connection
    assert share_of_sending(line) >= 0.95, line["phases"]


def test_http_counts_the_time_of_a_slow_link_as_sending(tmp_path: Path, web: Nginx) -> None:
    """At any rate the kernel holds about 4 MB in the end; so let it be a fast one."""
    (tmp_path / "file").write_bytes(os.urandom(20_000_000))
    with proxy(quiet_port(), web.port, BUFFER) as front, front.applying(faults.Narrow(10_000_000)):
        done = fthg(
            "--url", f"http://127.0.0.1:{front.port}/{{uuid}}", "-X", "PUT", "--files", "file",
            "--rate", "1/s", "--count", "1", "--results", "r.jsonl", cwd=tmp_path,
        )  # fmt: skip
    assert done.status == 0, done.err
    (line,) = results(tmp_path / "r.jsonl")
    assert share_of_sending(line) >= 0.80, line["phases"]

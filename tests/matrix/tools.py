"""The programs that fthg is measured by: OpenSSH's sftp, and curl."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from tests.servers import need

_SFTP = (
    "-F", "none", "-o", "LogLevel=VERBOSE", "-o", "BatchMode=no", "-o", "IdentitiesOnly=yes",
    "-o", "NumberOfPasswordPrompts=1", "-o", "ConnectTimeout=10", "-o", "GSSAPIAuthentication=no",
)  # fmt: skip


def sftp(
    host: str, port: int, known_hosts: Path, options: Sequence[str], answers: str,
    file: Path, remote: str,
) -> str:  # fmt: skip
    """Put a file; return what was said if that failed, else nothing."""
    batch = file.with_suffix(".batch")
    batch.write_text(f"put {file} {remote}\n")
    command = [need("sftp"), *options, *_SFTP, "-o", f"UserKnownHostsFile={known_hosts}"]
    environment = {**os.environ, **_asking(file.with_suffix(".ask"), answers)}
    return _said([*command, "-P", str(port), "-b", str(batch), host], environment)


def curl(*words: str) -> str:
    """Run it with these words; return what was said if that failed, else nothing."""
    return _said([need("curl"), "-q", "-sS", "--fail", "-m", "20", "--noproxy", "", *words], None)


def _asking(script: Path, answers: str) -> dict[str, str]:
    """Return the environment in which ssh has its questions answered."""
    script.write_text(f"#!/bin/sh\nprintf '%s\\n' '{answers}'\n")
    script.chmod(0o700)
    return {"SSH_ASKPASS": str(script), "SSH_ASKPASS_REQUIRE": "force", "SSH_AUTH_SOCK": ""}


def _said(command: Sequence[str], environment: Optional[dict[str, str]]) -> str:
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, check=False, timeout=60,
    )  # fmt: skip
    return (done.stderr.decode() or f"status {done.returncode}") if done.returncode else ""

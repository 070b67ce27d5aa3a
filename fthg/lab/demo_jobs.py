"""The demonstration's configuration: four jobs, and tracking if there are databases."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from ..units import exact_duration
from .private_files import write_private

_JOBS = """\
# Written by the demonstration for its lab, which is closed by now: adapt it before running it.

run:
  duration: {duration}
  results: {results}
  summary: {summary}

logging:
  file: {{path: {log}, level: info}}

defaults:
  files: samples
  timeout: 10s

jobs:
  http-open:
    url: {http}
    rate: {ramp}
    headers: &names
      X-Transfer-Id: "{{uuid}}"
      X-Filename: "{{filename}}"

  https-certificate:
    url: {https}
    rate: 20/s
    arrivals: poisson
    headers: *names
    ca: {ca}
    cert: {cert}
    key: {key}

  sftp-password:
    url: {sftp}
    model: closed
    rate: 10/s
    senders: 4
    password: practice
    known_hosts: {known_hosts}
    remote_name: "{{uuid}}_{{filename}}"

  sftp-key:
    url: {sftp}
    rate: 10/s
    key: {user_key}
    known_hosts: {known_hosts}
    remote_name: "{{uuid}}_{{filename}}"
"""
_TRACK = """
track:
  ingress: {ingress}
  egress: {egress}
  poll: 2s
  grace: {grace}
  sla: 2500ms
  title: A demonstration of fthg
"""


def _ramp(duration: str) -> str:
    """Return stages that fill a duration: a sixth is even, a half rises, and the rest is even."""
    whole = round(exact_duration(duration) * 1000)
    even, rise = max(whole // 6, 1), max(whole // 2, 1)
    first, second, third = map(_length, (even, rise, max(whole - even - rise, 1)))
    return f"10/s for {first}, to 80/s over {second}, 80/s for {third}"


def _length(milliseconds: int) -> str:
    return f"{milliseconds}ms" if milliseconds % 1000 else f"{milliseconds // 1000}s"


def write_jobs(
    path: str, lab: str, addresses: Mapping[str, str], *, duration: str, grace: str
) -> None:
    """Write the configuration to `path`; outputs are beside it, keys in the lab's directory."""
    beside = {
        "results": "results.jsonl",
        "summary": "summary.json",
        "log": "fthg.log",
    }
    keys = {
        "ca": "ca.pem",
        "cert": "client.pem",
        "key": "client.key",
        "known_hosts": "known_hosts",
        "user_key": "id_ed25519",
    }
    directory = os.path.dirname(os.path.abspath(path))
    values = {name: os.path.join(directory, file) for name, file in beside.items()}
    values.update((name, os.path.join(lab, file)) for name, file in keys.items())
    values.update(addresses, duration=duration, grace=grace, ramp=_ramp(duration))
    # Every JSON string is a YAML string.
    quoted = {name: json.dumps(value) for name, value in values.items()}
    template = _JOBS + (_TRACK if "ingress" in addresses else "")
    write_private(Path(path), template.format_map(quoted).encode())

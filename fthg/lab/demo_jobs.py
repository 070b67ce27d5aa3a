"""The demonstration's configuration: four jobs, and tracking where there are databases."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

_JOBS = """\
# Written by the demonstration for its lab, which is gone by now: look, adapt, but do not run.

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
    rate: 50/s
    headers: &names
      X-Transfer-Id: "{{uuid}}"
      X-Filename: "{{filename}}"

  https-certificate:
    url: {https}
    rate: 20/s
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


def write_jobs(
    path: str, lab: str, addresses: Mapping[str, str], *, duration: str, grace: str
) -> None:
    """Write the configuration to `path`; its outputs stand beside it, keys in the lab's folder."""
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
    words = {name: os.path.join(directory, file) for name, file in beside.items()}
    words.update((name, os.path.join(lab, file)) for name, file in keys.items())
    words.update(addresses, duration=duration, grace=grace)
    # A JSON string is a YAML string, whatever is in it.
    quoted = {name: json.dumps(word) for name, word in words.items()}
    template = _JOBS + (_TRACK if "ingress" in addresses else "")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(template.format_map(quoted))

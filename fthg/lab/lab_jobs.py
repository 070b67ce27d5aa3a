"""The configuration that a lab writes for fthg: jobs that send to it, and its databases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from .practice import Lab

_HEAD = """\
# Jobs that send to this lab, and its databases: written by the lab each time it opens.
#   fthg -c FILE --check      shows what would be sent
#   fthg -c FILE              sends it
"""
_NAMED = {"X-Transfer-Id": "{uuid}", "X-Filename": "{filename}"}


def lab_jobs(lab: Lab, databases: Mapping[str, str]) -> str:
    """Return the configuration as YAML; its paths are relative to the lab's directory.

    `databases` has the DSN of each side, or nothing.
    """
    content: dict[str, Any] = {
        "run": {"duration": "10s"},
        "defaults": {"files": "samples", "rate": "10/s"},
        "jobs": {"http": _http(lab), "https": _https(lab), "sftp": _sftp(lab)},
    }
    if databases:
        content["track"] = {**databases, "poll": "2s", "grace": "10s"}
    return _HEAD + yaml.safe_dump(content, sort_keys=False)


def _http(lab: Lab) -> dict[str, Any]:
    job: dict[str, Any] = {"url": lab.http_url, "headers": dict(_NAMED)}
    if lab.settings.basic_auth:
        user = next(iter(lab.settings.accounts))
        job["auth"] = {"basic": {"user": user, "password_file": "password"}}
    return job


def _https(lab: Lab) -> dict[str, Any]:
    return {
        **_http(lab),
        "url": lab.https_url,
        "ca": lab.certificates.ca.name,
        "cert": lab.certificates.client.cert.name,
        "key": lab.certificates.client.key.name,
    }


def _sftp(lab: Lab) -> dict[str, Any]:
    return {
        "url": lab.sftp_url,
        "key": lab.keys.user.name,
        "known_hosts": "known_hosts",
        "remote_name": "{uuid}_{filename}",  # as the lab's databases need it
    }

"""Find the files that a job reads: no output may overwrite them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ..config.secret_file import FileSecret

_PATHS = ("files", "cert", "key", "certificate", "ca", "known_hosts", "password_file")


def input_files(job: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the key and the path of each file that a job with this checked data reads."""
    yield from _files(job)
    if job["rate"].file:
        yield "rate.replay", job["rate"].file
    if jump := job.get("jump"):
        for key, path in _files(jump._asdict()):
            yield f"jump.{key}", path
    if (auth := job.get("auth")) and auth.secret.path:
        yield "auth", auth.secret.path


def _files(keys: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in _PATHS:
        path = _path(keys.get(key))
        if path is not None:
            yield key, path
            if key == "key":
                yield "certificate", f"{path}-cert.pub"  # of SSH, if it is there


def _path(value: Any) -> Optional[str]:
    if isinstance(value, FileSecret):
        return value.path
    return value if isinstance(value, str) else None

"""Files out of published archives, fetched once and then kept in a cache."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fthg-tests"


def published(name: str, member: str, fetch: Callable[[str], Sequence[str]]) -> Path:
    """Return a file that is a member of an archive, which a command fetches into a directory.

    Where it cannot be fetched the test is skipped; under CI it fails.
    """
    path = _CACHE / name
    if not path.exists():
        content = _member(member, fetch)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f"{name}.{os.getpid()}")
        beside.write_bytes(content)
        beside.replace(path)
    return path


def _member(member: str, fetch: Callable[[str], Sequence[str]]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        found = subprocess.run(fetch(folder), capture_output=True, timeout=100, check=False)
        if found.returncode:
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(
                f"{member} could not be fetched: {found.stderr.decode()[-300:]}"
            )
        (archive,) = Path(folder).iterdir()
        content = archive.read_bytes()
    with tarfile.open(fileobj=io.BytesIO(content)) as files:
        file = files.extractfile(member)
        assert file
        return file.read()

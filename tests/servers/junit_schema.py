"""The public schema of JUnit XML, and xmllint, which validates a document against it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import pytest

from . import need

_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fthg-tests"
_RELEASE = "8.3.4"  # of pytest, whose source has the schema that its own tests use
_MEMBER = f"pytest-{_RELEASE}/testing/example_scripts/junit-10.xsd"


def complaints(document: str) -> str:
    """Return what xmllint finds wrong with a document; nothing if it is valid."""
    command = [need("xmllint"), "--nonet", "--noout", "--schema", str(_schema()), "-"]
    found = subprocess.run(
        command, input=document.encode(), capture_output=True, timeout=30, check=False
    )
    return found.stderr.decode() if found.returncode else ""


def _schema() -> Path:
    """Return junit-10.xsd (MIT licence, Gregory Boissinot), from PyPI once, then from a cache."""
    path = _CACHE / "junit-10.xsd"
    if not path.exists():
        _fetch(path)
    return path


def _fetch(path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = ["--no-deps", "--no-binary", "pytest", f"pytest=={_RELEASE}"]
        found = subprocess.run(
            [sys.executable, "-m", "pip", "download", "-qq", "-d", folder, *source],
            capture_output=True,
            timeout=100,
            check=False,
        )
        if found.returncode:
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(
                f"pip could not fetch the source of pytest: {found.stderr.decode()[-300:]}"
            )
        archive = next(Path(folder).glob("*.tar.gz")).read_bytes()
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        schema = files.extractfile(_MEMBER)
        assert schema
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f"{path.name}.{os.getpid()}")
        beside.write_bytes(schema.read())
        beside.replace(path)

"""The public schema of JUnit XML, and xmllint, which validates a document against it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from . import need
from .published import published

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
    """Return junit-10.xsd (MIT licence, Gregory Boissinot), from PyPI."""
    source = ["--no-deps", "--no-binary", "pytest", f"pytest=={_RELEASE}"]
    pip = [sys.executable, "-m", "pip", "download", "-qq", *source]
    return published("junit-10.xsd", _MEMBER, lambda folder: [*pip, "-d", folder])

"""Servers of Debian packages that are unpacked, not installed, as they would start services."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NamedTuple

from . import missing

_ROOT = Path(__file__).parents[2] / ".venv/debian"
"""The directory into which fetch_debian.sh unpacks them."""


class Unpacked(NamedTuple):
    """A program, the root directory of its files, and the environment that it needs."""

    program: str
    root: Path
    environment: dict[str, str]


def unpacked(name: str, path: str) -> Unpacked:
    """Return a program of these servers, or that of the system; without it skip the test."""
    if (_ROOT / path).is_file():
        libraries = sorted({str(found.parent) for found in _ROOT.glob("**/*.so.*")})
        own = {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries)}
        return Unpacked(str(_ROOT / path), _ROOT, own)
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    return Unpacked(found or missing(name, on_rhel=False), Path("/"), dict(os.environ))

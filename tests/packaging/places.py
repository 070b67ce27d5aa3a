"""Paths of the files of the packages."""

from __future__ import annotations

from pathlib import Path

TREE = Path(__file__).parents[2]
RPM = TREE / "packaging" / "rpm"

"""`python -m man DIRECTORY`: write fthg.1 and fthg.yaml.5 there."""

from __future__ import annotations

import sys
from pathlib import Path

from fthg.patch import patch

patch()

from .pages import command, configuration  # noqa: E402


def main(directory: str) -> None:
    """Write both pages to a directory."""
    into = Path(directory)
    into.mkdir(parents=True, exist_ok=True)
    (into / "fthg.1").write_text(command(), encoding="utf-8")
    (into / "fthg.yaml.5").write_text(configuration(), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The annotated sample configurations, as they are installed."""

from __future__ import annotations

import sys
from pathlib import Path

FULL = "full"
KINDS = ("minimal", "http", "sftp", "track", FULL)
"""What a sample is about; `full` has every key."""

_SCHEMA = "share/fthg/fthg.schema.json"
_INSTALLED = f"file:///usr/{_SCHEMA}"


def sample(kind: str) -> str:
    """Return a sample; its first line names the schema, for the language server of editors."""
    here = Path(__file__).parent.parent
    installed, in_tree = here / "etc", here.parent / "etc"
    home = installed if installed.exists() else in_tree
    name = "jobs" if kind == FULL else kind
    text = (home / f"{name}.yaml").read_text(encoding="utf-8")
    own = Path(sys.prefix, _SCHEMA)
    return text.replace(_INSTALLED, own.as_uri(), 1) if own.exists() else text

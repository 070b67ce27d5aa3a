"""The rights that some events need; each function returns why one is missing, or nothing."""

from __future__ import annotations

import subprocess
from functools import cache

from tests.servers import need


@cache
def nothing_to_mount() -> str:
    """Check the right to mount, as root in a mount namespace."""
    return _refusal("--mount")


@cache
def no_namespace() -> str:
    """Check the right to create a network namespace with interfaces."""
    need("ip")
    return _refusal("--net", "--mount")


def _refusal(*kinds: str) -> str:
    tried = subprocess.run(
        [need("unshare"), *kinds, "true"],
        check=False,
        stderr=subprocess.PIPE,
        text=True,
        timeout=30,
    )
    return "" if tried.returncode == 0 else f"it needs root: {tried.stderr.strip()}"

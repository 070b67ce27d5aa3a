"""What must be allowed here for some events; each function says why it is not, or nothing."""

from __future__ import annotations

import subprocess
from functools import cache

from tests.servers import need


@cache
def nothing_to_mount() -> str:
    """Mounting, as root in a mount namespace."""
    return _refusal("--mount")


@cache
def no_namespace() -> str:
    """A network namespace, with interfaces of its own."""
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

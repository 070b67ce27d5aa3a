"""Sample files to send."""

from __future__ import annotations

import math
import os
import random

_KINDS = (("order", "csv"), ("invoice", "pdf"), ("stock", "xml"), ("scan", "tif"))


def make_samples(directory: str, count: int, seed: int = 1) -> int:
    """Write `count` files of 1 to 256 KiB, mostly small ones; return their total size."""
    chance = random.Random(seed)  # noqa: S311 - for content, not for secrets
    total = 0
    os.makedirs(directory, exist_ok=True)
    for number in range(1, count + 1):
        kind, suffix = _KINDS[number % len(_KINDS)]
        size = int(math.exp(chance.uniform(math.log(1 << 10), math.log(1 << 18))))
        with open(os.path.join(directory, f"{kind}-{number:04d}.{suffix}"), "wb") as file:
            file.write(chance.getrandbits(8 * size).to_bytes(size, "big"))
        total += size
    return total

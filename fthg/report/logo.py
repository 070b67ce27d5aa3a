"""The logo, embedded in the page."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Optional

from ..errors import StartError

LARGEST = 512 * 1024

_KINDS = {"image/png": (b"\x89PNG\r\n\x1a\n",), "image/jpeg": (b"\xff\xd8\xff",)}


def data_uri(path: str) -> str:
    """Return the image as a `data:` URI.

    Raises StartError if it cannot be read, is no PNG, JPEG or SVG, or is larger than LARGEST.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise StartError(f"logo {path} cannot be read: {error.strerror}") from None
    if len(content) > LARGEST:
        raise StartError(f"logo {path} is larger than {LARGEST // 1024} KiB; use a smaller image")
    kind = _kind(content)
    if kind is None:
        raise StartError(f"logo {path} is no PNG, JPEG or SVG image")
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _kind(content: bytes) -> Optional[str]:
    for kind, starts in _KINDS.items():
        if content.startswith(starts):
            return kind
    # The page shows it in <img>, where scripts in it cannot run.
    return "image/svg+xml" if b"<svg" in content[:4096] else None

"""A WSGI application that stores uploads at /store/NAME, and at /early/NAME does not read them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Optional

_PIECE = 1 << 16


def _allowed(authorization: str) -> bool:
    """Return True if it bears one of the tokens that are taken now."""
    tokens = os.environ.get("TOKENS")
    lines = Path(tokens).read_text().split() if tokens else []
    return not tokens or authorization in {f"Bearer {line}" for line in lines}


def application(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Answer one request."""
    _, way, name = environ["PATH_INFO"].split("/")
    if not _allowed(environ.get("HTTP_AUTHORIZATION", "")):
        start_response("401 Unauthorized", [("WWW-Authenticate", "Bearer")])
        return []
    if way == "store" and not _store(environ, Path(os.environ["STORE"]), name):
        start_response("400 Bad Request", [("Content-Length", "0")])
        return []
    start_response("200 OK", [("Content-Length", "7")])
    return [b"thanks\n"]


def _store(environ: dict[str, Any], directory: Path, name: str) -> bool:
    """Read the body; return True if it is complete and stored.

    Of one in chunks gunicorn gives an end only once the last one has come.
    """
    part, length = directory / f".{name}", environ.get("CONTENT_LENGTH")
    left = None if length is None else int(length)
    with part.open("wb") as file:
        while left != 0 and (piece := environ["wsgi.input"].read(_most(left))):
            file.write(piece)
            left = None if left is None else left - len(piece)
    if not left:
        part.replace(directory / name)
    return not left


def _most(left: Optional[int]) -> int:
    return _PIECE if left is None else min(_PIECE, left)

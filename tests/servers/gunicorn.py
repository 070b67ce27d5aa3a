"""gunicorn on loopback, with an application that stores uploads."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Optional

from . import free_port
from .web_store import WebStore, listening

_APPLICATION = "tests.servers.programs.wsgi_store:application"


@contextlib.contextmanager
def running(home: Path, *options: str, tokens: Optional[Path] = None) -> Iterator[WebStore]:
    """Run it for the length of a block; `url`/store/NAME is its honest way.

    With `tokens` it takes only requests that bear one of the lines of this file.
    """
    port, files = free_port(), home / "files"
    files.mkdir()
    command = [
        *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"),
        *("--worker-class", "gthread", "--threads", "16", "--keep-alive", "60"),
        *(*options, _APPLICATION),
    ]
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "STORE": str(files), "HOME": str(home)}  # its control socket
    environment.update({"TOKENS": str(tokens)} if tokens else {})
    with listening(command, port, home / "output", env=environment, cwd=root):
        yield WebStore(f"http://127.0.0.1:{port}", files)

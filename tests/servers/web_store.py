"""HTTP servers that store uploads: nginx, Apache, lighttpd, Node and gunicorn, of one shape."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Optional

from . import ending, wait_until_it_listens
from .inventory import Inventory, inventory

PROGRAMS = Path(__file__).with_name("programs")
"""The directory of the servers' own programs: scripts of Node, WSGI, CGI and asyncssh."""


class WebStore(NamedTuple):
    """A running server: PUT to `url`/NAME stores NAME in `files`."""

    url: str  # without a trailing slash
    files: Path
    requests: Optional[Path] = None  # a JSON line for each request, of servers that write it

    def inventory(self) -> Inventory:
        """Return the files that arrived completely."""
        return inventory(self.files)

    def heard(self) -> Sequence[dict[str, Any]]:
        """Return method, path and headers of each ended request."""
        assert self.requests is not None
        text = self.requests.read_text() if self.requests.exists() else ""
        return [json.loads(line) for line in text.splitlines()]


@contextlib.contextmanager
def listening(command: Sequence[str], port: int, log: Path, **more: Any) -> Iterator[None]:
    """Run a server for the length of a block; its output goes to the log."""
    with log.open("w") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, **more)
    with ending(process):
        wait_until_it_listens(process, port, log)
        yield

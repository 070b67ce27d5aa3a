"""Real MariaDB servers in temporary directories, each on a free loopback port."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fthg.lab.mariadb import Server

from . import need
from .sql import ACCOUNTS, PASSWORD, SCHEMA, USER, Administered

__all__ = ["PASSWORD", "SCHEMA", "USER", "MariaDB", "mariadb"]


class MariaDB(Administered, Server):
    """One running server; `fthg` may only SELECT, `root` is for the test itself."""

    def __init__(self, directory: Path, *options: str) -> None:
        self.general_log = directory / "general.log"
        super().__init__(
            str(directory),
            f"--general-log-file={self.general_log}",
            "--default-time-zone=-07:00",  # reveals code that relies on the server's zone
            *options,
            statements=ACCOUNTS,
        )


@contextmanager
def mariadb(*options: str) -> Iterator[MariaDB]:
    """Run a server for the length of a block."""
    need("mariadbd")
    need("mariadb-install-db")
    # Not pytest's tmp_path: the path of a Unix socket must be short.
    directory = Path(tempfile.mkdtemp(prefix="fthg-db-"))
    try:
        server = MariaDB(directory, *options)
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)

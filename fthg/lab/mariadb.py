"""MariaDB servers in temporary directories, on free ports of 127.0.0.1.

Standard library only: the demonstration, which is not patched by gevent, imports this module.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from typing import Optional

from .ports import HOST, free_port, listens

_SEARCHED = ":/usr/sbin:/sbin:/usr/libexec"  # RHEL has mariadbd in the last
_START_TIMEOUT = 30  # seconds
_STOP_TIMEOUT = 30
# A minimal system cannot look up its own name.
_INSTALL_OPTIONS = ("--skip-test-db", "--force", "--innodb-doublewrite=0")


def program(name: str) -> Optional[str]:
    """Return the path of one of MariaDB's programs; None if it is not installed."""
    return shutil.which(name, path=os.environ.get("PATH", "") + _SEARCHED)


def missing() -> Optional[str]:
    """Return how to install MariaDB; None if it is installed."""
    if all(map(program, ("mariadbd", "mariadb-install-db", "my_print_defaults"))):
        return None
    return (
        "MariaDB is not installed; apt install mariadb-server-core mariadb-client-core (Debian) "
        "or dnf install mariadb-server (RHEL) brings it"
    )


class Server:
    """One server, fast and without durability; OSError says why it cannot be started."""

    def __init__(self, directory: str, *options: str, statements: Sequence[str] = ()) -> None:
        """Create the system tables; `statements` run at each start, `options` are mariadbd's."""
        server, install = program("mariadbd"), program("mariadb-install-db")
        if not (server and install):
            raise OSError(missing())
        self.directory = directory
        self.port = free_port()
        self.socket = os.path.join(directory, "sock")
        self.log = os.path.join(directory, "log")
        # A server that starts removes the temporary tables of all others in a shared directory.
        self._environment = {**os.environ, "TMPDIR": directory}
        self._program = server
        self._options = options
        self._process: Optional[subprocess.Popen[bytes]] = None
        self._install(install)
        with open(self._init_file, "w", encoding="utf-8") as file:
            file.writelines(f"{statement};\n" for statement in statements)

    def start(self) -> None:
        """Start it, and return once it accepts connections."""
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - programs and options are our own
                [self._program, *self._common, *self._server_options, *self._options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,  # Ctrl-C is for the caller, which stops it
            )
        deadline = time.monotonic() + _START_TIMEOUT
        while not listens(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                with open(self.log, encoding="utf-8", errors="replace") as lines:
                    raise OSError(f"mariadbd did not start: {lines.read()[-2000:]}")
            time.sleep(0.05)

    def stop(self, number: int = signal.SIGKILL) -> None:
        """End it; by default at once, as its data is not needed again."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(_STOP_TIMEOUT)
            self._process = None

    def signal(self, number: int) -> None:
        """Send it a signal: SIGSTOP makes it hang, SIGCONT lets it go on."""
        assert self._process is not None  # noqa: S101 - only a running server is signalled
        self._process.send_signal(number)

    def _install(self, install: str) -> None:
        made = subprocess.run(  # noqa: S603 - programs and options are our own
            [install, *self._common, *_INSTALL_OPTIONS],
            capture_output=True,
            check=False,
            env=self._environment,
            start_new_session=True,
        )
        if made.returncode:
            output = (made.stdout + made.stderr).decode(errors="replace").strip()
            raise OSError(f"{install} failed: {output}")

    @property
    def _init_file(self) -> str:
        return os.path.join(self.directory, "init.sql")

    @property
    def _common(self) -> Sequence[str]:
        user = ["--user=root"] if os.geteuid() == 0 else []
        fast = ["--innodb-flush-log-at-trx-commit=0", "--innodb-log-file-size=16M"]
        return ["--no-defaults", f"--datadir={self.directory}/data", *fast, *user]

    @property
    def _server_options(self) -> Sequence[str]:
        return [
            f"--init-file={self._init_file}",
            f"--socket={self.socket}",
            f"--pid-file={self.directory}/pid",
            f"--port={self.port}",
            f"--bind-address={HOST}",
            "--skip-name-resolve",
            "--innodb-flush-method=nosync",
            "--innodb-buffer-pool-size=64M",
        ]

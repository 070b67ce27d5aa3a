"""Squid on loopback: an HTTP proxy with basic authentication, which tunnels by CONNECT."""

from __future__ import annotations

import contextlib
import getpass
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from . import free_port, missing, need
from .unpacked import unpacked
from .web_store import listening

# As root it serves as nobody, who must be able to reach its files.
_CONFIG = """
http_port 127.0.0.1:{port}
visible_hostname localhost
{user}
pid_filename {home}/pid
cache deny all
cache_log {home}/cache.log
access_log none
netdb_filename none
pinger_enable off
mime_table {root}/usr/share/squid/mime.conf
icon_directory {root}/usr/share/squid/icons
error_directory {root}/usr/share/squid-langpack/templates
err_page_stylesheet none
unlinkd_program {root}/usr/lib/squid/unlinkd
coredump_dir {home}
shutdown_lifetime 0 seconds
auth_param basic program {root}/usr/lib/squid/basic_ncsa_auth {home}/passwords
auth_param basic children 1 startup=1
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
"""


@contextlib.contextmanager
def running(user: str, password: str) -> Iterator[str]:
    """Run one for the length of a block, which asks for this user; yield HOST:PORT."""
    found, port = unpacked("squid", "usr/sbin/squid"), free_port()
    with tempfile.TemporaryDirectory(prefix="fthg-squid-") as directory:
        home = Path(directory)
        home.chmod(0o777)
        (home / "passwords").write_text(f"{user}:{_hashed(password)}\n")
        root = "" if found.root == Path("/") else found.root
        own = "cache_effective_user nobody" if getpass.getuser() == "root" else ""
        if own and not _open_to_all(found.root):
            missing(
                f"a Squid that user nobody can reach, unlike that in {found.root},", on_rhel=False
            )
        config = home / "squid.conf"
        config.write_text(_CONFIG.format(port=port, home=home, root=root, user=own))
        command = [found.program, "-N", "-n", f"fthg{port}", "-f", str(config)]
        with listening(command, port, home / "output", env=found.environment):
            yield f"127.0.0.1:{port}"


def _open_to_all(directory: Path) -> bool:
    return all(each.stat().st_mode & 0o001 for each in (directory, *directory.parents))


def _hashed(password: str) -> str:
    command = [need("openssl"), "passwd", "-apr1", "-stdin"]
    done = subprocess.run(
        command, input=password.encode(), stdout=subprocess.PIPE, check=True, timeout=30
    )
    return done.stdout.decode().strip()

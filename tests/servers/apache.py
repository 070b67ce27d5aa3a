"""Apache httpd on loopback, which stores uploads by mod_dav."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import free_port, missing, need
from .certificates import Pair
from .web_store import WebStore, listening

_MODULES = "/usr/lib/apache2/modules", "/usr/lib64/httpd/modules"
_LOADED = "mpm_event", "unixd", "authz_core", "dav", "dav_fs", "alias"
_BUILT_IN = {"unixd", "log_config"}  # in Debian's program

# As root it serves as nobody.
_CONFIG = """
ServerRoot {home}
ServerName localhost
PidFile {home}/pid
ErrorLog {home}/error.log
Listen 127.0.0.1:{port}
{loads}
User #65534
Group #65534
StartServers 1
MaxKeepAliveRequests 0
DavLockDB {home}/files/.locks
DocumentRoot {home}/files
<Directory {home}/files>
  Dav On
  Require all granted
</Directory>
"""


@contextlib.contextmanager
def running(*lines: str, modules: Sequence[str] = ()) -> Iterator[WebStore]:
    """Run it with more lines of configuration; its files are where nobody can read them."""
    program, port = need("apache2", on_rhel=False), free_port()
    with tempfile.TemporaryDirectory(prefix="fthg-apache-") as directory:
        home = Path(directory)
        home.chmod(0o755)
        (home / "files").mkdir()
        (home / "files").chmod(0o777)
        loads = "\n".join(map(_load, (*_LOADED, *modules)))
        config = home / "httpd.conf"
        config.write_text(
            "\n".join([_CONFIG.format(home=home, port=port, loads=loads), *lines, ""])
        )
        command = [program, "-D", "FOREGROUND", "-f", str(config)]
        with listening(command, port, home / "output"):
            yield WebStore(f"http://127.0.0.1:{port}", home / "files")


def over_tls(port: int, certificate: Pair, *lines: str) -> str:
    """Return the lines of one more server, which has the same files; it needs the module ssl."""
    own = f"SSLCertificateFile {certificate.cert}", f"SSLCertificateKeyFile {certificate.key}"
    host = (f"<VirtualHost 127.0.0.1:{port}>", "SSLEngine on", *own, *lines, "</VirtualHost>")
    return "\n".join([f"Listen 127.0.0.1:{port}", *host])


def _load(name: str) -> str:
    """Return the line that loads a module; without it skip the test, but fail under CI."""
    paths = [f"{directory}/mod_{name}.so" for directory in _MODULES]
    found = next((path for path in paths if os.path.exists(path)), None)
    if found is None and name in _BUILT_IN:
        return ""
    return f"LoadModule {name}_module {found or missing(f'mod_{name}', on_rhel=False)}"

"""lighttpd on loopback, which reads a whole body before a CGI script stores it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from . import free_port, need
from .web_store import PROGRAMS, WebStore, listening

_CONFIG = """
server.modules = ( "mod_setenv", "mod_alias", "mod_cgi" )
server.document-root = "{home}"
server.bind = "127.0.0.1"
server.port = {port}
server.errorlog = "{home}/error.log"
server.upload-dirs = ( "{home}" )
server.max-keep-alive-requests = 10000
setenv.set-environment = ( "STORE" => "{home}/files" )
alias.url = ( "/put" => "{script}" )
cgi.assign = ( ".sh" => "/bin/sh" )
"""


@contextlib.contextmanager
def running(home: Path, *lines: str) -> Iterator[WebStore]:
    """Run it with more lines of configuration for the length of a block."""
    program, port = need("lighttpd", on_rhel=False), free_port()
    (home / "files").mkdir()
    config = home / "lighttpd.conf"
    text = _CONFIG.format(home=home, port=port, script=PROGRAMS / "put.sh")
    config.write_text("\n".join([text, *lines, ""]))
    with listening([program, "-D", "-f", str(config)], port, home / "output"):
        yield WebStore(f"http://127.0.0.1:{port}/put", home / "files")

"""Apache of the matrix, which takes the most kinds of requests."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.servers import apache, free_port

from . import web
from .identity import Identity
from .place import PASSWORD, USER, Places, below, over_tls

_MODULES = "ssl", "setenvif", "authn_core", "authn_file", "authz_user", "auth_basic", "auth_digest"
_GUARDED = """
<Location {path}>
  AuthType {kind}
  AuthName matrix
  Auth{kind}Provider file
  AuthUserFile {users}
  Require valid-user
</Location>
"""
_OLD = 'SetEnvIf Request_URI "^/2/" downgrade-1.0 force-response-1.0 nokeepalive'


@contextlib.contextmanager
def running_apache(_: Path, identity: Identity) -> Iterator[Places]:
    """Run Apache: one server is plain, the others are for the requirements of TLS."""
    ports = {name: free_port() for name in _tls_lines(identity)}
    servers = [
        apache.over_tls(ports[name], identity.server, *lines)
        for name, lines in _tls_lines(identity).items()
    ]
    with tempfile.TemporaryDirectory(prefix="fthg-users-") as users:
        guards = _guards(Path(users), identity)
        with apache.running(*guards, _OLD, *servers, modules=_MODULES) as store:
            places = below(store, web.BASIC, web.DIGEST_MD5, web.OLD, web.NONE)
            plain = places[web.NONE]
            places.update({name: over_tls(plain, port) for name, port in ports.items()})
            places[web.PKCS12] = places[web.PEM]
            places[web.ONE_PATH_LARGE] = places[web.ONE_PATH_13]
            places[web.CHUNKED] = places[web.CONTINUE] = plain
            yield places


def _guards(users: Path, identity: Identity) -> list[str]:
    """Write the files of users, which it reads as nobody; return the lines that name them."""
    users.chmod(0o755)
    basic, digest = users / "basic", users / "digest"
    basic.write_text(f"{USER}:{identity.hashed(PASSWORD)}\n")
    digest.write_text(identity.digest_line(USER, "matrix", PASSWORD))
    return [
        _GUARDED.format(path="/0/", kind="Basic", users=basic),
        _GUARDED.format(path="/1/", kind="Digest", users=digest),
    ]


def _tls_lines(identity: Identity) -> dict[str, list[str]]:
    """Return request → the lines of the server in TLS that asks for it."""
    asking = [f"SSLCACertificateFile {identity.ca}"]
    one_path = [*asking, "<Location /3/>", "SSLVerifyClient require", "</Location>"]
    return {
        web.PEM: [*asking, "SSLVerifyClient require"],
        web.ONE_PATH_12: [*one_path, "SSLProtocol TLSv1.2"],
        web.ONE_PATH_13: [*one_path, "SSLProtocol TLSv1.3"],
        web.TLS_12: ["SSLProtocol TLSv1.2"],
        web.TLS_13: ["SSLProtocol TLSv1.3"],
    }

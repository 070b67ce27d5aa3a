"""Starts the HTTP servers of the matrix; each is asked for all of its cells."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Callable

from tests.servers import free_port, gunicorn, lighttpd, node
from tests.servers.nginx import NginxProcess, tls_lines

from . import web
from .apache_places import running_apache
from .identity import Identity
from .place import PASSWORD, TOKEN, USER, Place, Places

_NGINX = """
    server {{
        listen 127.0.0.1:{port} {ssl};
        {tls}
        root {home}/files;
        dav_methods PUT;
        create_full_put_path on;
        location /basic/ {{ auth_basic "matrix"; auth_basic_user_file {home}/passwords; }}
        location /bearer/ {{ if ($http_authorization != "Bearer {token}") {{ return 401; }} }}
        location / {{ }}
    }}
"""


@contextlib.contextmanager
def nginx(home: Path, identity: Identity) -> Iterator[Places]:
    """Run nginx: one server is plain, the others are for the requirements of TLS."""
    own = tls_lines(identity.server)
    asking = f"ssl_client_certificate {identity.ca}; ssl_verify_client on;"
    tls = {
        "": "",
        web.PEM: f"{own} {asking}",
        web.TLS_12: f"{own} ssl_protocols TLSv1.2;",
        web.TLS_13: f"{own} ssl_protocols TLSv1.3;",
    }
    ports = {name: free_port() for name in tls}
    blocks = [
        _NGINX.format(
            port=ports[name], ssl="ssl" if lines else "", tls=lines, home=home, token=TOKEN
        )
        for name, lines in tls.items()
    ]
    (home / "files").mkdir()
    (home / "files").chmod(0o777)
    (home / "passwords").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
    process = NginxProcess(home, ports[""], level="info")
    try:
        process.start("\n".join(blocks))
        places = {
            name: Place(f"https://localhost:{port}/x", home / "files/x")
            for name, port in ports.items()
        }
        url = f"http://127.0.0.1:{ports['']}"
        for name, directory in ((web.BASIC, "basic"), (web.BEARER, "bearer"), (web.NONE, "x")):
            places[name] = Place(f"{url}/{directory}", home / "files" / directory)
        places[web.PKCS12] = places[web.PEM]
        places[web.CHUNKED] = places[web.CONTINUE] = places[web.NONE]
        yield places
    finally:
        process.stop()


@contextlib.contextmanager
def running_lighttpd(home: Path, _: Identity) -> Iterator[Places]:
    """Run lighttpd, whose CGI script stores all in one directory."""
    users = home / "users"
    users.write_text(f"{USER}:{PASSWORD}\n")
    guards = {
        "basic": '"method" => "basic"',
        "md5": '"method" => "digest", "algorithm" => "MD5"',
        "sha256": '"method" => "digest", "algorithm" => "SHA-256"',
    }
    rules = ", ".join(
        f'"/put/{name}/" => ( {words}, "realm" => "matrix", "require" => "valid-user" )'
        for name, words in guards.items()
    )
    lines = (
        'server.modules += ( "mod_auth", "mod_authn_file" )',
        'auth.backend = "plain"',
        f'auth.backend.plain.userfile = "{users}"',
        f"auth.require = ( {rules} )",
    )
    with lighttpd.running(home, *lines) as store:
        named = {
            web.BASIC: "basic", web.DIGEST_MD5: "md5", web.DIGEST_SHA256: "sha256",
            web.NONE: "x", web.CHUNKED: "x", web.CONTINUE: "x",
        }  # fmt: skip
        yield {name: Place(f"{store.url}/{path}", store.files) for name, path in named.items()}


@contextlib.contextmanager
def running_node(home: Path, identity: Identity) -> Iterator[Places]:
    """Run two servers of Node, of which one wants a token."""
    (home / "open").mkdir()
    (home / "guarded").mkdir()
    with (
        node.http_store(home / "open") as free,
        node.http_store(home / "guarded", identity.tokens) as guarded,
    ):
        open_to_all = Place(f"{free.url}/store", free.files)
        wanting = Place(f"{guarded.url}/store", guarded.files)
        yield {
            **dict.fromkeys((web.NONE, web.CHUNKED, web.CONTINUE), open_to_all),
            **dict.fromkeys((web.BEARER, web.OAUTH2), wanting),
        }


@contextlib.contextmanager
def running_gunicorn(home: Path, identity: Identity) -> Iterator[Places]:
    """Run two servers of gunicorn: one wants a token, the other a client's certificate."""
    (home / "guarded").mkdir()
    (home / "tls").mkdir()
    cert, key = identity.server
    options = ("--certfile", str(cert), "--keyfile", str(key), "--ca-certs", str(identity.ca),
               "--cert-reqs", "2")  # fmt: skip
    (home / "open").mkdir()
    with contextlib.ExitStack() as stack:
        free = stack.enter_context(gunicorn.running(home / "open"))
        guarded = stack.enter_context(gunicorn.running(home / "guarded", tokens=identity.tokens))
        tls = stack.enter_context(gunicorn.running(home / "tls", *options))
        wanting = Place(f"{guarded.url}/store", guarded.files)
        port = tls.url.rpartition(":")[2]
        asking = Place(f"https://localhost:{port}/store", tls.files)
        yield {
            **dict.fromkeys(
                (web.NONE, web.CHUNKED, web.CONTINUE), Place(f"{free.url}/store", free.files)
            ),
            **dict.fromkeys((web.BEARER, web.OAUTH2), wanting),
            **dict.fromkeys((web.PEM, web.PKCS12), asking),
        }


Start = Callable[[Path, Identity], contextlib.AbstractContextManager[Places]]

STARTS: Mapping[str, Start] = {
    "nginx": nginx,
    "Apache": running_apache,
    "lighttpd": running_lighttpd,
    "Node": running_node,
    "gunicorn": running_gunicorn,
}

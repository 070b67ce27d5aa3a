"""The configuration keys of HTTP jobs, and the options that they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

import requests

from ...config import values as common
from ...config.schema import key
from ..endpoint import Endpoint
from ..options import Options
from ..proxy import parse_proxy, proxy
from . import values
from .auth.authorization import Auth
from .auth.values import auth
from .form import Multipart
from .redirects import normal_url
from .regular import Regular
from .tls.expiries import expiries
from .tls.pem import has_private_key, is_der, read_pem

KEYS: Mapping[Any, Any] = {
    key("method", "request method", "POST"): values.method,
    key(
        "headers", "request headers; values take placeholders; a list: a line each", dict
    ): values.headers,
    key(
        "content_type", "type of the files; default: by their suffixes, application/octet-stream"
    ): values.content_type,
    key(
        "body", "raw: the file itself; or {multipart: {field: file, filename: …, …}}", "raw"
    ): values.body,
    key("expect", "statuses that count as success: 200,201,300-399", "200-299"): values.expect,
    key(
        "expect_body", "regular expression that must be found in the answer's first 64 KiB"
    ): values.regular,
    key(
        "expect_headers",
        "{X-Status: '^accepted'}: what must be found in the answer's headers",
        dict,
    ): values.regular_headers,
    key("chunked", "send chunks of unannounced length", "false"): common.boolean,
    key(
        "expect_continue", "wait up to 1 s for 100 Continue before the body", "false"
    ): common.boolean,
    key(
        "auth",
        "{basic: {user, password_file}}, digest with the same, {bearer: {token_file}} or "
        "{oauth2: {token_url, client_id, client_secret_file, scope, audience}}",
        secret=True,
    ): auth,
    key("cert", "client certificate, PEM or PKCS#12"): common.input_path,
    key("key", "its private key, if not in the same file"): common.input_path,
    key("passphrase", "of an encrypted key", secret=True): common.text,
    key(
        "ca", "CA certificates to trust, file or directory; default: the system's"
    ): common.input_path,
    key("verify", "check the server's certificate", "true"): common.boolean,
    key("resume", "resume TLS sessions; false: a full handshake each time", "true"): common.boolean,
    key("proxy", "proxy to connect through: http://, https://, socks5:// or socks5h://"): proxy,
    key(
        "idle_timeout",
        "how long a kept connection may be idle and still be used again; default: 4s, or what the "
        "server says",
    ): common.duration,
    key("follow_redirects", "go where a 3xx leads", "false"): common.boolean,
    key("trust_env", "use the environment's proxies and ~/.netrc", "false"): common.boolean,
}
"""Key → reader: the keys of an HTTP job beside those that every job has."""


@dataclass(frozen=True)
class HttpOptions(Options):
    """The options of an HTTP job."""

    method: str = "POST"
    headers: values.Headers = field(default_factory=dict, repr=False)
    content_type: Optional[str] = None  # None: by the file's name
    body: Optional[Multipart] = field(default=None, repr=False)  # None: the file itself
    expect: frozenset[int] = frozenset(range(200, 300))
    expect_body: Optional[Regular] = None
    expect_headers: Mapping[str, Regular] = field(default_factory=dict)
    chunked: bool = False
    expect_continue: bool = False
    auth: Optional[Auth] = None
    cert: Optional[str] = None
    key: Optional[str] = None
    passphrase: Optional[str] = field(default=None, repr=False)
    ca: Optional[str] = None
    verify: bool = True
    resume: bool = True  # False: a full TLS handshake for each connection
    proxy: Optional[str] = field(default=None, repr=False)
    idle_timeout: Optional[float] = None  # how long a connection may be idle; None: see IdleTime
    follow_redirects: bool = False
    trust_env: bool = False

    @property
    def way(self) -> str:
        """The proxy that the job names, in words."""
        return f"via {parse_proxy(self.proxy).shown}" if self.proxy else ""

    def warnings(self) -> Iterable[str]:
        """Yield a warning if certificates are not verified."""
        if not self.verify and (self.server.scheme == "https" or self.follow_redirects):
            yield "certificates are not verified: anyone may pose as the server (verify: true)"

    def expiries(self, now: int, until: Optional[int]) -> Iterable[str]:
        """Yield a warning for each certificate that is not valid for all that time."""
        return expiries(self.ca, self.cert, self.passphrase, now, until)

    def destination(self, host: str, port: int) -> Endpoint:
        """Return where to connect for this host, in the form that DNS and TLS use, and port."""
        if self.connect_to is not None:
            server = normal_url(self.server)
            if (host, port) == (server.host, server.port):
                return self.connect_to
        return Endpoint(host, port)

    def conflicts(self) -> Iterable[tuple[str, str]]:
        """Yield (key, reason) for keys that are each right but do not go together."""
        try:
            server = self.server
            requests.Request("POST", f"{server.scheme}://{server.authority}/").prepare()
        except requests.RequestException:
            yield "url", "the server's name holds characters that no name can have"
            return
        except ValueError as error:
            yield "url", str(error)
            return
        names = {name.lower() for name in self.headers}
        yield from self._credential_conflicts(names, server.user is not None)
        yield from self._type_conflicts("content-type" in names)
        yield from self._certificate_conflicts()
        if self.idle_timeout is not None and not self.reuse:
            yield "idle_timeout", "it has no effect: reuse: false keeps no connection"

    def _type_conflicts(self, in_headers: bool) -> Iterable[tuple[str, str]]:
        if self.body is not None:
            own = "a multipart body has a Content-Type of its own"
            if in_headers:
                yield "headers", f"{own}: leave it out here"
            if self.content_type is not None:
                yield "content_type", f"{own}: {{multipart: {{content_type: …}}}} is the file's"
        elif in_headers and self.content_type is not None:
            yield "content_type", "headers has a Content-Type: one of them is enough"

    def _credential_conflicts(
        self, names: set[str], user_in_url: bool
    ) -> Iterable[tuple[str, str]]:
        sources = {
            "auth": self.auth is not None,
            "a user in the URL": user_in_url,
            "an Authorization header": "authorization" in names,
        }
        given = [source for source, used in sources.items() if used]
        if len(given) > 1:
            yield ("auth" if self.auth else "url"), f"{' and '.join(given)}: choose one"

    def _certificate_conflicts(self) -> Iterable[tuple[str, str]]:
        if self.key and not self.cert:
            yield "key", "a key is of no use without its certificate: give `cert`, too"
        if self.cert and not self.key and not _may_hold_key(self.cert):
            yield "cert", f"{self.cert} holds no private key: give `key`, too"
        if self.passphrase and not (self.cert or self.key):
            yield "passphrase", "there is no key that it could open: give `cert` and `key`"


def _may_hold_key(path: str) -> bool:
    """Return False if the file holds no private key for sure; an unreadable one stops the start."""
    try:
        content = read_pem(path)
        return has_private_key(content) or is_der(content)
    except OSError:
        return True

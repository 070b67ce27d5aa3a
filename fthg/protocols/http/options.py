"""The configuration keys of HTTP jobs, and which of them do not go together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Optional, Union
from urllib.parse import urlsplit

import requests
import voluptuous as vol

from ...config import values
from ...config.schema import key
from ...placeholders import Template
from ..base import Options
from . import tls
from .form import Multipart
from .request import Authorization, place

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_STATUS = re.compile(r"([1-5][0-9]{2})(?:\s*-\s*([1-5][0-9]{2}))?")
_OURS = {
    "content-length": "it is always the body's length",
    "transfer-encoding": "bodies are always sent with Content-Length",
    "connection": "use `reuse`",
}


def method(value: Any) -> str:
    """An HTTP method, in capitals as the standard ones are."""
    word = values.filled(value).strip()
    if not _TOKEN.fullmatch(word) or word.upper() == "CONNECT":
        raise vol.Invalid(f"{word!r} is not a method; write POST, PUT or the like")
    return word.upper()


def headers(value: Any) -> Mapping[str, Template]:
    """Header names and values with placeholders, none that would break the request."""
    read: dict[str, Template] = dict(values.mapping_of(_header_value)(value))
    seen: set[str] = set()
    faults = [fault for name in read if (fault := _name_fault(name, seen))]
    if faults:
        raise vol.MultipleInvalid(faults)
    return {str(name): template for name, template in read.items()}


def _header_value(value: Any) -> Template:
    template: Template = values.template(value)
    if _CONTROL.search(template.text):
        raise vol.Invalid("a header cannot hold line ends or other control characters")
    return template


def _name_fault(name: str, seen: set[str]) -> Optional[vol.Invalid]:
    low = name.lower()
    if not _TOKEN.fullmatch(name):
        return vol.Invalid(f"{name!r} is not a header's name", [name])
    if low in _OURS:
        return vol.Invalid(f"fthg sets {name} itself: {_OURS[low]}", [name])
    if low in seen:
        return vol.Invalid(f"{name} is given twice: header names do not mind case", [name])
    seen.add(low)
    return None


def body(value: Any) -> Union[str, Multipart]:
    """`raw`, or how to make a form: `{multipart: {field: file, fields: {…}}}`."""
    if isinstance(value, Mapping):
        read: Mapping[str, Multipart] = vol.Schema({vol.Required("multipart"): _multipart})(value)
        return read["multipart"]
    word = values.one_of("raw", "multipart")(value)
    return Multipart() if word == "multipart" else word


def _multipart(value: Any) -> Multipart:
    if not isinstance(value, Mapping):
        raise vol.Invalid("a mapping is wanted here: {field: file, fields: {…}}")
    fields = values.mapping_of(values.template)
    return Multipart(**vol.Schema({"field": values.filled, "fields": fields})(value))


def expect(value: Any) -> frozenset[int]:
    """Statuses that count as success: `200-299`, `200,201,300-399`, or a list of such."""
    statuses: set[int] = set()
    for text in values.list_of(values.filled)(value):
        for part in text.split(","):
            match = _STATUS.fullmatch(part.strip())
            last = int(match.group(2) or match.group(1)) if match else 0
            if match is None or last < int(match.group(1)):
                raise vol.Invalid(f"{part.strip()!r} is no status; write 200-299 or 200,201,204")
            statuses.update(range(int(match.group(1)), last + 1))
    return frozenset(statuses)


def auth(value: Any) -> Authorization:
    """`{basic: {user, password | password_file}}` or `{bearer: TOKEN | {token_file}}`."""
    hint = "write {basic: {user: …, password_file: …}} or {bearer: {token_file: …}}"
    if not isinstance(value, Mapping) or len(value) != 1:
        raise vol.Invalid(hint)
    read: Mapping[str, Authorization] = vol.Schema({"basic": _basic, "bearer": _bearer})(value)
    return next(iter(read.values()))


def _basic(value: Any) -> Authorization:
    if not isinstance(value, Mapping):
        raise vol.Invalid("a mapping is wanted here: {user: …, password_file: …}")
    keys = {
        vol.Required("user"): values.filled,
        vol.Exclusive("password", "secret"): values.text,
        vol.Exclusive("password_file", "secret"): values.secret_file,
    }
    read = vol.Schema(keys)(value)
    secret = read.get("password", read.get("password_file"))
    if secret is None:
        raise vol.Invalid("a password is missing: give `password_file`, or `password`")
    if ":" in read["user"]:
        raise vol.Invalid("a user name with a colon cannot be sent by basic authentication")
    return Authorization.basic(read["user"], secret)


def _bearer(value: Any) -> Authorization:
    token: str
    if isinstance(value, Mapping):
        token = vol.Schema({vol.Required("token_file"): values.secret_file})(value)["token_file"]
    else:
        token = values.filled(value)
    if not re.fullmatch(r"[\x21-\x7e]+", token.strip()):
        raise vol.Invalid("a token is one word of ASCII characters")
    return Authorization.bearer(token.strip())


def proxy(value: Any) -> str:
    """The URL of an HTTP proxy."""
    url = values.filled(value).strip()
    url = url if "://" in url else f"http://{url}"
    if _CONTROL.search(url):
        raise vol.Invalid("a URL cannot hold line ends or other control characters")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise vol.Invalid("this is no proxy; write http://proxy.example.com:3128")
    return url


KEYS: Mapping[Any, Any] = {
    vol.Optional("method", default="POST", description="request method"): method,
    vol.Optional(
        "headers", default=dict, description="request headers; values take placeholders"
    ): headers,
    vol.Optional(
        "body",
        default="raw",
        description="raw: the file itself; or {multipart: {field: file, fields: {…}}}",
    ): body,
    vol.Optional(
        "expect", default="200-299", description="statuses that count as success: 200,201,300-399"
    ): expect,
    key("auth", "{basic: {user, password_file}} or {bearer: {token_file}}", secret=True): auth,
    vol.Optional("cert", description="client certificate, PEM"): values.input_path,
    vol.Optional("key", description="its private key, if not in the same file"): values.input_path,
    key("passphrase", "of an encrypted key", secret=True): values.text,
    vol.Optional(
        "ca", description="CA certificates to trust, file or directory; default: the system's"
    ): (values.input_path),
    vol.Optional("verify", default="true", description="check the server's certificate"): (
        values.boolean
    ),
    vol.Optional("proxy", description="HTTP proxy: http://proxy.example.com:3128"): proxy,
    vol.Optional("follow_redirects", default="false", description="go where a 3xx leads"): (
        values.boolean
    ),
    vol.Optional(
        "trust_env", default="false", description="use the environment's proxies and ~/.netrc"
    ): values.boolean,
}
"""Key → reader: what an HTTP job may say beside what every job may."""


def faults(options: Options) -> Iterable[tuple[str, str]]:
    """(key, reason) for keys that are each right but do not go together."""
    names = {name.lower() for name in options["headers"]}
    try:
        where = place(options["url"].text)
        requests.Request("POST", where.root).prepare()
    except requests.RequestException:
        yield "url", "the server's name holds characters that no name can have"
        return
    except ValueError as error:
        yield "url", str(error)
        return
    ways = {
        "auth": options.get("auth") is not None,
        "a user in the URL": where.user_info is not None,
        "an Authorization header": "authorization" in names,
    }
    given = [way for way, used in ways.items() if used]
    if len(given) > 1:
        yield ("auth" if ways["auth"] else "url"), f"{' and '.join(given)}: choose one"
    if isinstance(options["body"], Multipart) and "content-type" in names:
        yield "headers", "a multipart body has a Content-Type of its own: leave it out here"
    yield from _certificate_faults(options)


def _certificate_faults(options: Options) -> Iterable[tuple[str, str]]:
    cert, key = options.get("cert"), options.get("key")
    if key and not cert:
        yield "key", "a key is of no use without its certificate: give `cert`, too"
    if cert and not key and _readable(cert) and not tls.holds_key(cert):
        yield "cert", f"{cert} holds no private key: give `key`, too"
    if options.get("passphrase") and not (cert or key):
        yield "passphrase", "there is no key that it could open: give `cert` and `key`"


def _readable(path: str) -> bool:
    try:
        with open(path, "rb"):
            return True
    except OSError:
        return False

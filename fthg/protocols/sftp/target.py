"""Where a file goes: sftp://[user[:password]@]host[:port]/dir, and the name it gets there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, Optional
from urllib.parse import quote, unquote, unquote_to_bytes

from ...errors import TransferError
from ...placeholders import FROM_FILE, PLACEHOLDERS, Template
from ...transfer import Transfer

SCHEME = "sftp://"

Untrusted = Mapping[str, Callable[[Transfer], str]]


class Place(NamedTuple):
    """What stands in the URL before the directory."""

    host: str
    port: int
    user: Optional[str]
    password: Optional[str]


def place(url: Template) -> Place:
    """The server and who logs in there; ValueError says what is wrong with the URL."""
    authority = _split(url)[0]
    info, _, address = authority.rpartition("@")
    user, colon, password = info.partition(":")
    host, port = _host_and_port(address)
    return Place(host, port, unquote(user) or None, unquote(password) if colon else None)


def _split(url: Template) -> tuple[str, str]:
    if not url.text.lower().startswith(SCHEME):
        raise ValueError(f"it must begin with {SCHEME}")
    authority, slash, path = url.text[len(SCHEME) :].partition("/")
    return authority, slash + path


def _host_and_port(address: str) -> tuple[str, int]:
    if address.startswith("["):
        host, bracket, port = address[1:].partition("]")
        if not bracket or (port and not port.startswith(":")):
            raise ValueError("an IPv6 address is written as [2001:db8::1]:22")
        port = port[1:]
    else:
        host, _, port = address.partition(":")
    if "{" in address:
        raise ValueError("placeholders may stand only in its path")
    if not host:
        raise ValueError("it names no host")
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"{port!r} is no port; there are 1 to 65535")
    return unquote(host), int(port or 22)


class Naming:
    """Gives each transfer its remote path, in bytes as the file's name has them on disk."""

    def __init__(self, url: Template, remote_name: Template) -> None:
        path = _split(url)[1]
        # As with curl: /~/ is the directory after login, all else is absolute.
        self._directory = Template(path[3:] if path.startswith("/~/") or path == "/~" else path)
        self._name = remote_name
        self._fixed = self._render_directory(None) if self._directory.constant else None
        self._untrusted = _untrusted(remote_name)
        self._untrusted_above = _untrusted(self._directory)

    def path(self, transfer: Transfer) -> bytes:
        """The remote path; TransferError of kind name if a file's name would lead elsewhere."""
        directory = self._fixed
        if directory is None:
            _check(self._untrusted_above, transfer)
            directory = self._render_directory(transfer)
        _check(self._untrusted, transfer)
        name = self._name.render(transfer).encode("utf-8", "surrogateescape")
        path = name if name.startswith(b"/") else directory + name
        if b"\0" in path or not name or name.endswith(b"/"):
            raise TransferError("name", f"no file can have the remote name {name!r}")
        # A step that the configuration does not hold itself comes out of a file's name.
        for step in name.split(b"/"):
            if step in (b".", b"..") and step.decode() not in self._name.text.split("/"):
                raise TransferError("name", f"the remote name {name!r} would leave its directory")
        return path

    def _render_directory(self, transfer: Optional[Transfer]) -> bytes:
        if transfer is None:
            text = self._directory.text.replace("{{", "{").replace("}}", "}")
        else:
            # Only what stands in the URL is percent-encoded, the values are not.
            text = self._directory.render(transfer, _quote)
        directory = unquote_to_bytes(text)
        return directory + b"/" if directory and not directory.endswith(b"/") else directory


def _quote(value: str) -> str:
    return quote(value, safe="", errors="surrogateescape")


def _untrusted(template: Template) -> Untrusted:
    """What a file's name puts into it; only {path} may bring a directory with it."""
    names = template.names & (FROM_FILE - {"path"})
    return {name: PLACEHOLDERS[name] for name in names}


def _check(untrusted: Untrusted, transfer: Transfer) -> None:
    for name, value_of in untrusted.items():
        value = value_of(transfer)
        if "/" in value or "\0" in value or value in (".", ".."):
            raise TransferError("name", f"{{{name}}} is {value!r}, which cannot be a remote name")

"""Makes the remote path of each transfer from the job's URL and `remote_name`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Optional
from urllib.parse import quote, unquote_to_bytes

from ...errors import TransferError
from ...placeholders import FROM_CONTENT, FROM_FILE, PLACEHOLDERS, Template
from ...transfer import Transfer

Untrusted = Mapping[str, Callable[[Transfer], str]]
"""Placeholders that take their value from a file's name → how to get it."""


class RemotePaths:
    """Makes remote paths, as bytes: a file's name goes as it is on disk."""

    def __init__(self, url_path: str, remote_name: Template) -> None:
        """Prepare the paths; `url_path` is percent-encoded and may hold placeholders."""
        # As with curl: /~/ is the directory after login, all else is absolute.
        below_home = url_path.startswith("/~/") or url_path == "/~"
        self._directory = Template(url_path[3:] if below_home else url_path)
        self._name = remote_name
        self.show_content = bool(FROM_CONTENT & (self._directory.names | remote_name.names))
        """True if a placeholder needs the content: its transfer must be described."""
        self._fixed = self._render_directory(None) if self._directory.constant else None
        self._untrusted_in_name = _untrusted(remote_name)
        self._untrusted_in_directory = _untrusted(self._directory)

    def path(self, transfer: Transfer) -> bytes:
        """Return the remote path; TransferError (name) if a file's name would lead elsewhere."""
        directory = self._fixed
        if directory is None:
            _check(self._untrusted_in_directory, transfer)
            directory = self._render_directory(transfer)
        _check(self._untrusted_in_name, transfer)
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
            # Only the URL's own text is percent-encoded, the values are not.
            text = self._directory.render(transfer, _quote)
        directory = unquote_to_bytes(text)
        return directory + b"/" if directory and not directory.endswith(b"/") else directory


def _quote(value: str) -> str:
    return quote(value, safe="", errors="surrogateescape")


def _untrusted(template: Template) -> Untrusted:
    """Return the placeholders of a file's name that may hold no slash; {path} may."""
    names = template.names & (FROM_FILE - {"path"})
    return {name: PLACEHOLDERS[name] for name in names}


def _check(untrusted: Untrusted, transfer: Transfer) -> None:
    for name, value_of in untrusted.items():
        value = value_of(transfer)
        if "/" in value or "\0" in value or value in (".", ".."):
            raise TransferError("name", f"{{{name}}} is {value!r}, which cannot be a remote name")

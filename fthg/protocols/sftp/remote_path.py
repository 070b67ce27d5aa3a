"""Makes the remote path of each transfer from the job's URL and `remote_name`."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from typing import NamedTuple, Optional
from urllib.parse import quote, unquote_to_bytes

from ...errors import TransferError
from ...placeholders import FROM_CONTENT, FROM_FILE, PLACEHOLDERS, Template
from ...transfer import Transfer

Untrusted = Mapping[str, Callable[[Transfer], str]]
"""Placeholders that take their value from a file's name → how to get it."""


class RemoteNames(NamedTuple):
    """The paths of one transfer at the server."""

    target: bytes
    part: bytes  # while it is written; that of the target, if no rename follows
    marker: Optional[bytes] = None  # of the empty file that is written after success


class RemotePaths:
    """Makes remote paths, as bytes: a file's name goes as it is on disk."""

    def __init__(
        self,
        url_path: str,
        remote_name: Template,
        temporary_name: Optional[Template] = None,
        marker: Optional[Template] = None,
    ) -> None:
        """Prepare the paths; `url_path` is percent-encoded and may hold placeholders.

        `temporary_name` and `marker` are relative to the directory of the file itself.
        """
        # As with curl: /~/ is the directory after login, all else is absolute.
        below_home = url_path.startswith("/~/") or url_path == "/~"
        self._directory = Template(url_path[3:] if below_home else url_path)
        self._fixed = self._render_directory(None) if self._directory.constant else None
        self._untrusted_in_directory = _untrusted(self._directory)
        self._name = _Name("remote_name", remote_name)
        self._part = temporary_name and _Name("temporary_name", temporary_name)
        self._marker = marker and _Name("marker", marker)
        templates = (self._directory, remote_name, temporary_name, marker)
        self.show_content = any(each and FROM_CONTENT & each.names for each in templates)
        """True if a placeholder needs the content: its transfer must be described."""

    def names(self, transfer: Transfer) -> RemoteNames:
        """Return the remote paths; TransferError (name) if a file's name would lead elsewhere."""
        directory = self._fixed
        if directory is None:
            _check(self._untrusted_in_directory, transfer)
            directory = self._render_directory(transfer)
        target = self._name.below(directory, transfer)
        if self._part is None and self._marker is None:
            return RemoteNames(target, target)
        beside = target[: target.rfind(b"/") + 1]
        part = self._part.below(beside, transfer) if self._part else target
        marker = self._marker.below(beside, transfer) if self._marker else None
        if self._part and _place(part) == _place(target):
            raise _same("temporary_name", part, "remote_name")
        if marker and (place := _place(marker)) in (_place(target), _place(part)):
            other = "remote_name" if place == _place(target) else "temporary_name"
            raise _same("marker", marker, other)
        return RemoteNames(target, part, marker)

    def _render_directory(self, transfer: Optional[Transfer]) -> bytes:
        if transfer is None:
            text = self._directory.text.replace("{{", "{").replace("}}", "}")
        else:
            # Only the URL's own text is percent-encoded, the values are not.
            text = self._directory.render(transfer, _quote)
        directory = unquote_to_bytes(text)
        return directory + b"/" if directory and not directory.endswith(b"/") else directory


class _Name:
    """A name that the configuration gives, out of which no value of a placeholder leads."""

    def __init__(self, key: str, template: Template) -> None:
        self._key = key.replace("_", " ")
        self._template = template
        self._untrusted = _untrusted(template)
        self._steps = template.text.split("/")

    def below(self, directory: bytes, transfer: Transfer) -> bytes:
        """Return the path of a transfer; an absolute name needs no directory."""
        _check(self._untrusted, transfer)
        name = self._template.render(transfer).encode("utf-8", "surrogateescape")
        path = name if name.startswith(b"/") else directory + name
        if b"\0" in path or not name or name.endswith(b"/"):
            raise TransferError("name", f"no file can have the {self._key} {name!r}")
        if b"/." in name or name.startswith(b"."):
            self._check_steps(name)
        return path

    def _check_steps(self, name: bytes) -> None:
        """Raise TransferError for a step that comes out of a file's name, not of the template."""
        for step in name.split(b"/"):
            if step in (b".", b"..") and step.decode() not in self._steps:
                reason = f"the {self._key} {name!r} would leave its directory"
                raise TransferError("name", reason)


def _place(path: bytes) -> bytes:
    """Return a path without detours: one of another spelling would overwrite the file."""
    if b"//" not in path and b"./" not in path:
        return path
    place = posixpath.normpath(path)
    return place[1:] if place.startswith(b"//") else place


def _same(key: str, path: bytes, other: str) -> TransferError:
    return TransferError("name", f"{key} and {other} are the same: {path!r}")


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

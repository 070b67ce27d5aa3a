"""Wraps a file as a part of a form: multipart/form-data (RFC 7578, escaped as browsers do)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import NamedTuple, Optional

from ...placeholders import Template
from ...transfer import Transfer

_ESCAPED = {ord('"'): "%22", ord("\r"): "%0D", ord("\n"): "%0A"}


class Multipart(NamedTuple):
    """The shape of a form: the name of the file's part, and the text fields before it."""

    field: str = "file"
    fields: Mapping[str, Template] = {}
    filename: Template = Template("{filename}")
    content_type: Optional[str] = None  # of the part; None: by the file's name


class Form:
    """The bytes before and after the file in the forms of one job."""

    def __init__(self, multipart: Multipart) -> None:
        self._multipart = multipart
        self._boundary = f"fthg-{uuid.uuid4().hex}"
        self.content_type = f"multipart/form-data; boundary={self._boundary}"
        self.after = f"\r\n--{self._boundary}--\r\n".encode()

    @property
    def names(self) -> set[str]:
        """The placeholders in it."""
        templates = (self._multipart.filename, *self._multipart.fields.values())
        return set[str]().union(*(template.names for template in templates))

    def before(self, transfer: Transfer, by_name: str) -> bytes:
        """Return all that comes before the file's first byte."""
        fields = self._multipart.fields.items()
        texts = (self._part(name) + f"\r\n{value.render(transfer)}\r\n" for name, value in fields)
        name = self._multipart.filename.render(transfer).translate(_ESCAPED)
        content_type = self._multipart.content_type or by_name
        part = self._part(self._multipart.field, f'; filename="{name}"')
        return _bytes("".join((*texts, part, f"Content-Type: {content_type}\r\n\r\n")))

    def _part(self, name: str, more: str = "") -> str:
        escaped = name.translate(_ESCAPED)
        line = f'Content-Disposition: form-data; name="{escaped}"{more}'
        return f"--{self._boundary}\r\n{line}\r\n"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")

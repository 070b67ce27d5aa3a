"""The value of `run.metrics`: an address to listen on, or a file (pure)."""

from __future__ import annotations

import re
from typing import Any, NamedTuple, Union

import voluptuous as vol

from ....config import values

_HOST = "127.0.0.1"  # whoever can reach the port can read the figures
_PORTS = range(1, 65_536)
_SUFFIX = ".prom"  # node_exporter reads no other files
_ADDRESS = re.compile(r"(?:(\[[0-9a-fA-F:.%]+\]|[^\s:/\[\]]+):)?([0-9]+)")


class Address(NamedTuple):
    """A host, as a name or number, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        """Return it as it is written, `[::1]:9464` for instance."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


Place = Union[Address, str]
"""An address, or the path of a file."""


def read_place(text: str) -> Place:
    """Return the address or the path that a text names; ValueError says what would be right."""
    if not text or text.endswith(_SUFFIX):
        return text
    match = _ADDRESS.fullmatch(text)
    if match is None:
        raise ValueError(_advice(text))
    host, port = match[1] or _HOST, int(match[2])
    if port not in _PORTS:
        raise ValueError(f"{port} is not a port that Prometheus can scrape; use 1 to 65535")
    return Address(host.strip("[]"), port)


def metrics_place(value: Any) -> str:
    """Read `[HOST:]PORT`, or the path of a file whose name ends in `.prom`."""
    text = values.output_path(value).strip()
    try:
        read_place(text)
    except ValueError as error:
        raise vol.Invalid(str(error)) from None
    return text


def _advice(text: str) -> str:
    if re.fullmatch(r":[0-9]+", text):
        port = text[1:]
        return f"{text!r} names no host; write {port} for {_HOST}, or 0.0.0.0{text} for all"
    if re.fullmatch(r"[0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9]+", text):
        host, _, port = text.rpartition(":")
        return f"{text!r}: an IPv6 address needs brackets; write [{host}]:{port}"
    if ":" not in text and not text.isdigit():
        return f"{text!r} is neither a port nor a file whose name ends in {_SUFFIX}"
    return f"{text!r} is not an address; write a port, HOST:PORT or FILE{_SUFFIX}"

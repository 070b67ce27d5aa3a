"""Addresses of syslog servers, and the facilities of RFC 5424."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from .. import urls

FACILITIES: Mapping[str, int] = MappingProxyType(
    {"user": 1, "daemon": 3, "auth": 4, "syslog": 5, "cron": 9, "authpriv": 10}
    | {f"local{number}": 16 + number for number in range(8)}
)
"""Facilities that a program may log under: name → number."""

_HINT = "write it as /dev/log, udp://host:514 or tcp://host:514"


class Address(NamedTuple):
    """A syslog server: a local socket's `path`, or `host` and `port` over `udp` or `tcp`."""

    scheme: str  # unix, udp or tcp
    path: str = ""
    host: str = ""
    port: int = 514

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read `/dev/log`, `udp://host:514` or `tcp://[::1]:514`; raises ValueError."""
        words = text.strip()
        if words.startswith("/"):
            return cls("unix", path=words)
        try:
            url = urls.parse(words)
        except ValueError as error:
            raise ValueError(f"this is not a syslog address: {error}; {_HINT}") from None
        if url.scheme not in ("udp", "tcp") or url.user is not None or url.rest.strip("/"):
            raise ValueError(f"this is not a syslog address; {_HINT}")
        return cls(url.scheme, host=url.host, port=url.port)

    @property
    def is_missing(self) -> bool:
        """True if it is a socket of this host that does not exist."""
        return self.scheme == "unix" and not os.path.exists(self.path)

    def __str__(self) -> str:
        if self.scheme == "unix":
            return self.path
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

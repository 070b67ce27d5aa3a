"""Log entry → message to a syslog server (pure but for host name and process id)."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

from ..text import iso_millis
from . import formats
from .address import FACILITIES
from .entry import LogEntry
from .journal import priority as severity
from .settings import SyslogSettings

_LONGEST = 8000  # bytes; rsyslog cuts at 8 KiB by default
_SHORTER = (1000, 100, 10)  # characters of a value, until the line fits


def encoder(settings: SyslogSettings) -> Callable[[LogEntry], bytes]:
    """Return the function that encodes an entry for this server.

    Local: `<PRI>fthg[pid]: message`; the receiver knows time and host. UDP: RFC 5424.
    TCP: RFC 5424 after the octet count of RFC 6587.
    """
    message = formats.as_json if settings.format == "json" else formats.untimed
    facility = FACILITIES[settings.facility] * 8
    host = socket.gethostname() or "-"

    def local(entry: LogEntry) -> bytes:
        head = f"<{facility + severity(entry.level)}>fthg[{os.getpid()}]: "
        return head.encode() + _fitting(entry, message)

    def remote(entry: LogEntry) -> bytes:
        priority, time = facility + severity(entry.level), iso_millis(entry.utc)
        head = f"<{priority}>1 {time} {host} fthg {os.getpid()} - - "
        return head.encode() + _fitting(entry, message)

    def counted(entry: LogEntry) -> bytes:
        line = remote(entry)
        return f"{len(line)} ".encode() + line

    return {"unix": local, "udp": remote, "tcp": counted}[settings.address.scheme]


def _fitting(entry: LogEntry, message: formats.Format) -> bytes:
    # Values are shortened, not the line, so that JSON stays JSON.
    data = message(entry).encode("utf-8", "backslashreplace")
    for limit in _SHORTER:
        if len(data) <= _LONGEST:
            break
        data = message(_shortened(entry, limit)).encode("utf-8", "backslashreplace")
    return data


def _shortened(entry: LogEntry, limit: int) -> LogEntry:
    return entry._replace(
        event=entry.event[:limit],
        fields={
            name: value[:limit] if isinstance(value, str) else value
            for name, value in entry.fields.items()
        },
        traceback=entry.traceback[-limit:],
    )

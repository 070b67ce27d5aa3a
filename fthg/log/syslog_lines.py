"""Told → what goes over the wire to a syslog server (pure but for host name and process id)."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable

from . import formats
from .address import FACILITIES
from .entry import Told
from .settings import SyslogSettings

_SEVERITIES = ((logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
_DEBUG = 7
_LONGEST = 8000  # bytes; rsyslog cuts at 8 KiB unless told otherwise
_SHORTER = (1000, 100, 10)  # characters of a value, until the line fits


def framing(settings: SyslogSettings) -> Callable[[Told], bytes]:
    """How a line looks on its way to this server.

    Local: `<PRI>fthg[pid]: message`; the receiver knows time and host. UDP: RFC 5424.
    TCP: RFC 5424 after the octet count of RFC 6587.
    """
    message = formats.as_json if settings.format == "json" else formats.untimed
    facility = FACILITIES[settings.facility] * 8
    host = socket.gethostname() or "-"

    def local(told: Told) -> bytes:
        head = f"<{facility + _severity(told.level)}>fthg[{os.getpid()}]: "
        return head.encode() + _fitting(told, message)

    def remote(told: Told) -> bytes:
        priority, time = facility + _severity(told.level), formats.utc(told.created)
        head = f"<{priority}>1 {time} {host} fthg {os.getpid()} - - "
        return head.encode() + _fitting(told, message)

    def counted(told: Told) -> bytes:
        line = remote(told)
        return f"{len(line)} ".encode() + line

    return {"unix": local, "udp": remote, "tcp": counted}[settings.address.scheme]


def _severity(level: int) -> int:
    return next((severity for least, severity in _SEVERITIES if level >= least), _DEBUG)


def _fitting(told: Told, message: formats.Format) -> bytes:
    # Values are shortened, not the line, so that JSON stays JSON.
    data = message(told).encode("utf-8", "backslashreplace")
    for limit in _SHORTER:
        if len(data) <= _LONGEST:
            break
        data = message(_shortened(told, limit)).encode("utf-8", "backslashreplace")
    return data


def _shortened(told: Told, limit: int) -> Told:
    return told._replace(
        event=told.event[:limit],
        fields={
            name: value[:limit] if isinstance(value, str) else value
            for name, value in told.fields.items()
        },
        traceback=told.traceback[-limit:],
    )

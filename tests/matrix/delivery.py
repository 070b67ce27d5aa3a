"""Sends a file as a job of fthg does, and checks whether it arrived."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import voluptuous as vol

from fthg.clock import Clock
from fthg.placeholders import Template
from fthg.protocols.base import Sender
from fthg.protocols.http import HttpSender
from fthg.protocols.http.options import HttpOptions
from fthg.protocols.options import make_options
from fthg.protocols.sftp import SftpSender
from fthg.protocols.sftp.options import SftpOptions
from fthg.transfer import Transfer
from tests.servers.inventory import stored

_COMMON: Mapping[str, Any] = {"job": "matrix", "timeout": 30.0, "connect_timeout": 20.0}


def send_by_sftp(url: str, file: Path, given: Mapping[str, Any]) -> None:
    """Send a file; raises TransferError or StartError."""
    checked = vol.Schema(SftpSender.keys)(dict(given))
    options = make_options(SftpOptions, checked, url=Template(url), **_COMMON)
    _send(SftpSender(options, Clock()), file)


def send_by_http(url: str, file: Path, given: Mapping[str, Any]) -> None:
    """Send a file; raises TransferError or StartError."""
    checked = vol.Schema(HttpSender.keys)(dict(given))
    options = make_options(HttpOptions, checked, url=Template(url), **_COMMON)
    _send(HttpSender(options, Clock()), file)


def arrived(directory: Path, name: str, file: Path) -> bool:
    """Return True if the server stored the file under this name, with all of its content."""
    there = directory / name
    return there.is_file() and stored(there) == stored(file)


def _send(sender: Sender, file: Path) -> None:
    size = file.stat().st_size
    transfer = Transfer("matrix", 0, str(uuid.uuid4()), str(file), file.name, size, time.time_ns())
    try:
        sender.send(transfer)
    finally:
        sender.close()

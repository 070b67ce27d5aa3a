"""Settings of the outputs; levels are numbers of the standard library, or TRACE."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Optional

from ..writing.terminal import Terminal
from .address import Address


@dataclass(frozen=True)
class ConsoleSettings:
    """Log lines on a terminal, which decides about colour and redraws a live view."""

    terminal: Terminal
    level: int = logging.WARNING
    format: str = "text"  # of formats.FORMATS
    journal: bool = False  # lines go to the journal: with priorities, and without the time


@dataclass(frozen=True)
class FileSettings:
    """Log lines appended to a file."""

    path: str
    level: int = logging.WARNING
    format: str = "text"  # of formats.FORMATS


@dataclass(frozen=True)
class SyslogSettings:
    """Log lines sent to syslog, on this host or another."""

    address: Address
    level: int = logging.WARNING
    format: str = "text"  # of formats.FORMATS
    facility: str = "user"  # of address.FACILITIES


@dataclass(frozen=True)
class LogSettings:
    """All outputs, None for those not in use, and the texts that are masked on each of them."""

    console: Optional[ConsoleSettings] = None
    file: Optional[FileSettings] = None
    syslog: Optional[SyslogSettings] = None
    run: str = ""  # the id that each JSON line names; empty: none
    secrets: Collection[str] = field(default=(), repr=False)

"""What is told where: frozen, complete, levels as numbers of the standard library (and TRACE)."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Optional

from rich.console import Console

from .address import Address


@dataclass(frozen=True)
class ConsoleSettings:
    """Lines for the one who watches; the Console knows about colour and keeps a live view whole."""

    console: Console
    level: int = logging.WARNING
    format: str = "text"  # of formats.FORMATS


@dataclass(frozen=True)
class FileSettings:
    """Lines appended to a file."""

    path: str
    level: int = logging.WARNING
    format: str = "text"  # of formats.FORMATS


@dataclass(frozen=True)
class SyslogSettings:
    """Lines for the system's log, here or on another host."""

    address: Address
    level: int = logging.WARNING
    format: str = "text"  # of formats.FORMATS
    facility: str = "user"  # of address.FACILITIES


@dataclass(frozen=True)
class LogSettings:
    """All outputs, None where there is none, and the texts that none of them may show."""

    console: Optional[ConsoleSettings] = None
    file: Optional[FileSettings] = None
    syslog: Optional[SyslogSettings] = None
    secrets: Collection[str] = field(default=(), repr=False)

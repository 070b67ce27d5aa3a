"""The configuration's `logging:` section: its keys, and what they make of the outputs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Optional

import voluptuous as vol
from rich.console import Console

from ..log import ConsoleSettings, FileSettings, LogSettings, SyslogSettings
from ..log.address import FACILITIES, Address
from ..log.events import LEVELS
from ..log.formats import FORMATS
from . import values
from .schema import key

_FORMAT = values.one_of(*FORMATS)
_LOCAL = "/dev/log"


def level(value: Any) -> str:
    """A level's name, in whatever case."""
    return str(values.one_of(*LEVELS)(values.text(value).strip().lower()))


def address(value: Any) -> Address:
    """Where syslog listens: `true` means this host's."""
    text = values.text(value)
    try:
        return Address.parse(_LOCAL if text.strip().lower() in values.TRUE else text)
    except ValueError as error:
        raise vol.Invalid(str(error)) from None


def _own(what: str) -> Mapping[Any, Any]:
    return {
        key("level", f"Level of {what} alone."): level,
        key("format", f"Format of {what} alone."): _FORMAT,
    }


FILE_KEYS: Mapping[Any, Any] = {
    vol.Required("path", description="File to append to."): values.output_path,
    **_own("the file"),
}
SYSLOG_KEYS: Mapping[Any, Any] = {
    vol.Optional(
        "address",
        default=_LOCAL,
        description="/dev/log, udp://host:514 or tcp://host:514.",
    ): address,
    vol.Optional(
        "facility", default="user", description="Facility to log under, such as daemon or local0."
    ): values.one_of(*FACILITIES),
    **_own("syslog"),
}


def _file(value: Any) -> Mapping[str, Any]:
    read: Mapping[str, Any] = vol.Schema(FILE_KEYS)(
        value if isinstance(value, dict) else {"path": value}
    )
    return read


def _syslog(value: Any) -> Optional[Mapping[str, Any]]:
    if not isinstance(value, dict):
        if values.text(value).strip().lower() in values.FALSE:
            return None
        value = {"address": value}
    read: Mapping[str, Any] = vol.Schema(SYSLOG_KEYS)(value)
    return read


LOGGING_KEYS: Mapping[Any, Any] = {
    vol.Optional(
        "level",
        default="warning",
        description="Least level that is told: error, warning, info (a line for each transfer), "
        "debug or trace; -v, -vv and -vvv overrule it.",
    ): level,
    vol.Optional(
        "file",
        description="File to append to; safe with logrotate, by SIGHUP or without. "
        "Or a mapping: path, and a level and format of its own.",
    ): _file,
    vol.Optional(
        "syslog",
        default="false",
        description="true (/dev/log), /dev/log, udp://host:514 or tcp://host:514. "
        "Or a mapping: address, facility (user), and a level and format of its own.",
    ): _syslog,
    vol.Optional(
        "format", default="text", description="text (key=value) or json (an object a line)."
    ): _FORMAT,
}


def log_settings(
    section: Mapping[str, Any],
    console: Console,
    secrets: Collection[str],
    console_level: Optional[int] = None,
) -> LogSettings:
    """The outputs of a section as LOGGING_KEYS has read it; `console_level` overrules its level."""
    file, syslog = section.get("file"), section.get("syslog")
    return LogSettings(
        ConsoleSettings(console, console_level or LEVELS[section["level"]], section["format"]),
        FileSettings(file["path"], **_both(file, section)) if file else None,
        SyslogSettings(syslog["address"], **_both(syslog, section), facility=syslog["facility"])
        if syslog
        else None,
        secrets,
    )


def _both(output: Mapping[str, Any], section: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "level": LEVELS[output.get("level", section["level"])],
        "format": output.get("format", section["format"]),
    }

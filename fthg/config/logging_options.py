"""The configuration's `logging:` section: its keys, and the settings of the outputs."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import Any, Optional

import voluptuous as vol

from ..log import ConsoleSettings, FileSettings, LogSettings, SyslogSettings
from ..log.address import FACILITIES, Address
from ..log.events import LEVELS
from ..log.formats import FORMATS
from ..log.journal import STDERR, is_journal
from ..writing.terminal import Terminal
from . import values
from .schema import Nested, Schema, key, required

_FORMAT = values.one_of(*FORMATS)
_LOCAL = "/dev/log"


def level(value: Any) -> str:
    """Read a level's name, in upper or lower case."""
    return str(values.one_of(*LEVELS)(values.text(value).strip().lower()))


def address(value: Any) -> Address:
    """Read the address of a syslog server: `true` is this host's."""
    text = values.text(value)
    try:
        return Address.parse(_LOCAL if text.strip().lower() in values.TRUE else text)
    except ValueError as error:
        raise vol.Invalid(str(error)) from None


def _own(output: str) -> Schema:
    return {
        key("level", f"Level of {output} alone."): level,
        key("format", f"Format of {output} alone."): _FORMAT,
    }


FILE_KEYS: Schema = {
    required("path", "File to append to."): values.output_path,
    **_own("the file"),
}
SYSLOG_KEYS: Schema = {
    key("address", "/dev/log, udp://host:514 or tcp://host:514.", _LOCAL): address,
    key("facility", "Facility to log under, such as daemon or local0.", "user"): (
        values.one_of(*FACILITIES)
    ),
    **_own("syslog"),
}


def _file(value: Any) -> Mapping[str, Any]:
    section = value if isinstance(value, dict) else {"path": value}
    read: Mapping[str, Any] = vol.Schema(FILE_KEYS)(section)
    return read


def _syslog(value: Any) -> Optional[Mapping[str, Any]]:
    if not isinstance(value, dict):
        if values.text(value).strip().lower() in values.FALSE:
            return None
        value = {"address": value}
    read: Mapping[str, Any] = vol.Schema(SYSLOG_KEYS)(value)
    return read


LOGGING_KEYS: Schema = {
    key(
        "level",
        "Least level that is logged: error, warning, info (a line for each transfer), "
        "debug or trace; -v, -vv and -vvv take precedence.",
        "warning",
    ): level,
    key(
        "file",
        "File to append to; safe with logrotate, by SIGHUP or without. "
        "Or a mapping: path, and a level and format of its own.",
    ): Nested(_file, FILE_KEYS),
    key(
        "syslog",
        "true (/dev/log), /dev/log, udp://host:514 or tcp://host:514. "
        "Or a mapping: address, facility (user), and a level and format of its own.",
        "false",
    ): Nested(_syslog, SYSLOG_KEYS),
    key("format", "text (key=value) or json (an object a line).", "text"): _FORMAT,
}


def log_settings(
    section: Mapping[str, Any],
    terminal: Terminal,
    secrets: Collection[str],
    console_level: Optional[int] = None,
) -> LogSettings:
    """Return the settings of a section that LOGGING_KEYS has read.

    `console_level` takes precedence over the section's level.
    """
    file, syslog = section.get("file"), section.get("syslog")
    return LogSettings(
        ConsoleSettings(
            terminal,
            console_level or LEVELS[section["level"]],
            section["format"],
            is_journal(os.environ, STDERR),
        ),
        FileSettings(file["path"], **_own_or(section, file)) if file else None,
        SyslogSettings(syslog["address"], **_own_or(section, syslog), facility=syslog["facility"])
        if syslog
        else None,
        secrets=secrets,
    )


def _own_or(section: Mapping[str, Any], output: Mapping[str, Any]) -> dict[str, Any]:
    """Return level and format of an output: its own, else the section's."""
    return {
        "level": LEVELS[output.get("level", section["level"])],
        "format": output.get("format", section["format"]),
    }

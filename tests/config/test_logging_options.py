from __future__ import annotations

import logging
from typing import Any

import pytest
import voluptuous as vol

from fthg.config.logging_options import LOGGING_KEYS, log_settings
from fthg.log import TRACE, FileSettings, LogSettings, SyslogSettings
from fthg.log.address import Address
from fthg.writing.terminal import standard_terminals


def read(console_level: int | None = None, **section: Any) -> LogSettings:
    keys = vol.Schema(dict(LOGGING_KEYS))(section)
    return log_settings(keys, standard_terminals("auto")[1], ["hunter2"], console_level)


def test_an_empty_section_means_warnings_on_the_console() -> None:
    settings = read()
    assert settings.console
    assert (settings.console.level, settings.console.format) == (logging.WARNING, "text")
    assert settings.file is None
    assert settings.syslog is None


def test_level_and_format_hold_for_outputs_without_their_own() -> None:
    settings = read(level="INFO", format="json", file="/x.log", syslog="true")
    assert settings.file == FileSettings("/x.log", logging.INFO, "json")
    assert settings.syslog == SyslogSettings(Address("unix", "/dev/log"), logging.INFO, "json")


def test_mappings_have_a_level_and_format_of_their_own() -> None:
    settings = read(
        level="info",
        file={"path": "/x.log", "level": "debug", "format": "json"},
        syslog={"address": "udp://h:515", "level": "error", "facility": "local0"},
    )
    assert settings.file == FileSettings("/x.log", logging.DEBUG, "json")
    address = Address("udp", host="h", port=515)
    assert settings.syslog == SyslogSettings(address, logging.ERROR, "text", "local0")


def test_verbosity_overrules_the_level_on_the_console_alone() -> None:
    settings = read(TRACE, level="info", file="/x.log")
    assert settings.console
    assert settings.file
    assert (settings.console.level, settings.file.level) == (TRACE, logging.INFO)


@pytest.mark.parametrize(
    ("section", "reason"),
    [
        ({"level": "loud"}, "'loud' is not one of error, warning, info, debug, trace"),
        ({"format": "xml"}, "'xml' is not one of text, json"),
        ({"syslog": "logs.example.com"}, "write it as /dev/log"),
        ({"syslog": {"facility": "mail0"}}, "'mail0' is not one of"),
        ({"file": {"level": "info"}}, "required key not provided"),
        ({"file": {"path": "x", "size": "1"}}, "extra keys not allowed"),
    ],
)
def test_an_error_says_what_would_be_right(section: dict[str, Any], reason: str) -> None:
    with pytest.raises(vol.MultipleInvalid, match=reason):
        read(**section)


def test_secrets_do_not_show_in_the_settings_themselves() -> None:
    assert "hunter2" not in repr(read())

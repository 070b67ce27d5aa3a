"""Option files of the MySQL client, such as ~/.my.cnf."""

from __future__ import annotations

import configparser
import re
from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from ..config import values
from .tls import MODES, Tls, checked

_LONGEST = 1024 * 1024  # characters of an option file; /dev/zero has no end

_ESCAPE = re.compile(r"""\\([btnrs\\'"])""")
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "r": "\r", "s": " "}
_NO = frozenset({"0", "off", "false"})


def option_file(value: Any) -> Mapping[str, str]:
    """Return the `[client]` section of a my.cnf file, with dashes in the names of options."""
    path = values.input_path(value)
    parser = configparser.RawConfigParser(
        allow_no_value=True, strict=False, delimiters=("=",), empty_lines_in_values=False
    )
    try:
        with open(path, encoding="utf-8") as file:
            # The client ignores spaces before a name; to the parser they continue a value.
            lines = [line.strip() for line in file.read(_LONGEST).split("\n")]
        parser.read_string("\n".join(line for line in lines if not line.startswith("!")))
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        reason = getattr(error, "strerror", None) or "it is not an option file"
        raise vol.Invalid(f"{path} cannot be read: {reason}") from None
    found = parser["client"] if parser.has_section("client") else {}
    options = {name.replace("_", "-"): _value(text or "") for name, text in found.items()}
    try:
        option_file_tls(options)
    except vol.Invalid as error:
        raise vol.Invalid(f"{path}: {error}") from None
    return options


def option_file_tls(options: Mapping[str, str]) -> Tls:
    """Return the encryption that the options of a file stand for, MySQL's or MariaDB's.

    vol.Invalid if ssl-mode is none of the modes, or leaves a certificate without effect.
    """
    ca, cert, key = (options.get(f"ssl-{name}") or None for name in ("ca", "cert", "key"))
    mode = options.get("ssl-mode", "").lower()
    if mode:
        if mode not in MODES:
            raise vol.Invalid(f"ssl-mode must be one of {', '.join(MODES).upper()}")
    elif "skip-ssl" in options or options.get("ssl", "1").lower() in _NO:
        mode = "disabled"
    elif ca or cert or _is_on(options, "ssl-verify-server-cert"):
        mode = "verify_identity"
    else:
        mode = "required" if "ssl" in options else "preferred"
    return checked(Tls(mode, ca, cert, key))


def _is_on(options: Mapping[str, str], name: str) -> bool:
    return name in options and options[name].lower() not in _NO


def _value(text: str) -> str:
    """Return a value as the client reads it: without comment, quotes and escapes."""
    text = text[: _end(text)].strip()
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), text)


def _end(text: str) -> int:
    """Return where a value ends: at a # outside of quotes."""
    quote, escaped = "", False
    for place, character in enumerate(text):
        if character == "#" and not quote:
            return place
        if character in "'\"" and not escaped and quote in ("", character):
            quote = "" if quote else character
        escaped = bool(quote) and character == "\\" and not escaped
    return len(text)

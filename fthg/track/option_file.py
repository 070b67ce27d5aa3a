"""Option files of the MySQL client, such as ~/.my.cnf."""

from __future__ import annotations

import configparser
from collections.abc import Mapping
from typing import Any, Optional

import voluptuous as vol

from ..config import values
from .tls import Tls

_LONGEST = 1024 * 1024  # characters of an option file; /dev/zero has no end


def option_file(value: Any) -> Mapping[str, str]:
    """Return the `[client]` section of a my.cnf file, with dashes in the names of options."""
    path = values.input_path(value)
    parser = configparser.RawConfigParser(allow_no_value=True, strict=False)
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read(_LONGEST).splitlines(keepends=True)
        parser.read_string("".join(line for line in lines if not line.startswith("!")))
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        reason = getattr(error, "strerror", None) or "it is not an option file"
        raise vol.Invalid(f"{path} cannot be read: {reason}") from None
    found = parser["client"] if parser.has_section("client") else {}
    return {name.replace("_", "-"): (text or "").strip("'\"") for name, text in found.items()}


def option_file_tls(options: Mapping[str, str]) -> Optional[Tls]:
    """Return the encryption that the options of a file stand for; None without certificates."""
    ca, cert, key = (options.get(f"ssl-{name}") or None for name in ("ca", "cert", "key"))
    return Tls(ca, cert, key) if ca or cert or key else None

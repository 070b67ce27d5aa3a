"""A job's URL: read, checked, and shown without its secrets."""

from __future__ import annotations

import re
from typing import Any, Optional
from urllib.parse import urlsplit, urlunsplit

import voluptuous as vol

from ..config import values
from ..config.secret_texts import masked
from ..placeholders import Template
from ..protocols import SENDERS
from ..urls import scheme_of

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def job_url(value: Any) -> Template:
    """A URL with placeholders after its host, of a protocol that there is a Sender for."""
    url: Template = values.template(value)
    reason = _fault(url.text)
    if reason:
        raise vol.Invalid(reason)
    return url


def _fault(url: str) -> Optional[str]:
    if _CONTROL.search(url):
        return "a URL cannot hold line ends or other control characters"
    if scheme_of(url) not in SENDERS:
        return f"{shown_url(url)!r} must begin with {', '.join(f'{name}://' for name in SENDERS)}"
    host = url.partition("://")[2].partition("/")[0]
    if "{" in host:
        return "placeholders may stand after the host only"
    if " " in host.rpartition("@")[2]:
        return "a server's name holds no spaces"
    return _server_fault(url)


def _server_fault(url: str) -> Optional[str]:
    try:
        parts = urlsplit(url)
        if not parts.hostname:
            return f"{shown_url(url)!r} names no host"
        return "port 0 cannot be called" if parts.port == 0 else None
    except ValueError:
        # What the error quotes may be a part of a password.
        return "this is not a URL; special characters in a password are written as %40 and the like"


def shown_url(url: str) -> str:
    """The URL without user, password and other secrets."""
    url = masked(url)
    try:
        parts = urlsplit(url)
    except ValueError:
        return url.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))

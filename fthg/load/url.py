"""A job's URL: read, checked, and shown without its secrets."""

from __future__ import annotations

from typing import Any, Optional

import voluptuous as vol

from ..config import values
from ..config.secret_texts import masked
from ..placeholders import Template
from ..protocols import SENDERS
from ..protocols.options import parse_job_url
from ..urls import scheme_of, without_user_info


def job_url(value: Any) -> Template:
    """Read a URL with placeholders after its host, of a protocol that there is a Sender for."""
    url: Template = values.template(value)
    reason = _error(url.text)
    if reason:
        raise vol.Invalid(reason)
    return url


def _error(url: str) -> Optional[str]:
    if scheme_of(url) not in SENDERS:
        return f"{shown_url(url)!r} must begin with {', '.join(f'{name}://' for name in SENDERS)}"
    try:
        parse_job_url(url)
    except ValueError as error:
        return str(error)
    return None


def shown_url(url: str) -> str:
    """Return the URL without user, password and other secrets."""
    return without_user_info(masked(url))

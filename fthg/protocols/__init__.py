"""The protocols by which files travel, each with one Sender, found by the scheme of a job's URL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .base import Sender
from .http import HttpSender
from .sftp import SftpSender

SENDERS: Mapping[str, type[Sender]] = {
    "http": HttpSender,
    "https": HttpSender,
    "sftp": SftpSender,
}
"""URL scheme → Sender."""

PROTOCOLS: Sequence[Sequence[str]] = [
    [scheme for scheme, sender in SENDERS.items() if sender is one]
    for one in dict.fromkeys(SENDERS.values())
]
"""The URL schemes of each protocol."""

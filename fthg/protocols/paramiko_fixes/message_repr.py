"""Makes large uploads four times faster with paramiko 2.12."""

from __future__ import annotations

import paramiko


def shorten_message_repr() -> None:
    """Give paramiko's Message a short repr.

    Release 2.12 formats the repr of each packet, payload and all, into an error that it swallows;
    without this, two thirds of the time of a large file go there. Later releases do not mind.
    """
    paramiko.Message.__repr__ = object.__repr__  # type: ignore[method-assign]

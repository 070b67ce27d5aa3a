"""Chooses how the requests of a job are authorized."""

from __future__ import annotations

from typing import Optional

from ....clock import Clock
from ..options import HttpOptions
from .authorization import Authorization, DigestLogin, OAuth2
from .credentials import Credentials, current_text
from .digest_exchange import DigestExchange
from .token_source import token_exchange


def make_credentials(options: HttpOptions, clock: Clock) -> Optional[Credentials]:
    """Return the credentials that sign each request; None for a fixed header, or none at all.

    Contacts no server. Raises StartError if certificates, keys or the proxy cannot be used.
    """
    auth = options.auth
    if isinstance(auth, DigestLogin):
        return DigestExchange(auth)
    if isinstance(auth, OAuth2):
        return token_exchange(options, auth, clock)
    return current_text(auth) if isinstance(auth, Authorization) else None

"""Says which `auth` a server would take, if it refuses the one that a job has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Optional

from ..answer import Answer
from ..outgoing import Request
from .authorization import Auth, Authorization, DigestLogin
from .challenges import parse_challenges

_KEYS: Mapping[str, str] = {
    "digest": "give auth: {digest: {user, password_file}}",
    "basic": "give auth: {basic: {user, password_file}}",
    "bearer": "give auth: {bearer: {token_file}} or {oauth2: …}",
}
"""Scheme of a challenge → remedy; the best first."""

_NEVER: Mapping[str, str] = {"negotiate": "Negotiate (Kerberos)", "ntlm": "NTLM"}

_SENT = re.compile(rb"\r\nauthorization:[ \t]*([a-z]+)", re.IGNORECASE)


def login_hint(request: Request, answer: Answer, auth: Optional[Auth]) -> str:
    """Return what to give in place of `auth`; nothing if the server takes its kind.

    A header, the URL or ~/.netrc may have given a login, too.
    """
    values = answer.head.values("WWW-Authenticate") if answer.head else []
    asked = {challenge.scheme for challenge in parse_challenges(values)}
    if asked & {_scheme(auth), _sent_scheme(request)}:
        return ""
    for scheme, remedy in _KEYS.items():
        if scheme in asked:
            return remedy
    never = [name for scheme, name in _NEVER.items() if scheme in asked]
    return f"fthg has no {' and no '.join(never)}" if never else ""


def _sent_scheme(request: Request) -> str:
    found = _SENT.search(request.head)
    return found.group(1).decode().lower() if found else ""


def _scheme(auth: Optional[Auth]) -> str:
    if auth is None:
        return ""
    if isinstance(auth, DigestLogin):
        return "digest"
    is_basic = isinstance(auth, Authorization) and auth.value.startswith("Basic ")
    return "basic" if is_basic else "bearer"

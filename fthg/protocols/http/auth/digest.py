"""Answers the challenges of digest authentication (RFC 7616, and RFC 2069 of servers without qop).

It touches no network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Optional
from urllib.parse import quote

from .challenges import Challenge, quoted

_ALGORITHMS: Mapping[str, str] = {
    "sha-512-256": "sha512_256",
    "sha-256": "sha256",
    "md5": "md5",
}
"""Name in a challenge → name of hashlib; the strongest first."""

_SESSION = "-sess"


class UnusableError(ValueError):
    """No challenge of a server can be answered; the text says why."""


class Digest:
    """A nonce of a server, and the values of Authorization that are made with it.

    `accepted` once the server has taken one of them.
    """

    def __init__(self, challenge: Challenge, user: str, cnonce: str) -> None:
        """Take a challenge that `strongest` has returned; `cnonce` is ours, never used before."""
        self._given = challenge.parameters
        self._user = user
        self._cnonce = cnonce
        self._name = self._given.get("algorithm", "MD5")
        self._count = 0
        self._qop = bool(self._given.get("qop"))
        self._key_of: Optional[str] = None  # the password that `_key` was made with
        self._key = ""
        self.nonce = self._given.get("nonce", "")
        self.accepted = False

    def renewed(self, nonce: str, cnonce: str) -> Digest:
        """Return the same with the server's next nonce."""
        given = {**self._given, "nonce": nonce}
        return Digest(Challenge("digest", given), self._user, cnonce)

    def value(self, method: str, target: str, password: str) -> str:
        """Return the value of Authorization for one more request."""
        self._count += 1
        count = f"{self._count:08x}"
        target_hash = self._hash(f"{method}:{target}")
        middle = f"{self.nonce}:{count}:{self._cnonce}:auth" if self._qop else self.nonce
        response = self._hash(f"{self._session_key(password)}:{middle}:{target_hash}")
        words = [
            *self._user_words(),
            f"realm={quoted(self._realm)}",
            f"nonce={quoted(self.nonce)}",
            f"uri={quoted(target)}",
            f'response="{response}"',
        ]
        if "algorithm" in self._given:
            words.append(f"algorithm={self._name}")
        if "opaque" in self._given:
            words.append(f"opaque={quoted(self._given['opaque'])}")
        if self._qop:
            words.append(f'qop=auth, nc={count}, cnonce="{self._cnonce}"')
        return "Digest " + ", ".join(words)

    @property
    def _realm(self) -> str:
        return self._given.get("realm", "")

    def _user_words(self) -> Iterable[str]:
        if self._given.get("userhash", "").lower() == "true":
            return (f'username="{self._hash(f"{self._user}:{self._realm}")}"', "userhash=true")
        if not self._user.isascii() and self._given.get("charset", "").upper() == "UTF-8":
            return (f"username*={_extended(self._user)}",)
        return (f"username={quoted(self._user)}",)

    def _session_key(self, password: str) -> str:
        if password != self._key_of:
            key = self._hash(f"{self._user}:{self._realm}:{password}")
            if self._name.lower().endswith(_SESSION):
                key = self._hash(f"{key}:{self.nonce}:{self._cnonce}")
            self._key, self._key_of = key, password
        return self._key

    def _hash(self, text: str) -> str:
        return _new(_base(self._name), text.encode("utf-8", "surrogateescape")).hexdigest()


def strongest(challenges: Iterable[Challenge]) -> Optional[Challenge]:
    """Return the challenge of the strongest algorithm; None if none is for digest authentication.

    Raises UnusableError if there are some, of which none can be answered.
    """
    ours = [each for each in challenges if each.scheme == "digest"]
    usable = [each for each in ours if not _defect(each)]
    if not usable:
        if ours:
            raise UnusableError(f"the server's digest authentication: {_defect(ours[0])}")
        return None
    strength = list(_ALGORITHMS)
    return min(usable, key=lambda each: strength.index(_base(_algorithm(each))))


def _defect(challenge: Challenge) -> str:
    """Return why a challenge cannot be answered, or nothing."""
    qop = challenge.parameters.get("qop")  # an empty one is none, to curl, too
    if not challenge.parameters.get("nonce"):
        return "its challenge has no nonce"
    if qop and "auth" not in [word.strip().lower() for word in qop.split(",")]:
        return f"it wants qop={qop}, and fthg has auth only"
    base = _base(_algorithm(challenge))
    if not qop and base != _algorithm(challenge).lower():
        return f"it wants {_algorithm(challenge)} without qop, which cannot be computed"
    if base not in _ALGORITHMS:
        return f"the algorithm {_algorithm(challenge)} is unknown; fthg has MD5 and SHA-256"
    try:
        _new(base, b"")
    except ValueError:
        return f"this host's OpenSSL has no {_algorithm(challenge)}"
    return ""


def _algorithm(challenge: Challenge) -> str:
    return challenge.parameters.get("algorithm", "MD5")


def _base(algorithm: str) -> str:
    name = algorithm.lower()
    return name.removesuffix(_SESSION)


def _new(base: str, data: bytes) -> hashlib._Hash:
    return hashlib.new(_ALGORITHMS[base], data, usedforsecurity=False)  # MD5 also in FIPS mode


def _extended(text: str) -> str:
    """Return a text beyond ASCII as RFC 8187 writes it."""
    return f"UTF-8''{quote(text, safe='')}"

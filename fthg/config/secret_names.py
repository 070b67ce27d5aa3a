"""Secret by its name: for whatever is not a key of a schema.

The schemas say which of their keys are secret (`key(…, secret=True)`). HTTP headers, form fields,
parameters of a URL, environment variables and misspelled keys stand in no schema.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import lru_cache

_SECRET = re.compile(
    r"(pass(word|wd|phrase)?|pwd|secret|token|jwt|bearer|auth|authorization|cookie|credential"
    r"|session([-_]?id)?|signature|sig"
    r"|(api|access|account|auth|private|secret|shared|storage|subscription|function)s?[-_]?key"
    r")s?$",
    re.IGNORECASE,
)
_NOT_SECRET = re.compile(r"_file$|^key$|^(?-i:signatures)$", re.IGNORECASE)  # key of algorithms
_WORDS = (
    "password", "passwd", "passphrase", "secret", "token", "bearer",
    "authorization", "cookie", "credential", "signature",
)  # fmt: skip
_MISSPELLED = 0.82  # similarity from which on a word is one of these with a mistake
_DECISIVE = 64  # characters at the end of a name, which may come from a server and be long
_PARAMETERS = ("key", "code")  # what some services call a token in a URL


def is_secret_name(name: str) -> bool:
    """Return whether the value of that name is a secret; a misspelled `pasword` counts, too."""
    return _ends_as_secret(name[-_DECISIVE:])


@lru_cache(maxsize=4096)
def _ends_as_secret(name: str) -> bool:
    if _NOT_SECRET.search(name):
        return False
    return bool(_SECRET.search(name)) or _is_misspelled(name)


def is_secret_parameter(name: str) -> bool:
    """Return whether a parameter of a URL holds a secret."""
    return is_secret_name(name) or name.lower() in _PARAMETERS


def _is_misspelled(name: str) -> bool:
    last = re.split(r"[^a-z]+", name.lower())[-1]
    return len(last) < 20 and bool(get_close_matches(last, _WORDS, 1, _MISSPELLED))

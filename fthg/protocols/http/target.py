"""Percent-encodes the target of a request: path and query, with placeholders (RFC 3986)."""

from __future__ import annotations

import re
from urllib.parse import quote

from ...placeholders import Template

_BRACES = re.compile(r"\{\{|\}\}|\{[^{}]*\}")
_ENCODED_BRACES = {"{{": "%7B", "}}": "%7D"}
_SAFE = "!$%&'()*+,/:;=?@[]~"


def target_template(text: str) -> Template:
    """Return the template of a target: its own text is encoded where it must be.

    Values of placeholders are left to `encode_value`.
    """
    parts: list[str] = []
    end = 0
    for token in _BRACES.finditer(text):
        parts.append(encode_literal(text[end : token.start()]))
        parts.append(_ENCODED_BRACES.get(token.group(), token.group()))
        end = token.end()
    parts.append(encode_literal(text[end:]))
    target = "".join(parts)
    return Template(target if target.startswith("/") else "/" + target)


def encode_value(value: str) -> str:
    """Return the value of a placeholder, percent-encoded byte by byte."""
    return quote(value.encode("utf-8", "surrogateescape"), safe="/~")


def encode_literal(text: str) -> str:
    """Return text that may be encoded already, with what must be encoded."""
    # A percent sign that begins no code stands for itself.
    text = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text)
    return quote(text.encode("utf-8", "surrogateescape"), safe=_SAFE)

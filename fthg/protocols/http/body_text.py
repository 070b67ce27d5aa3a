"""Finds the text in the body of an answer, however it is written: plain text, JSON, HTML."""

from __future__ import annotations

import codecs
import encodings
import html
import re
from collections.abc import Iterable, Iterator
from encodings.aliases import aliases

LIMIT = 250
"""Characters of the text at most: masks know cut secrets up to this length."""

_CHARSETS = frozenset(aliases) | frozenset(aliases.values())
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_META = 1024  # bytes of HTML in which it names its charset
_HTML = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!doctype\s+html|<html)", re.IGNORECASE)
_RUBBISH = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")
_RUBBISH_SHARE = 20  # one such character in so many makes a text a binary one
_HIDDEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|template|noscript)\b.*?(?:</\1\s*>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
# A name that is not looked at as a whole would be tried at each of its lengths, in quadratic time.
_TAG = re.compile(r"<(?:/?([a-z][a-z0-9]*)(?![a-z0-9])|[!?])[^<>]*>", re.IGNORECASE)
# No character has such a number, and Python refuses to read the longest ones.
_NO_CHARACTER = re.compile(r"&#(?:[0-9]{8,}|x[0-9a-f]{8,});?", re.IGNORECASE)
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "dfn",
        "em",
        "font",
        "i",
        "kbd",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)


def body_text(kind: str, body: bytes, *, known: Iterable[str] = (), whole: bool = True) -> str:
    """Return the text of a body in one line of at most LIMIT characters; `…` ends one that was cut.

    `kind` is its Content-Type, which may be wrong or missing. Of HTML the parts that equal one of
    `known` are left out. A body without text becomes `(binary body)`.
    """
    text = decoded_text(kind, body)
    if len(_RUBBISH.findall(text)) * _RUBBISH_SHARE > len(text):
        name = " ".join(_RUBBISH.sub("", kind.partition(";")[0]).split())
        return f"(binary body, {name})" if 0 < len(name) <= 60 else "(binary body)"
    text = _RUBBISH.sub("", text)
    if "html" in kind.lower() or _HTML.match(text):
        text = " ".join(_distinct(_visible(text), known))
    line = " ".join(text.split())
    if len(line) <= LIMIT:
        return f"{line}…" if line and not whole else line
    cut = line[:LIMIT]
    return f"{cut.rpartition(' ')[0] if ' ' in cut[LIMIT // 2 :] else cut}…"


def decoded_text(kind: str, body: bytes) -> str:
    """Return bytes as text, in the charset that they name or UTF-8; it never fails."""
    mark = next((name for mark, name in _MARKS.items() if body.startswith(mark)), None)
    meta = body[:_META].decode("latin-1") if body.lstrip()[:1] == b"<" else ""
    named = _CHARSET.search(kind) or _CHARSET.search(meta)
    name = mark or (named[1] if named else "utf-8")
    # A charset that Python does not know would stay in its cache of codecs for ever.
    if not mark and encodings.normalize_encoding(name).lower() not in _CHARSETS:
        name = "utf-8"
    try:
        " ".encode(name)  # LookupError if it is no charset but zip, base64 or the like
        # An incremental decoder leaves out a last character of which only a part has come.
        return codecs.getincrementaldecoder(name)("replace").decode(body)
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace")


def _distinct(parts: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    seen = {" ".join(each.split()).lower() for each in known}
    for part in parts:
        text = " ".join(part.split())
        if text and text.lower() not in seen:
            seen.add(text.lower())
            yield text


def _visible(page: str) -> list[str]:
    """Return the text of a page, in the parts into which its tags divide it.

    Not by html.parser: what is left open takes it quadratic time, seconds for 32 KiB.
    """
    page = _NO_CHARACTER.sub(" ", _HIDDEN.sub(" ", page))
    text, tag, rest = page.rpartition("<")
    if tag and ">" not in rest:  # the last tag was cut
        page = text
    return [html.unescape(part) for part in _TAG.sub(_divide, page).split("\0")]


def _divide(tag: re.Match[str]) -> str:
    return "" if tag[1] and tag[1].lower() in _INLINE else "\0"

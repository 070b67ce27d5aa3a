"""Reads the values of HTTP keys from the text of the configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Optional

import voluptuous as vol

from ...config import values
from ...placeholders import Template
from .form import Multipart
from .regular import Regular

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_TYPE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+[ \t]*(?:;[ -~]*)?")
_STATUS = re.compile(r"([1-5][0-9]{2})(?:\s*-\s*([1-5][0-9]{2}))?")
_OURS = {
    "content-length": "it is the body's length; for none use `chunked`",
    "transfer-encoding": "use `chunked`",
    "connection": "use `reuse`",
    "expect": "use `expect_continue`",
}
"""Headers that a job cannot set → why."""


def method(value: Any) -> str:
    """Read an HTTP method; return it in capitals, as the standard ones are."""
    word = values.filled(value).strip()
    if not _TOKEN.fullmatch(word) or word.upper() == "CONNECT":
        raise vol.Invalid(f"{word!r} is not a method; write POST, PUT or the like")
    return word.upper()


Headers = Mapping[str, tuple[Template, ...]]
"""Header names, and the values of each: a line of its own for every one."""


def headers(value: Any) -> Headers:
    """Read header names and values with placeholders; refuse those that break the request."""
    read: Headers = dict(values.mapping_of(_header_values)(value))
    seen: set[str] = set()
    errors = [error for name in read if (error := _name_error(name, seen))]
    if errors:
        raise vol.MultipleInvalid(errors)
    return {str(name): templates for name, templates in read.items()}


def _header_values(value: Any) -> tuple[Template, ...]:
    """Read the value of a header, or a list of them."""
    read = tuple(values.list_of(_header_value)(value))
    if not read:
        raise vol.Invalid("an empty list sends no header; leave the name out")
    return read


def _header_value(value: Any) -> Template:
    template: Template = values.template(value)
    if _CONTROL.search(template.text):
        raise vol.Invalid("a header cannot hold line ends or other control characters")
    return template


def _name_error(name: str, seen: set[str]) -> Optional[vol.Invalid]:
    """Return what is wrong with the name of a request's header."""
    if name.lower() in _OURS:
        return vol.Invalid(f"fthg sets {name} itself: {_OURS[name.lower()]}", [name])
    return _answered_name_error(name, seen)


def _answered_name_error(name: str, seen: set[str]) -> Optional[vol.Invalid]:
    """Return what is wrong with the name of an answer's header."""
    if not _TOKEN.fullmatch(name):
        return vol.Invalid(f"{name!r} is not a header's name", [name])
    if name.lower() in seen:
        return vol.Invalid(f"{name} is given twice: case makes no difference", [name])
    seen.add(name.lower())
    return None


# Jobs that expect the same share it, with all that it remembers: there may be a thousand.
_regular = lru_cache(maxsize=128)(Regular)


def regular(value: Any) -> Regular:
    """Read a regular expression; one that YAML has read as something else stays an error."""
    if isinstance(value, (dict, list)):
        kind = "a mapping" if isinstance(value, dict) else "a list"
        source = getattr(value, "source", "") or "…"
        raise vol.Invalid(f"YAML takes this for {kind}; write it between single quotes: '{source}'")
    try:
        return _regular(values.filled(value))
    except ValueError as error:
        raise vol.Invalid(str(error)) from None


def regular_headers(value: Any) -> Mapping[str, Regular]:
    """Read header names of an answer, and a regular expression for each."""
    read: Mapping[str, Regular] = values.mapping_of(regular)(value)
    seen: set[str] = set()
    errors = [error for name in read if (error := _answered_name_error(name, seen))]
    if errors:
        raise vol.MultipleInvalid(errors)
    return {str(name): wanted for name, wanted in read.items()}


def body(value: Any) -> Optional[Multipart]:
    """Read `raw` (None) or the shape of a form: `{multipart: {field: file, fields: {…}}}`."""
    if isinstance(value, Mapping):
        read: Mapping[str, Multipart] = vol.Schema({vol.Required("multipart"): _multipart})(value)
        return read["multipart"]
    word = values.one_of("raw", "multipart")(value)
    return Multipart() if word == "multipart" else None


def _multipart(value: Any) -> Multipart:
    if not isinstance(value, Mapping):
        raise vol.Invalid("must be a mapping: {field: file, filename: …, fields: {…}}")
    fields = values.mapping_of(values.template)
    shape = {
        "field": values.filled,
        "fields": fields,
        "filename": _filename,
        "content_type": content_type,
    }
    return Multipart(**vol.Schema(shape)(value))


def _filename(value: Any) -> Template:
    values.filled(value)
    template: Template = values.template(value)
    return template


def content_type(value: Any) -> str:
    """Read a media type, with or without parameters: `text/csv; charset=utf-8`."""
    text = values.filled(value).strip()
    if not _TYPE.fullmatch(text):
        raise vol.Invalid(f"{text!r} is not a content type; write application/xml or the like")
    return text


def expect(value: Any) -> frozenset[int]:
    """Read the statuses that count as success: `200-299`, `200,201,300-399`, or a list."""
    statuses: set[int] = set()
    for text in values.list_of(values.filled)(value):
        for part in text.split(","):
            match = _STATUS.fullmatch(part.strip())
            last = int(match.group(2) or match.group(1)) if match else 0
            if match is None or last < int(match.group(1)):
                raise vol.Invalid(f"{part.strip()!r} is not a status; write 200-299 or 200,201,204")
            statuses.update(range(int(match.group(1)), last + 1))
    return frozenset(statuses)

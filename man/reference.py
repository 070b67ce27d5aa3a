"""The schemas as a reference: each key with type, default, description and example."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from fthg.config import values
from fthg.config.logging_options import LOGGING_KEYS
from fthg.config.schema import Key, Nested, keys_of
from fthg.load.options import JOB_KEYS, RUN_KEYS
from fthg.load.pacing import pacer, senders
from fthg.protocols import SENDERS
from fthg.track.options import TRACK_KEYS
from fthg.track.side import SIDE_KEYS

from . import examples
from .examples import Example
from .roff import bold, escaped, italic, paragraph, tagged

SECTIONS: Mapping[str, tuple[Mapping[Any, Any], Mapping[str, Example]]] = {
    "run": (RUN_KEYS, examples.RUN),
    "logging": (LOGGING_KEYS, examples.LOGGING),
    "job": (JOB_KEYS, examples.JOB),
    "http": (SENDERS["https"].keys, examples.HTTP),
    "sftp": (SENDERS["sftp"].keys, examples.SFTP),
    "track": (TRACK_KEYS, examples.TRACK),
    "side": (SIDE_KEYS, examples.SIDE),
}
"""Section of the manual → its schema, and an example for each of its keys."""

_BY_READER: Mapping[Any, str] = {
    values.duration: "duration",
    values.some_duration: "duration above zero",
    pacer: "rate",
    senders: "number, or stages",
    values.byte_rate: "bytes a second",
    values.template: "text with placeholders",
    values.filled: "text",
    values.text: "text",
    values.boolean: "true or false",
    values.patterns: "pattern, or list",
    values.some_patterns: "pattern, or list",
    values.input_path: "input path",
    values.output_path: "output path",
    values.secret_file: "input path",
}

_BY_NAME: Mapping[str, str] = {
    "job_url": "URL with placeholders",
    "_files": "input path, or mapping",
    "_limits": "list, or mapping",
    "_workers": "whole number or auto",
    "method": "word",
    "content_type": "text",
    "regular": "regular expression",
    "regular_headers": "mapping",
    "headers": "mapping",
    "body": "word, or mapping",
    "expect": "statuses",
    "auth": "mapping",
    "proxy": "URL",
    "_octal": "octal number",
    "_agent": "true, false or text",
    "_algorithms": "mapping",
    "_jump": "user@host, or mapping",
    "endpoint": "host:port",
    "local_addresses": "address, or list",
    "level": "level",
    "metrics_place": "[host:]port, or output path",
    "_file": "output path, or mapping",
    "_syslog": "true, false, address, or mapping",
    "_section": "mapping, or URL",
    "_period_edge": "time",
    "sla_option": "duration, or share within a duration",
    "groups_option": "mapping",
    "zone": "time zone",
    "_timezone": "time zone",
    "tls_option": "mode, or mapping",
    "columns_option": "mapping",
    "option_file": "input path",
}


def type_of(reader: Any) -> str:
    """Return the type of a key's values in words; KeyError if there are none for its reader."""
    reader = reader.read if isinstance(reader, Nested) else reader
    if reader in _BY_READER:
        return _BY_READER[reader]
    maker = reader.__qualname__.partition(".")[0]
    held = inspect.getclosurevars(reader).nonlocals
    if maker == "one_of":
        *others, last = held["words"]
        return f"{', '.join(others)} or {last}"
    if maker == "whole":
        return "whole number" + (f" from {held['minimum']}" if held["minimum"] else "")
    return "list" if maker == "list_of" else _BY_NAME[reader.__qualname__]


def reference(section: str) -> Iterator[str]:
    """Yield lines of roff for all keys of a section."""
    schema, section_examples = SECTIONS[section]
    readers = {str(marker): reader for marker, reader in schema.items()}
    for key in keys_of(schema):
        yield from _entry(key, type_of(readers[key.name]), section_examples[key.name])


def _entry(key: Key, kind: str, example: Example) -> Iterator[str]:
    tag = f"{bold(key.name)} ({italic(kind)}{_default(key)})"
    words = _fragment(key.description)
    text = f"{words}. {example.note}" if example.note else words
    yield from tagged(tag, paragraph(text), [bold(f"{key.name}: {example.value}")])


def _default(key: Key) -> str:
    if key.required:
        return ", needed"
    return f", default {escaped(key.default)}" if key.default not in (None, "{}") else ""


def _fragment(description: str) -> str:
    """Return a description as a fragment, even if it was written as a sentence."""
    words = description.rstrip(".")
    capital = words[:1].isupper() and words[1:2].islower()
    return words[:1].lower() + words[1:] if capital else words

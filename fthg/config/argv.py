"""The command line as every user of this host sees it in `ps`: secrets are overwritten there."""

from __future__ import annotations

import argparse
import ctypes
import os
from collections.abc import Iterator
from typing import Any, NamedTuple

from .overrides import put_assignment
from .schema import Schema
from .secret_names import is_secret_name
from .secrets import leaves, secrets_in
from .sections import Sections
from .tree import Section


def hide_secrets(args: argparse.Namespace, sections: Sections) -> None:
    """Overwrite the secrets that options gave, for this process and those forked off it.

    Where the system does not allow it the command line stays as it is.
    """
    pairs = list(masked_options(args, sections))
    start, end = _words_in_memory() if pairs else (0, 0)
    if start < end:
        line = ctypes.string_at(start, end - start)
        ctypes.memmove(start, mask_words(line, pairs), len(line))


def mask_words(line: bytes, pairs: list[tuple[str, str]]) -> bytes:
    """Return words, each ended by a NUL byte, with these values of options replaced; no longer."""
    words = line.split(b"\0")
    for given, shown in pairs:
        old, new = os.fsencode(given), os.fsencode(shown)
        words = [word.replace(old, new) if word.endswith(old) else word for word in words]
    return b"\0".join(words)


def masked_options(args: argparse.Namespace, sections: Sections) -> Iterator[tuple[str, str]]:
    """Yield each option's value that holds a secret, and a text of the same length to show."""
    for option in _options(args, sections):
        start = option.given[: len(option.given) - len(option.value)]
        shown = start + option.masked_value()
        if shown != option.given:
            yield option.given, shown


def option_secrets(args: argparse.Namespace, sections: Sections) -> Iterator[str]:
    """Yield the secrets that options gave."""
    for option in _options(args, sections):
        yield from secrets_in(option.tree, option.schema)


_QUOTES = ("'", '"')


class _Option(NamedTuple):
    """The word that an option was given."""

    given: str
    value: str  # its end, which may be a secret
    tree: Any  # the value under its key
    schema: Schema
    secret: bool = False  # by the name of its key, whatever it looks like

    def masked_value(self) -> str:
        """Return the value with asterisks for its secrets, or for all of it if it is one."""
        if self.secret or any(leaf.secret for leaf in leaves(self.tree, self.schema)):
            return _asterisks(self.value)
        secrets = set(secrets_in(self.tree, self.schema)) - {""}
        if self.value.lstrip()[:1] in _QUOTES and any(found not in self.value for found in secrets):
            return _asterisks(self.value)  # YAML's escapes spell it in another way
        value = self.value
        for secret in sorted(secrets, key=len, reverse=True):
            value = value.replace(secret, _asterisks(secret))
        return value


def _options(args: argparse.Namespace, sections: Sections) -> Iterator[_Option]:
    """Yield the options that may hold a secret."""
    for name, text in vars(args).items():
        if isinstance(text, str) and name != "user":
            yield _Option(text, text, {name: text}, {})
    if args.user:
        password = args.user.partition(":")[2]
        yield _Option(args.user, password, {"password": password}, {})
    for header in args.header:
        name, _, value = header.partition(":")
        yield _Option(header, value, {name.strip(): value.strip()}, {})
    for assignment in args.set:
        path, _, value = assignment.partition("=")
        name = path.rpartition(".")[2].strip()
        tree = Section()
        if put_assignment(tree, assignment) or not tree:
            tree[name] = value  # it is wrong, and may be secret
        yield _Option(assignment, value, tree, sections.schema(tree), is_secret_name(name))


def _asterisks(text: str) -> str:
    return "*" * len(os.fsencode(text))


def _words_in_memory() -> tuple[int, int]:
    """Return the addresses between which the command line is (proc(5): arg_start, arg_end)."""
    try:
        with open("/proc/self/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return int(fields[45]), int(fields[46])
    except (OSError, IndexError, ValueError):
        return 0, 0

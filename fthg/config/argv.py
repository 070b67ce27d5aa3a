"""The command line as every user of this host sees it in `ps`: secrets are overwritten there."""

from __future__ import annotations

import argparse
import ctypes
import os
from collections.abc import Iterator

from .secrets import is_secret, secrets_in


def hide_secrets(args: argparse.Namespace) -> None:
    """Overwrite the secrets that options gave, for this process and those forked off it.

    Where the system does not let us the command line stays as it is.
    """
    pairs = list(hidden(args))
    start, end = _place() if pairs else (0, 0)
    if start < end:
        line = ctypes.string_at(start, end - start)
        ctypes.memmove(start, starred(line, pairs), len(line))


def starred(line: bytes, pairs: list[tuple[str, str]]) -> bytes:
    """Words, each ended by a NUL byte, with options' values as they may be seen; no longer."""
    words = line.split(b"\0")
    for given, shown in pairs:
        old, new = os.fsencode(given), os.fsencode(shown)
        words = [word.replace(old, new) if word.endswith(old) else word for word in words]
    return b"\0".join(words)


def hidden(args: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Yield each option's value that holds a secret, and what may be seen: of the same length."""
    for given, key, secret in _values(args):
        shown = given[: len(given) - len(secret)] + _stars(secret, key)
        if shown != given:
            yield given, shown


def secrets_of(args: argparse.Namespace) -> Iterator[str]:
    """Yield the secrets that options gave."""
    for _, key, text in _values(args):
        yield from secrets_in(text.strip(), key)


def _values(args: argparse.Namespace) -> Iterator[tuple[str, str, str]]:
    """Yield values of options, each with the key of what may be secret, which stands at its end."""
    if args.url:
        yield args.url, "url", args.url
    if args.user:
        yield args.user, "password", args.user.partition(":")[2]
    for header in args.header:
        name, _, value = header.partition(":")
        yield header, name.strip(), value
    for assignment in args.set:
        path, _, value = assignment.partition("=")
        yield assignment, path.rpartition(".")[2].strip(), value


def _stars(text: str, key: str) -> str:
    if is_secret(key):
        return "*" * len(os.fsencode(text))
    for secret in sorted(set(secrets_in(text, key)) - {""}, key=len, reverse=True):
        text = text.replace(secret, "*" * len(os.fsencode(secret)))
    return text


def _place() -> tuple[int, int]:
    """Where the words of the command line begin and end in memory (proc(5): arg_start, arg_end)."""
    try:
        with open("/proc/self/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return int(fields[45]), int(fields[46])
    except (OSError, IndexError, ValueError):
        return 0, 0

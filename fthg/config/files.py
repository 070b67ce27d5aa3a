"""The configuration files: which ones, and their content merged into one tree."""

from __future__ import annotations

import argparse
import os
from typing import cast

from ..cli import DEFAULT_CONFIG
from ..errors import ConfigError
from .document import MAX_SIZE, parse
from .problem import Problem, config_error
from .tree import Origin, Section, merged

_MOST_BYTES = 4 * MAX_SIZE  # of so many characters


def config_files(args: argparse.Namespace) -> list[str]:
    """Return the paths of the configuration files to read, in their order."""
    if args.config:
        return list(args.config)
    if args.url is not None or args.from_results:
        return []
    named = os.environ.get("FTHG_CONFIG")
    if named:
        return [named]
    return [DEFAULT_CONFIG] if os.path.exists(DEFAULT_CONFIG) else []


def read_files(args: argparse.Namespace) -> tuple[Section, list[Problem]]:
    """Return the merged tree of all files, and their problems; ConfigError if one is not YAML."""
    tree, problems = Section(), list[Problem]()
    for path in config_files(args):
        node, found = parse(path, _content(path))
        problems += found
        if isinstance(node, Section):
            tree = cast(Section, merged(tree, node))
        elif node is not None:
            reason = "must be a mapping with run, logging, defaults, jobs or track"
            problems.append(Problem(Origin(path, 1, 1), (), reason))
    if any(map(_is_fatal, problems)):
        raise config_error(problems)  # what was read is not complete
    return tree, problems


def _is_fatal(problem: Problem) -> bool:
    return not (problem.path or problem.missing_variable or problem.repaired)


def _content(path: str) -> str:
    try:
        with open(path, "rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    if len(content) > _MOST_BYTES:
        raise ConfigError(f"{path}: larger than 1 MiB; is this a configuration file?")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise config_error([_not_utf8(path, content, error.start)]) from None
    if len(text) > MAX_SIZE:
        raise ConfigError(f"{path}: larger than 1 MiB; is this a configuration file?")
    return text


def _not_utf8(path: str, content: bytes, at: int) -> Problem:
    """Return the problem of the byte that is not UTF-8; its column counts characters."""
    before = content[:at].decode("utf-8")
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    reason = f"the byte {content[at]:#04x} is not UTF-8; save the file in that encoding"
    return Problem(Origin(path, line, column), (), reason)

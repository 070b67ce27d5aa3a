"""The parser of the command line without the parts that the manual page has itself."""

from __future__ import annotations

import argparse

from fthg.cli import build_parser


def page_parser() -> argparse.ArgumentParser:
    """Return the parser without the epilog of --help: the page has longer sections instead."""
    parser = build_parser()
    parser.epilog = None
    return parser


GROUPS = [str(group.title) for group in build_parser()._action_groups if group._group_actions]
"""The titles of the parser's groups of options."""

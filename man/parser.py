"""The command line's parser, as a manual page wants it."""

from __future__ import annotations

import argparse

from fthg.cli import build_parser


def page_parser() -> argparse.ArgumentParser:
    """The one parser, without the epilog of --help: the page's own sections tell more."""
    parser = build_parser()
    parser.epilog = None
    return parser


GROUPS = [str(group.title) for group in build_parser()._action_groups if group._group_actions]
"""Titles of its groups of options."""

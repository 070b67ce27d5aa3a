"""The command line: the one source of --help, the manual page and shell completion."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import Any

from . import groups
from .groups import DEFAULT_CONFIG
from .names import AD_HOC, COMMANDS, FOREIGN, JOB, MACHINES, SENDING, TRACKING

__all__ = ["DEFAULT_CONFIG", "JOB", "NO_CONFIGURATION", "TRACKING", "build_parser", "parse"]

DESCRIPTION = """\
The File Transfer Harness. In load mode it sends the files of directories over
HTTP(S) or SFTP, several jobs at once, each at an exact rate. In tracking mode
it reads the databases of a file-transfer system at both ends and reports the
outcome of every file."""

EPILOG = """\
examples:
  fthg --sample-config http > jobs.yaml    start with an annotated sample
  fthg -c jobs.yaml --check                validate it, show what would be sent
  fthg -c jobs.yaml -v                     run the jobs
  fthg --url https://host/up --files dir --rate 5/s
  fthg --track -c jobs.yaml --from today -o report.html

exit status:
  0 ended as planned   1 internal error   2 usage or configuration
  3 could not start   4 database   5 unpaired rows, or missing files
  99 a threshold failed   130 stopped hard"""

NO_CONFIGURATION = f"""\
fthg: there is nothing to do: there is no configuration.

  fthg --sample-config > jobs.yaml     an annotated configuration to start with
  fthg -c jobs.yaml --check            validate it, and show what would be sent
  fthg --url https://host/upload --files DIRECTORY --rate 5/s

The installed configuration is {DEFAULT_CONFIG}; man fthg and man fthg.yaml document the rest.
"""
"""The hint for a command line that asks for nothing where there is no configuration."""

_SIMILAR = 0.75  # for a suggestion: all options have their dashes in common
_NO_VALUE = re.compile(r"--[a-z-]+=--")
_VALUED = re.compile(r"-{1,2}\d")


class _Format(argparse.RawDescriptionHelpFormatter):
    """A formatter that keeps texts as they are written, with options in one column."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26)


class _Parser(argparse.ArgumentParser):
    """A parser whose messages may have no reader, an error for the one of Python 3.9."""

    def _print_message(self, message: str, file: Any = None) -> None:
        with suppress(OSError):
            super()._print_message(message, file)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all options, in titled groups."""
    parser = _Parser(
        prog="fthg",
        usage="fthg [-c FILE] [options]\n"
        "       fthg --from-results FILE... [-c FILE]\n"
        "       fthg --track [-c FILE] --from T --to T -o report.html",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=_Format,
        allow_abbrev=False,
        add_help=False,
    )
    groups.general(parser.add_argument_group("General"))
    groups.jobs(parser.add_argument_group("Jobs"))
    groups.ad_hoc(parser.add_argument_group("Ad hoc job"))
    groups.output(parser.add_argument_group("Output"))
    groups.machines(parser.add_argument_group("Many machines"))
    groups.tracking(parser.add_argument_group("Tracking"))
    return parser


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Return the options given; wrong usage ends the program with status 2 and one message."""
    parser = build_parser()
    for word in argv:
        if _NO_VALUE.fullmatch(word):  # argparse would make a list of it
            parser.error(f"{word[:-3]}: '--' is no value")
    args, unknown = parser.parse_known_args(_joined(argv))
    if unknown:
        hint = _suggestion(parser, unknown[0].partition("=")[0])
        parser.error(f"unrecognized arguments: {_without_values(unknown)}{hint}")
    _refuse_conflicts(parser, args)
    return args


def _without_values(words: Sequence[str]) -> str:
    """Return the name of an unknown option without its value, which may be a secret."""
    first = words[0]
    if not first.startswith("-"):
        return first
    name = first.partition("=")[0] if first.startswith("--") else first[:2]
    return name if (name, *words[1:]) == (first,) else f"{name} …"


def _suggestion(parser: argparse.ArgumentParser, word: str) -> str:
    if not word.startswith("-"):
        return _suggested_command(word)
    known = FOREIGN.get(word) or (None if word.startswith("--") else FOREIGN.get(word[:2]))
    if known:
        return f"; write {known}"
    near = get_close_matches(word, parser._option_string_actions, n=1, cutoff=_SIMILAR)
    return f"; did you mean {near[0]}?" if near else ""


def _suggested_command(word: str) -> str:
    """Return what a word that belongs to no option may stand for."""
    if word.endswith((".yaml", ".yml")):
        return f"; did you mean: fthg -c {word}"
    if word in COMMANDS:
        return f"; there are no subcommands; did you mean: {COMMANDS[word]}"
    if word.startswith(("http://", "https://", "sftp://")):
        return "; did you mean: fthg --url URL --files DIRECTORY --rate 5/s"
    return ""


def _joined(argv: Sequence[str]) -> list[str]:
    """Join `--from -2h` to `--from=-2h`: argparse would take -2h for an option."""
    words: list[str] = []
    for word in argv:
        if words and words[-1] in ("--from", "--to") and _VALUED.match(word):
            words[-1] += "=" + word
        else:
            words.append(word)
    return words


def _refuse_conflicts(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    if args.url is None:
        for option in _given(args, AD_HOC):
            parser.error(f"{option} needs --url; for a job in a file use --set")
    if args.track:
        for option in _given(args, MACHINES):
            parser.error(f"{option} cannot be used with --track, which sends nothing")
        if args.url is not None:
            parser.error("--url sends files and --track follows them: use one of them")
    else:
        for option in _given(args, TRACKING):
            parser.error(f"{option} needs --track")
    if args.from_results:
        for option in _given(args, SENDING):
            parser.error(f"{option} cannot be used with --from-results, which only reads results")
    _refuse_incomplete(parser, args)


def _refuse_incomplete(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """Refuse options for many machines without which they would not be one run."""
    if args.slice is not None and args.run is None:
        parser.error("--slice needs --run: the id of the run, the same on all machines")
    if args.join and args.start_at is None:
        parser.error("--join needs --start-at: the moment when the run started")


def _given(args: argparse.Namespace, options: Mapping[str, str]) -> Iterator[str]:
    """Yield those of the options that were given."""
    for name, option in options.items():
        if getattr(args, name) not in (None, False, []):
            yield option

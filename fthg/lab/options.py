"""The lab's command line; it imports nothing that would slow down `--help`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeVar

from .dice import share, spread

PORTS = {"http": 8080, "https": 8443, "sftp": 2222}
_Read = TypeVar("_Read")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of `python -m fthg.lab`."""
    parser = argparse.ArgumentParser(
        prog="python -m fthg.lab",
        description="A practice system on 127.0.0.1 to try fthg on: HTTP, HTTPS and SFTP ingress, "
        "and an egress folder that files move on to. Ctrl-C ends it.",
        epilog="A TIME is written as 50ms, or 10ms..50ms for anything between; "
        "a SHARE as 1% or 0.01.",
    )
    _add_places(parser.add_argument_group("Ports and files"))
    _add_accounts(parser.add_argument_group("Accounts"))
    _add_faults(parser.add_argument_group("Delays and faults"))
    _add_databases(parser.add_argument_group("Databases, as fthg --track reads them"))
    return parser


def _add_places(group: argparse._ArgumentGroup) -> None:
    for name, default in PORTS.items():
        chosen = f"0: a free one (default: {default}, a free one if it is taken)"
        group.add_argument(f"--{name}-port", metavar="PORT", type=_port, help=chosen)
    kept = "for keys, certificates and files; kept at the end (default: temporary, removed)"
    group.add_argument("--directory", metavar="DIR", help=kept)
    also = "also end with standard input: for programs that start the lab"
    group.add_argument("--until-eof", action="store_true", help=also)
    group.add_argument("--discard", action="store_true", help="remove delivered files")


def _add_accounts(group: argparse._ArgumentGroup) -> None:
    account = "an account; repeatable (default: loader:practice)"
    group.add_argument(
        "--user", metavar="NAME:PASSWORD", type=_account, action="append", help=account
    )
    asked = "HTTP and HTTPS ask for an account"
    group.add_argument("--basic-auth", action="store_true", help=asked)
    free = "HTTPS does not require one"
    group.add_argument("--no-client-certificate", action="store_true", help=free)


def _add_faults(group: argparse._ArgumentGroup) -> None:
    _time(group, "--delay", "0", "time before each answer")
    _time(group, "--processing", "1s", "time from received to delivered")
    _share(group, "--error-rate", "share of uploads that are refused, or get no answer")
    _share(group, "--hang-rate", "share of uploads that are never answered")
    _share(group, "--failed", "share of files that fail at egress")
    _share(group, "--timeout", "share of files that time out at egress")
    _share(group, "--lost", "share of files that vanish between ingress and egress")
    group.add_argument(
        "--seed", metavar="NUMBER", type=int, help="the same number gives the same faults"
    )


def _add_databases(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--mysql", action="store_true", help="start two MariaDB servers and write both tables"
    )
    for side in ("ingress", "egress"):
        given = f"write the {side} table there instead, as mysql://user:password@host:port/database"
        group.add_argument(f"--{side}-dsn", metavar="DSN", help=given)
    _share(group, "--duplicates", "share of rows that are written twice")
    _share(group, "--strangers", "share of egress rows beside which there is one of no file")
    _share(group, "--skewed", "share of egress rows that are an hour behind, as by a wrong clock")


def _time(group: argparse._ArgumentGroup, option: str, default: str, meaning: str) -> None:
    text = f"{meaning} (default: {default})"
    group.add_argument(option, metavar="TIME", type=_argument(spread), default=default, help=text)


def _share(group: argparse._ArgumentGroup, option: str, meaning: str) -> None:
    text = f"{meaning} (default: none)"
    group.add_argument(option, metavar="SHARE", type=_argument(share), default=0.0, help=text)


def _argument(read: Callable[[str], _Read]) -> Callable[[str], _Read]:
    def converted(text: str) -> _Read:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return converted


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: 0 to 65535")
    return int(text)


def _account(text: str) -> tuple[str, str]:
    name, colon, password = text.partition(":")
    if not (name and colon and password):
        raise argparse.ArgumentTypeError("write it as NAME:PASSWORD")
    return name, password

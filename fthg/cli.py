"""The command line: the one source of --help, the manual page and shell completion."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from . import __version__

DEFAULT_CONFIG = "/etc/fthg/jobs.yaml"

DESCRIPTION = """\
The File Transfer Harness. In load mode it sends the files of directories over
HTTP(S) or SFTP, several jobs at once, each at an exact rate. In tracking mode
it reads the databases of a file-transfer system at both ends and reports the
outcome of every file."""

EPILOG = """\
examples:
  fthg --sample-config > jobs.yaml         start with the annotated sample
  fthg -c jobs.yaml --check                validate it, show what would be sent
  fthg -c jobs.yaml -v                     run the jobs
  fthg --url https://host/up --files dir --rate 5/s
  fthg --track -c jobs.yaml --from today -o report.html

exit status:
  0 ended as planned   1 internal error   2 usage or configuration
  3 could not start   4 database   5 unpaired rows found
  99 a threshold was crossed   130 stopped hard"""

NO_CONFIGURATION = f"""\
fthg: there is nothing to do: there is no configuration.

  fthg --sample-config > jobs.yaml     an annotated configuration to start with
  fthg -c jobs.yaml --check            validate it, and show what would be sent
  fthg --url https://host/upload --files DIRECTORY --rate 5/s

The installed configuration is {DEFAULT_CONFIG}; man fthg and man fthg.yaml document the rest.
"""
"""The hint for a command line that asks for nothing where there is no configuration."""

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
        "       fthg --from-results FILE [-c FILE]\n"
        "       fthg --track [-c FILE] --from T --to T -o report.html",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=_Format,
        allow_abbrev=False,
        add_help=False,
    )
    _general(parser.add_argument_group("General"))
    _jobs(parser.add_argument_group("Jobs"))
    _ad_hoc(parser.add_argument_group("Ad hoc job"))
    _output(parser.add_argument_group("Output"))
    _tracking(parser.add_argument_group("Tracking"))
    return parser


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Return the options given; wrong usage ends the program with status 2 and one message."""
    parser = build_parser()
    args, unknown = parser.parse_known_args(_joined(argv))
    if unknown:
        parser.error(f"unrecognized arguments: {_without_values(unknown)}")
    _refuse_conflicts(parser, args)
    return args


def _without_values(words: Sequence[str]) -> str:
    """Return the name of an unknown option without its value, which may be a secret."""
    first = words[0]
    if not first.startswith("-"):
        return first
    name = first.partition("=")[0] if first.startswith("--") else first[:2]
    return name if (name, *words[1:]) == (first,) else f"{name} …"


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
    if not args.track:
        for option in _given(args, TRACKING):
            parser.error(f"{option} needs --track")
    elif args.url is not None:
        parser.error("--url sends files and --track follows them: use one of them")
    if args.from_results:
        for option in _given(args, SENDING):
            parser.error(f"{option} cannot be used with --from-results, which only reads results")
    elif args.run is not None:
        parser.error("--run needs --from-results")


def _given(args: argparse.Namespace, options: Mapping[str, str]) -> Iterator[str]:
    """Yield those of the options that were given."""
    for name, option in options.items():
        if getattr(args, name) not in (None, False, []):
            yield option


def _general(group: Any) -> None:
    group.add_argument(
        "-c",
        "--config",
        metavar="FILE",
        action="append",
        default=[],
        help="YAML file; may be repeated, later files are merged over earlier ones "
        f"(default: $FTHG_CONFIG, else {DEFAULT_CONFIG} where it exists)",
    )
    group.add_argument(
        "--check",
        action="store_true",
        help="validate everything, contact no server, print the plan (default: off)",
    )
    group.add_argument(
        "--show-config",
        action="store_true",
        help="print the effective configuration with each value's origin (default: off)",
    )
    group.add_argument(
        "--sample-config",
        action="store_true",
        help="print the annotated sample configuration (default: off)",
    )
    group.add_argument(
        "--set",
        metavar="PATH=VALUE",
        action="append",
        default=[],
        help="override any key, as in jobs.orders.headers.X-Env=test; may be repeated; "
        "takes precedence over the general options (default: none)",
    )
    group.add_argument(
        "--version", action="version", version=f"fthg {__version__}", help="print the version"
    )
    group.add_argument("-h", "--help", action="help", help="print this help")


def _jobs(group: Any) -> None:
    group.add_argument(
        "--job",
        metavar="NAME",
        action="append",
        default=[],
        help="run and override only this job, or those that fit a pattern as 'partner-*'; may be "
        "repeated (default: all that are enabled)",
    )
    add = group.add_argument
    add("--rate", metavar="R", help="5/s, 120/hour, 1 every 30s or max; or stages, as in "
        "'10/s for 5m, to 100/s over 10m' (default: the job's)")  # fmt: skip
    add("--model", choices=("open", "closed"), help="open: on time whatever the server does; "
        "closed: wait for each response (default: the job's, else open)")  # fmt: skip
    add("--duration", metavar="D", help="how long to send, for the run, too (default: the file's)")
    add("--count", metavar="N", help="how many files a job sends (default: the job's)")
    add("--files", metavar="DIR", help="directory or file to send (default: the job's)")
    add("--timeout", metavar="D", help="deadline of a transfer (default: the job's, else 10m)")
    add("--max-in-flight", metavar="N", help="open model: most transfers at once "
        "(default: the job's, else 256 for HTTP and 64 for SFTP)")  # fmt: skip
    add("--senders", metavar="N", help="closed model: how many, or stages, as in "
        "'10 for 5m, to 50 over 10m' (default: the job's, else 1)")  # fmt: skip
    add("--limit-rate", metavar="R", help="most bytes a second of one transfer, as in 250KB/s "
        "(default: the job's, else no limit)")  # fmt: skip
    add(
        "--workers",
        metavar="N",
        help="processes that share the load, auto: one for each CPU (default: the file's, else 1)",
    )


def _ad_hoc(group: Any) -> None:
    add = group.add_argument
    add("--url", metavar="URL", help="run one job named cli, without a configuration file: "
        "http, https or sftp://user@host/dir (default: none)")  # fmt: skip
    add("-X", "--method", metavar="M", help="HTTP method (default: POST)")
    add("-H", "--header", metavar="'K: V'", action="append", default=[],
        help="HTTP header; may be repeated (default: none)")  # fmt: skip
    add("-E", "--cert", metavar="FILE", help="client certificate (default: none)")
    add("--key", metavar="FILE", help="its key, or the SSH key (default: none)")
    add("--ca", "--cacert", metavar="FILE", help="authorities to trust (default: the system's)")
    add("-k", "--insecure", action="store_true",
        help="do not verify certificate or host key (default: verify)")  # fmt: skip
    add("-u", "--user", metavar="USER[:PASSWORD]",
        help="user, in HTTP for basic authentication (default: that of the URL)")  # fmt: skip
    add("--password-file", metavar="FILE", help="file with the password (default: none)")
    add("--known-hosts", metavar="FILE", help="SSH host keys (default: ~/.ssh/known_hosts)")
    add("--host-key", choices=("strict", "accept-new", "ignore"),
        help="what to do with unknown SSH host keys (default: strict)")  # fmt: skip


def _output(group: Any) -> None:
    add = group.add_argument
    add("-v", dest="verbose", action="count", default=0,
        help="-v a line a transfer; -vv connections, negotiation, phase times, SQL; "
        "-vvv protocol headers and library logs (default: warnings)")  # fmt: skip
    add("-q", dest="quiet", action="count", default=0,
        help="-q only the summary and errors; -qq only errors (default: all)")  # fmt: skip
    add("--log-file", metavar="FILE", help="log to this file, too (default: none)")
    add("--log-format", choices=("text", "json"), help="format of log lines (default: text)")
    add("--syslog", metavar="ADDRESS", nargs="?", const="/dev/log", help="log to syslog, too: "
        "/dev/log, udp://host:514 or tcp://host:514 (default: off; alone: /dev/log)")  # fmt: skip
    add("--color", choices=("auto", "always", "never"), default="auto",
        help="colours on the terminal; NO_COLOR is honoured (default: auto)")  # fmt: skip
    add("--results", metavar="FILE",
        help="one JSON line for every transfer; - is standard output (default: none)")  # fmt: skip
    add("--summary", metavar="FILE", help="the figures at the end as JSON (default: none)")
    add("--junit", metavar="FILE", help="the thresholds as JUnit XML (default: none)")
    add("--threshold", metavar="'T'", action="append", default=[],
        help="limit for a figure, as in 'failed < 1%%'; may be repeated; of the job with --url, "
        "else of the total or the period, instead of the file's (default: the file's)")  # fmt: skip
    add("--from-results", metavar="FILE", action="append", default=[],
        help="send nothing: print the summary of a run from its results, also if it was killed; "
        "may be repeated; - is standard input; target rates and thresholds are those of -c "
        "(default: none)")  # fmt: skip
    add("--run", metavar="ID", help="with --from-results: only this run (default: all)")
    add("-o", "--output", metavar="FILE", help="tracking: the HTML report (default: the file's)")


def _tracking(group: Any) -> None:
    add = group.add_argument
    add("--track", action="store_true", help="tracking mode (default: load mode)")
    add("--from", dest="from_", metavar="T", help="start of the window: ISO 8601, now, today, "
        "yesterday, now-2h or -2h (default: the file's)")  # fmt: skip
    add("--to", metavar="T", help="its end, exclusive; in the future: poll "
        "until then (default: now)")  # fmt: skip
    add("--poll", metavar="D", help="time between two polls (default: 10s)")
    add("--grace", metavar="D", help="how long a row may be without a partner (default: 5m)")
    add("--sla", metavar="S", help="agreed transit time, as in 60s, or a target, "
        "as in '95%% within 60s' (default: none)")  # fmt: skip
    add("--once", action="store_true", help="poll once (default: poll until all have ended)")
    add("--title", metavar="TEXT", help="title of the report (default: File transfer report)")
    add("--logo", metavar="FILE", help="image for the report's head (default: none)")
    add("--zone", metavar="ZONE", help="zone in which people see times: Europe/Berlin, UTC or "
        "local; JSON is always UTC (default: local)")  # fmt: skip
    add("--csv", metavar="FILE", help="every transfer as CSV (default: none)")
    add("--baseline", metavar="FILE", help="the --summary of an earlier run, to compare with "
        "(default: none)")  # fmt: skip
    add("--sent", metavar="FILE", action="append", default=[],
        help="results of a load run, to reconcile, alone if there is no --from; may be repeated "
        "(default: none)")  # fmt: skip
    add("--match", choices=("uuid", "filename"), help="how --sent is matched (default: uuid)")
    add(
        "--ledger",
        metavar="FILE",
        help="keep the SQLite ledger in this file (default: a temporary one)",
    )


AD_HOC = {
    "method": "-X/--method",
    "header": "-H/--header",
    "cert": "-E/--cert",
    "key": "--key",
    "ca": "--ca",
    "insecure": "-k/--insecure",
    "user": "-u/--user",
    "password_file": "--password-file",
    "known_hosts": "--known-hosts",
    "host_key": "--host-key",
}
"""Options that describe the ad hoc job, by their name in the parsed arguments."""

JOB = {
    "rate": "--rate",
    "model": "--model",
    "duration": "--duration",
    "count": "--count",
    "files": "--files",
    "timeout": "--timeout",
    "max_in_flight": "--max-in-flight",
    "senders": "--senders",
    "limit_rate": "--limit-rate",
}
"""Options that override a key of each selected job, by that key."""

SENDING = {
    "track": "--track",
    "url": "--url",
    **JOB,
    "workers": "--workers",
    "results": "--results",
    "check": "--check",
}
"""Options that control a run, by their name in the parsed arguments."""

TRACKING = {
    "from_": "--from",
    "to": "--to",
    "poll": "--poll",
    "grace": "--grace",
    "sla": "--sla",
    "once": "--once",
    "title": "--title",
    "logo": "--logo",
    "zone": "--zone",
    "csv": "--csv",
    "baseline": "--baseline",
    "sent": "--sent",
    "match": "--match",
    "ledger": "--ledger",
    "output": "-o/--output",
}
"""Options of tracking mode, by their name in the parsed arguments."""

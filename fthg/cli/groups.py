"""The options, in the groups of --help."""

from __future__ import annotations

from typing import Any

from .. import __version__
from .completion import SHELLS
from .samples import FULL, KINDS

DEFAULT_CONFIG = "/etc/fthg/jobs.yaml"
"""The installed configuration, which is used where none is given."""


def general(group: Any) -> None:
    """Add what both modes know."""
    add = group.add_argument
    add("-c", "--config", metavar="FILE", action="append", default=[],
        help="YAML file; may be repeated, later files are merged over earlier ones "
        f"(default: $FTHG_CONFIG, else {DEFAULT_CONFIG} where it exists)")  # fmt: skip
    add("-n", "--check", "--dry-run", action="store_true",
        help="validate everything, contact no server, print the plan (default: off)")  # fmt: skip
    add("--show-config", action="store_true",
        help="print the effective configuration with each value's origin "
        "(default: off)")  # fmt: skip
    add("--sample-config", nargs="?", choices=KINDS, const=FULL,
        help="print an annotated sample configuration (default: off; alone: full)")  # fmt: skip
    add("--config-schema", action="store_true",
        help="print the JSON Schema of the configuration file, for editors "
        "(default: off)")  # fmt: skip
    add("--completion", choices=SHELLS,
        help="print the completion script for a shell (default: none)")  # fmt: skip
    add("--set", metavar="PATH=VALUE", action="append", default=[],
        help="override any key, as in jobs.orders.headers.X-Env=test; may be repeated; "
        "takes precedence over the general options (default: none)")  # fmt: skip
    add("-V", "--version", action="version", version=f"fthg {__version__}",
        help="print the version")  # fmt: skip
    add("-h", "--help", action="help", help="print this help")


def jobs(group: Any) -> None:
    """Add what overrides the keys of jobs."""
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


def ad_hoc(group: Any) -> None:
    """Add what describes a job without a configuration file."""
    add = group.add_argument
    add("--url", metavar="URL", help="run one job named cli, without a configuration file: "
        "http, https or sftp://user@host/dir (default: none)")  # fmt: skip
    add("-X", "--method", metavar="M", help="HTTP method (default: POST)")
    add("-H", "--header", metavar="'K: V'", action="append", default=[],
        help="HTTP header; may be repeated, also with the same name (default: none)")  # fmt: skip
    add("-x", "--proxy", metavar="URL", help="proxy to connect through (default: none)")
    add("-L", "--location", action="store_true", help="follow redirects (default: off)")
    add("--connect-timeout", metavar="D",
        help="time for a connection to be made (default: 10s)")  # fmt: skip
    add("--connect-to", metavar="HOST:PORT",
        help="connect there instead; the URL stays as it is (default: none)")  # fmt: skip
    add("-E", "--cert", metavar="FILE", help="client certificate, PEM or PKCS#12 (default: none)")
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
    add("--remote-name", metavar="T", help="SFTP: name at the server, as in "
        "'{stem}-{seq}{suffix}' (default: {filename})")  # fmt: skip
    add("--atomic", action="store_true",
        help="SFTP: write to another name, then rename (default: off)")  # fmt: skip
    add("--mkdir", action="store_true", help="SFTP: create missing directories (default: off)")


def output(group: Any) -> None:
    """Add what is written, and where."""
    add = group.add_argument
    add("-v", dest="verbose", action="count", default=0,
        help="-v a line a transfer, all jobs in the summary; -vv connections, negotiation, "
        "phase times, SQL; -vvv protocol headers and library logs (default: warnings)")  # fmt: skip
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
    add("--from-results", metavar="FILE", nargs="+", action="extend", default=[],
        help="send nothing: print the summary of a run from its results, also if it was killed or "
        "sent by many machines; - is standard input; target rates and thresholds are those of -c "
        "(default: none)")  # fmt: skip
    add("-o", "--output", metavar="FILE", help="the HTML report (default: the file's)")
    add("--metrics", metavar="WHERE", help="figures for Prometheus: [HOST:]PORT to be scraped "
        "(HOST: 127.0.0.1), or FILE.prom, replaced every 15 s (default: none)")  # fmt: skip
    add("--baseline", metavar="FILE", help="the --summary of an earlier run, to compare with "
        "(default: none)")  # fmt: skip
    add("--zone", metavar="ZONE", help="zone in which people see times: Europe/Berlin, UTC or "
        "local; JSON is always UTC (default: local)")  # fmt: skip


def machines(group: Any) -> None:
    """Add what makes one run of several machines."""
    add = group.add_argument
    add("--run", metavar="ID", help="id of the run, the same on all machines; with --from-results: "
        "only this run (default: a new one; all)")  # fmt: skip
    add("--slice", metavar="K/N", help="send slice K, from 0, of N: every Nth arrival; needs --run "
        "(default: the whole run)")  # fmt: skip
    add("--start-at", metavar="T", help="when the run starts: ISO 8601, Unix seconds or now+30s; "
        "all due times count from it (default: when it is ready)")  # fmt: skip
    add("--join", action="store_true", help="enter the run, if --start-at is over, where its "
        "schedule stands (default: do not start then)")  # fmt: skip


def tracking(group: Any) -> None:
    """Add what tracking mode knows."""
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
    add("--csv", metavar="FILE", help="every transfer as CSV (default: none)")
    add("--sent", metavar="FILE", nargs="+", action="extend", default=[],
        help="results of a load run, to reconcile, alone if there is no --from; may be repeated "
        "(default: none)")  # fmt: skip
    add("--match", choices=("uuid", "filename"), help="how --sent is matched (default: uuid)")
    add(
        "--ledger",
        metavar="FILE",
        help="keep the SQLite ledger in this file (default: a temporary one)",
    )

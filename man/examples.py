"""An example for every key of the configuration, and more words where one line is too few.

A test reads each example with the key's own reader, and fails where a key has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Told(NamedTuple):
    """What the manual adds to a key's own description."""

    example: str  # a value, as it is written after `key: `
    more: str = ""


RUN: Mapping[str, Told] = {
    "duration": Told("2h", "A job's own duration ends that job earlier."),
    "graceful_stop": Told(
        "1m", "What is still in flight then is cut off and counted as cancelled. 0s cuts at once."
    ),
    "status_interval": Told("5m"),
    "results": Told(
        "results-{date}.jsonl",
        "Lines are appended. The format is told in WHAT IT WRITES of fthg(1).",
    ),
    "summary": Told("summary-{run}.json"),
    "thresholds": Told("[failed < 1%, lateness p99 < 50ms]", "See THRESHOLDS."),
    "workers": Told("auto"),
}

LOGGING: Mapping[str, Told] = {
    "level": Told("info"),
    "file": Told(
        "{path: /var/log/fthg/fthg.log, level: info}",
        "The plain path is enough where the file takes level and format of the section.",
    ),
    "syslog": Told("{address: 'udp://loghost:514', facility: local0}"),
    "format": Told("json"),
}

JOB: Mapping[str, Told] = {
    "url": Told(
        "https://ingress.example.com/upload/{filename}",
        "The protocol chooses what further keys there are. For SFTP the path is a directory, "
        "absolute as it stands; a path that begins with /~/ is relative to the login directory.",
    ),
    "files": Told(
        "/var/lib/fthg/orders",
        "Hidden files are left out. The directory is read anew at each pass; one that is empty "
        "at the start ends the run with status 3, later it fails that arrival as no_file.",
    ),
    "match": Told("'*.xml'", "As the shell matches names; case counts."),
    "recursive": Told("true"),
    "follow_links": Told(
        "true",
        "Links to themselves and to a directory that they are in are never followed. A link that "
        "is itself given as files is.",
    ),
    "order": Told("random"),
    "seed": Told("42"),
    "repeat": Told("once"),
    "rate": Told(
        "120/hour",
        "The rate is that of the job as a whole, and periods are exact: 7/hour sends seven "
        "files in each hour for weeks.",
    ),
    "model": Told("closed", "See HOW IT SENDS in fthg(1)."),
    "max_in_flight": Told(
        "100", "An arrival that is due while so many are outstanding is counted as dropped."
    ),
    "senders": Told("4"),
    "start_after": Told("30s"),
    "duration": Told("10m"),
    "count": Told("1000"),
    "timeout": Told("90s", "It covers connecting, sending and the whole answer."),
    "connect_timeout": Told("5s"),
    "connections": Told("4"),
    "reuse": Told("false"),
    "thresholds": Told("[failed < 1%, response_time p95 < 2s]", "See THRESHOLDS."),
    "enabled": Told("false", "--set jobs.NAME.enabled=true enables it for one run."),
}

HTTP: Mapping[str, Told] = {
    "method": Told("PUT"),
    "headers": Told(
        "{X-Transfer-Id: '{uuid}', X-Filename: '{filename}'}",
        "Content-Length is always the body's; Content-Type is guessed from the file's name "
        "unless it is given here.",
    ),
    "body": Told("{multipart: {field: file, fields: {sender: '{hostname}'}}}"),
    "expect": Told("200,201,204"),
    "auth": Told("{basic: {user: loader, password: '${INGRESS_PASSWORD:-}'}}"),
    "cert": Told("/etc/fthg/keys/client.pem"),
    "key": Told("/etc/fthg/keys/client.key"),
    "passphrase": Told("${KEY_PASSPHRASE:-}"),
    "ca": Told("/etc/fthg/keys/ca.pem"),
    "verify": Told("false", "Leave it true but on test systems."),
    "proxy": Told("http://proxy.example.com:3128"),
    "follow_redirects": Told("true"),
    "trust_env": Told("true"),
}

SFTP: Mapping[str, Told] = {
    "user": Told("loader"),
    "password": Told("${SFTP_PASSWORD:-}", "The environment or password_file is safer."),
    "password_file": Told("/etc/fthg/keys/partner.password"),
    "key": Told("/etc/fthg/keys/partner", "DSA keys and PuTTY's own format are refused."),
    "passphrase": Told("${KEY_PASSPHRASE:-}"),
    "agent": Told("true"),
    "known_hosts": Told(
        "/etc/fthg/keys/known_hosts",
        "ssh-keyscan -p PORT HOST writes its lines; compare the fingerprint before you trust it.",
    ),
    "host_key": Told("accept-new"),
    "remote_name": Told("'{stem}-{seq}{suffix}'"),
    "atomic": Told("true", "The rename replaces a file of that name where the server can."),
    "mkdir": Told("true"),
    "mode": Told("0640"),
    "check_size": Told("true"),
}

TRACK: Mapping[str, Told] = {
    "ingress": Told("mysql://fthg@db-in.example.com/transfers", "See SECTION TRACK: A DATABASE."),
    "egress": Told("mysql://fthg@db-out.example.com/transfers", "See SECTION TRACK: A DATABASE."),
    "from": Told("2026-01-31T14:00+01:00", "A time without zone is local."),
    "to": Told("now-5m"),
    "poll": Told("30s"),
    "grace": Told("15m", "A row without a partner is pending while it is younger, unpaired after."),
    "sla": Told("60s"),
    "once": Told("true"),
    "title": Told("Nightly transfers"),
    "output": Told("report-{date}.html", "Written anew at each look, never half."),
    "csv": Told("transfers-{date}.csv"),
    "summary": Told("tracking-{date}.json"),
    "logo": Told("logo.svg"),
    "ledger": Told("/var/lib/fthg/ledger.sqlite"),
    "sent": Told("[results.jsonl]"),
    "match": Told("filename"),
}

SIDE: Mapping[str, Told] = {
    "host": Told("db-in.example.com"),
    "port": Told("3307"),
    "socket": Told("/var/lib/mysql/mysql.sock"),
    "user": Told("fthg"),
    "password": Told("${INGRESS_PASSWORD:-}"),
    "password_file": Told("/etc/fthg/keys/ingress.password"),
    "option_file": Told("/etc/fthg/keys/ingress.cnf"),
    "database": Told("transfers"),
    "table": Told("transfers"),
    "timezone": Told("Europe/Berlin", "A TIMESTAMP column needs none."),
    "tls": Told("{ca: /etc/fthg/keys/db-ca.pem}"),
    "columns": Told("{UUID: transfer_id, startTime: started_at}"),
    "connect_timeout": Told("5s"),
    "read_timeout": Told("2m"),
}

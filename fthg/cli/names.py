"""The options that belong together, by their names in the parsed arguments."""

from __future__ import annotations

AD_HOC = {
    "method": "-X/--method",
    "header": "-H/--header",
    "proxy": "-x/--proxy",
    "location": "-L/--location",
    "connect_timeout": "--connect-timeout",
    "connect_to": "--connect-to",
    "cert": "-E/--cert",
    "key": "--key",
    "ca": "--ca",
    "insecure": "-k/--insecure",
    "user": "-u/--user",
    "password_file": "--password-file",
    "known_hosts": "--known-hosts",
    "host_key": "--host-key",
    "remote_name": "--remote-name",
    "atomic": "--atomic",
    "mkdir": "--mkdir",
}
"""Options that describe the ad hoc job."""

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
    "metrics": "--metrics",
    "check": "--check",
    "slice": "--slice",
    "start_at": "--start-at",
    "join": "--join",
}
"""Options that control a run."""

MACHINES = {
    "run": "--run",
    "slice": "--slice",
    "start_at": "--start-at",
    "join": "--join",
    "metrics": "--metrics",
}
"""Options of load mode that are no keys of a job."""

TRACKING = {
    "from_": "--from",
    "to": "--to",
    "poll": "--poll",
    "grace": "--grace",
    "sla": "--sla",
    "once": "--once",
    "title": "--title",
    "logo": "--logo",
    "csv": "--csv",
    "sent": "--sent",
    "match": "--match",
    "ledger": "--ledger",
}
"""Options of tracking mode."""

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

FOREIGN = {
    **dict.fromkeys(("-F", "--form"), "--set jobs.cli.body=multipart (files are of --files)"),
    **dict.fromkeys(("-T", "--upload-file"), "--files, a file or a directory to send"),
    **dict.fromkeys(
        ("-d", "--data", "--data-binary", "--data-raw"), "--files to send, or --duration for a time"
    ),
    **dict.fromkeys(("-m", "--max-time"), "--timeout"),
    "--resolve": "--connect-to HOST:PORT",
    **dict.fromkeys(
        ("--retry", "--retry-all-errors", "--retry-delay", "--retry-max-time"),
        "nothing: each file is sent once, and a failure is a result",
    ),
    "--request": "-X or --method",
    **dict.fromkeys(("-A", "--user-agent"), "-H 'User-Agent: …'"),
    **dict.fromkeys(("-b", "--cookie"), "-H 'Cookie: …'"),
    **dict.fromkeys(("-e", "--referer"), "-H 'Referer: …'"),
    **dict.fromkeys(("-f", "--fail"), "nothing: an answer below 200 or above 299 is a failure"),
    **dict.fromkeys(("-s", "--silent"), "-q"),
    "--interface": "--set jobs.cli.source=ADDRESS",
    "--socks5": "-x socks5://HOST:PORT",
    **dict.fromkeys(("-Z", "--parallel", "--parallel-max", "--concurrency"), "--max-in-flight"),
    "--connections": "--set jobs.NAME.connections=N",
    **dict.fromkeys(("--vus", "--users", "--max-vus"), "--model closed --senders N"),
    **dict.fromkeys(("--rps", "--spawn-rate", "--arrival-rate"), "--rate, as in --rate 5/s"),
    **dict.fromkeys(("-i", "--iterations", "--requests"), "--count"),
    "--stages": "--rate '10/s for 5m, to 100/s over 10m'",
    "--stage": "--rate '10/s for 5m, to 100/s over 10m'",
    **dict.fromkeys(("-t", "--run-time", "--time"), "--duration"),
    "--out": "--results FILE",
    **dict.fromkeys(("--summary-export", "--json"), "--summary FILE"),
    "--host": "--url",
    "--http-proxy": "-x or --proxy",
    "--insecure-skip-tls-verify": "-k or --insecure",
    "--ratio": "one job for each part, with a --rate of its own",
}
"""Options of curl, k6, Locust, vegeta and others, with what has their effect here."""

COMMANDS = {
    "run": "fthg -c FILE",
    "check": "fthg -c FILE --check",
    "validate": "fthg -c FILE --check",
    "track": "fthg --track",
    "attack": "fthg --url URL --files DIRECTORY --rate 5/s",
    "version": "fthg --version",
    "help": "fthg --help",
}
"""Subcommands that other programs have, with the command line that does the same."""

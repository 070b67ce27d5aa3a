"""The messages of the lab when it opens and closes."""

from __future__ import annotations

import shlex

from .databases import Databases
from .passage import Counts
from .practice import Lab

_RESULTS = "results.jsonl"


def opening_message(lab: Lab, databases: Databases) -> str:
    """Return addresses, credentials, and command lines to try."""
    settings = lab.settings
    asks = "asks for" if settings.client_certificate else "accepts"
    accounts = ", ".join(f"{name} / {word}" for name, word in settings.accounts.items())
    tables = "".join(f"  {side:<9} {dsn}\n" for side, dsn in databases.dsns.items())
    return f"""\
The lab is open. Ctrl-C closes it.

  HTTP      {lab.http_url}{_moved(settings.http_port, lab.http_port)}
  HTTPS     {lab.https_url}{_moved(settings.https_port, lab.https_port)}  \
({asks} a client certificate)
  SFTP      {lab.sftp_url}{_moved(settings.sftp_port, lab.sftp_port)}
  accounts  {accounts}
{tables}
  in {lab.directory}
    samples/  ingress/  egress/        files to send; arriving; delivered
    ca.pem  client.pem  client.key     for HTTPS
    id_ed25519  password  known_hosts  for SFTP
    lab.yaml                           a configuration with all of them

To try, in another terminal:

{_commands(lab)}{_tracking(lab, databases)}
"""


def closing_message(counts: Counts) -> str:
    """Return the numbers of files received and delivered."""
    received = ", ".join(f"{protocol} {number}" for protocol, number in counts.received.items())
    egress = {status: counts.egress.get(status, 0) for status in ("SUCCESS", "FAILED", "TIMEOUT")}
    return f"""\
The lab is closed.
  received   {sum(counts.received.values())}{f" ({received})" if received else ""}, \
aborted {counts.aborted}
  delivered  {egress["SUCCESS"]}, failed {egress["FAILED"]}, timed out {egress["TIMEOUT"]}, \
lost {counts.lost}
  by chance  {counts.refused} refused, {counts.cut} cut, {counts.hung} never answered"""


def _moved(preferred: int, port: int) -> str:
    return f"  (port {preferred} is taken)" if preferred not in (0, port) else ""


def _commands(lab: Lab) -> str:
    directory = _short(lab)
    password = ["--password-file", f"{directory}/password"]
    asked = lab.settings.basic_auth
    account = ["--user", next(iter(lab.settings.accounts)), *password] if asked else []
    hosts = ["--known-hosts", f"{directory}/known_hosts"]
    sending = ["--files", f"{directory}/samples", "--rate", "10/s", "--duration", "10s"]
    return "\n\n".join(
        (
            _command(["fthg", "--url", lab.http_url], sending, account),
            _command(["fthg", "--url", lab.sftp_url], sending, [*hosts, *password]),
            _command(["fthg", "-c", f"{directory}/lab.yaml", "--results", _RESULTS]),
        )
    )


def _tracking(lab: Lab, databases: Databases) -> str:
    if not databases.dsns:
        return ""
    track = ["fthg", "--track", "-c", f"{_short(lab)}/lab.yaml"]
    return "\n\n" + _command(track, ["--sent", _RESULTS, "-o", "report.html"])


def _short(lab: Lab) -> str:
    """Return the directory as its user wrote it, else the temporary one."""
    return (lab.settings.directory or lab.directory).rstrip("/") or "/"


def _command(*lines: list[str]) -> str:
    return "  " + " \\\n      ".join(shlex.join(line) for line in lines if line)

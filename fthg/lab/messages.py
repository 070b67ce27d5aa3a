"""The messages of the lab when it opens and closes."""

from __future__ import annotations

import shlex

from .databases import Databases
from .passage import Counts
from .practice import Lab


def opening_message(lab: Lab, databases: Databases) -> str:
    """Return addresses, credentials, and command lines to try."""
    asks = "asks for" if lab.settings.client_certificate else "accepts"
    accounts = ", ".join(f"{name} / {word}" for name, word in lab.settings.accounts.items())
    tables = "".join(f"  {side:<9} {dsn}\n" for side, dsn in databases.dsns.items())
    return f"""\
The lab is open. Ctrl-C closes it.

  HTTP      {lab.http_url}
  HTTPS     {lab.https_url}  ({asks} a client certificate)
  SFTP      {lab.sftp_url}
  accounts  {accounts}
{tables}
  in {lab.directory}
    samples/  ingress/  egress/        files to send; arriving; delivered
    ca.pem  client.pem  client.key     for HTTPS
    id_ed25519  password  known_hosts  for SFTP

To try:

{_commands(lab)}{_tracking(databases)}
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


def _commands(lab: Lab) -> str:
    certificates, hosts = lab.certificates, ["--known-hosts", lab.path("known_hosts")]
    password = ["--password-file", lab.path("password")]
    named = ["-H", "X-Filename: {filename}", "-H", "X-Transfer-Id: {uuid}"]
    if lab.settings.basic_auth:
        named += ["--user", next(iter(lab.settings.accounts)), *password]
    pair = ["--cert", str(certificates.client.cert), "--key", str(certificates.client.key)]
    tries = (
        (lab.http_url, named),
        (lab.https_url, [*named, "--ca", str(certificates.ca), *pair]),
        (lab.sftp_url, [*hosts, *password]),
        (lab.sftp_url, [*hosts, "--key", str(lab.keys.user)]),
    )
    return "\n\n".join(_command(url, lab.path("samples"), options) for url, options in tries)


def _tracking(databases: Databases) -> str:
    if not databases.dsns:
        return ""
    sides = [["--set", f"track.{side}={dsn}"] for side, dsn in databases.dsns.items()]
    window = ["--from", "-10m", "--poll", "2s", "--grace", "10s", "-o", "report.html"]
    return "\n\n  " + " \\\n      ".join(map(shlex.join, [["fthg", "--track", *window], *sides]))


def _command(url: str, samples: str, options: list[str]) -> str:
    lines = [
        ["fthg", "--url", url, "--rate", "10/s", "--duration", "10s"],
        ["--files", samples],
        *(options[at : at + 2] for at in range(0, len(options), 2)),
    ]
    return "  " + " \\\n      ".join(shlex.join(line) for line in lines)

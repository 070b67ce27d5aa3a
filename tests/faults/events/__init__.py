"""Real events of servers, hosts and disks; each module adds its cases here."""

from __future__ import annotations

from ..case import Case
from . import (
    clocks,
    descriptors,
    disks,
    floods,
    hung_disks,
    identity,
    input_files,
    limits,
    link,
    names,
    output_files,
    redirects,
    servers,
    sftp_servers,
    stalled_processes,
    standstills,
    terminals,
)

CASES: list[Case] = [
    *servers.CASES,
    *redirects.CASES,
    *sftp_servers.CASES,
    *standstills.CASES,
    *identity.CASES,
    *disks.CASES,
    *output_files.CASES,
    *input_files.CASES,
    *descriptors.CASES,
    *clocks.CASES,
    *names.CASES,
    *link.CASES,
    *limits.CASES,
    *terminals.CASES,
    *hung_disks.CASES,
    *floods.CASES,
    *stalled_processes.CASES,
]

"""Real events of servers, hosts and disks; each module adds its cases here."""

from __future__ import annotations

from ..case import Case
from . import (
    clocks,
    descriptors,
    disks,
    identity,
    input_files,
    link,
    names,
    output_files,
    servers,
)

CASES: list[Case] = [
    *servers.CASES,
    *identity.CASES,
    *disks.CASES,
    *output_files.CASES,
    *input_files.CASES,
    *descriptors.CASES,
    *clocks.CASES,
    *names.CASES,
    *link.CASES,
]

"""SFTP servers that are slow with their writes, or that have much to say beside."""

from __future__ import annotations

from ..case import Case, matrix, nothing
from ..servers import AsynchronousSsh, ChatteringSsh

CASES: list[Case] = [
    *matrix(
        "asynchronous server",
        nothing,
        protocols=("sftp",),
        target=AsynchronousSsh,
        felt=False,
    ),
    *matrix(
        "asynchronous server, atomic",
        nothing,
        protocols=("sftp",),
        target=AsynchronousSsh,
        keys={"atomic": True},
        felt=False,
    ),
    *matrix(
        "server floods standard error",
        nothing,
        protocols=("sftp",),
        target=ChatteringSsh,
        felt=False,
        fast=("sftp open",),
    ),
]

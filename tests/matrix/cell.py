"""A cell of the matrix: what `sftp` or `curl` and fthg do with a server, on both sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import paramiko

THROUGH = ""
"""The file arrives. Any other outcome is the reason why it does not."""


class Cell(NamedTuple):
    """A server, one thing that is particular about it, and what each program does."""

    server: str
    trait: str  # a credential, a family of algorithms, or a way
    tool: str = THROUGH  # of `sftp` or `curl`
    newest: str = THROUGH  # of fthg with the newest releases
    el9: str = THROUGH  # of fthg with those of RHEL 9
    needs: Mapping[str, object] = {}  # the keys that fthg's job needs beside the credentials

    @property
    def expected(self) -> str:
        """The outcome with the set that runs the tests."""
        return self.el9 if ON_EL9 else self.newest

    @property
    def name(self) -> str:
        """The test's id."""
        return f"{self.server}, {self.trait}"


ON_EL9 = paramiko.__version__.startswith("2.")
"""True with the releases of RHEL 9."""

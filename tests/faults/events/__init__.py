"""Real events: what befalls servers, hosts and disks; each module adds its cases here."""

from __future__ import annotations

from ..case import Case
from . import identity, servers

CASES: list[Case] = [*servers.CASES, *identity.CASES]

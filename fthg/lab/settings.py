"""The settings of a lab."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from .dice import Spread


@dataclass(frozen=True)
class Settings:
    """The settings of a lab; shares from 0 to 1, times in seconds."""

    directory: Optional[str] = None  # None: a temporary one, removed at the end
    http_port: int = 0  # 0: a free one
    https_port: int = 0
    sftp_port: int = 0
    movable: frozenset[str] = frozenset()  # protocols that take a free port if theirs is taken
    accounts: Mapping[str, str] = field(default_factory=lambda: {"loader": "practice"})
    basic_auth: bool = False  # HTTP asks for an account
    client_certificate: bool = True  # HTTPS asks for one
    delay: Spread = (0.0, 0.0)  # before each answer
    error_rate: float = 0.0  # half are refused, half are received and the answer is withheld
    hang_rate: float = 0.0
    processing: Spread = (1.0, 1.0)  # from received to delivered
    failed: float = 0.0  # at egress
    timeout: float = 0.0  # at egress
    lost: float = 0.0  # between ingress and egress
    discard: bool = False  # delivered files are removed
    seed: Optional[int] = None
    samples: int = 100
    mysql: bool = False  # two own servers, unless a DSN is given
    ingress_dsn: Optional[str] = None
    egress_dsn: Optional[str] = None
    duplicates: float = 0.0  # rows written twice
    strangers: float = 0.0  # egress rows without a file
    skewed: float = 0.0  # egress rows an hour behind

    @property
    def ingress_faults(self) -> Mapping[str, float]:
        """Return the share of each fault at ingress."""
        half = self.error_rate / 2
        return {"refuse": half, "cut": half, "hang": self.hang_rate}

    @property
    def egress_faults(self) -> Mapping[str, float]:
        """Return the share of each fault behind ingress."""
        return {"failed": self.failed, "timeout": self.timeout, "lost": self.lost}

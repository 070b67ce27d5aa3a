"""The names of results on the page."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "passed": "Passed",
        "failed": "Failed",
        "timeout": "Timeout",
        "in_progress": "In progress",
        "pending": "Pending",
        "unpaired": "Unpaired",
    }
)
"""The name of each result for people."""

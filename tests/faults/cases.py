"""All cases."""

from __future__ import annotations

from . import network
from .case import Case
from .events import CASES as EVENTS

CASES: list[Case] = [*network.CASES, *EVENTS]

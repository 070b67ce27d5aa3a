"""Ways of dispatching the arrivals of a job while it runs: by its model, and by its rate."""

from __future__ import annotations

from typing import Union

from .at_max import AtMax
from .closed_model import ClosedModel
from .lane import Lane, Period, periods
from .open_model import OpenModel

__all__ = ["Dispatching", "Lane", "dispatching", "periods"]

Dispatching = Union[OpenModel, ClosedModel, AtMax]


def dispatching(lane: Lane, period: Period) -> Dispatching:
    """Return the way of dispatching a period of a job."""
    if not period.pacer.has_target:
        return AtMax(lane, period)
    return OpenModel(lane, period) if lane.job.open else ClosedModel(lane, period)

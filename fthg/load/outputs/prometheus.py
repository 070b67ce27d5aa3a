"""The figures of a run for Prometheus, to be scraped or in a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Optional

from ...config import values
from ...config.schema import key
from ..plan import Plan
from .output import Output, Surroundings


class PrometheusOutput(Output):
    """Shows the figures so far in Prometheus' text format."""

    keys: ClassVar[Mapping[Any, Any]] = {
        key("metrics", "figures for Prometheus: [HOST:]PORT, or FILE.prom"): values.output_path
    }

    @classmethod
    def make(cls, plan: Plan, around: Surroundings) -> Optional[PrometheusOutput]:  # noqa: ARG003
        """Return one if there is a place for it."""
        return None

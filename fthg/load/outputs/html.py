"""The HTML report of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Optional

from ...config import values
from ...config.schema import key
from ..plan import Plan
from .output import Output, Surroundings


class HtmlOutput(Output):
    """Writes the report to the file of `run.report`."""

    keys: ClassVar[Mapping[Any, Any]] = {key("report", "the HTML report"): values.output_path}

    @classmethod
    def make(cls, plan: Plan, around: Surroundings) -> Optional[HtmlOutput]:  # noqa: ARG003
        """Return one if there is a file for it."""
        return None

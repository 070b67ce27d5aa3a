"""The HTML report of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Optional

from ...config import values
from ...config.schema import key
from ...writing import BoundedFile, OutputFile
from ..plan import Plan
from ..stats.snapshot import RunSnapshot
from .output import Output, Surroundings

_IO_TIMEOUT = 5.0  # seconds, however long a disk or the reader of a pipe takes


class HtmlOutput(Output):
    """Writes the report to the file of `run.report`."""

    keys: ClassVar[Mapping[Any, Any]] = {key("report", "the HTML report"): values.output_path}

    def __init__(self, path: str, render: Callable[[RunSnapshot], str]) -> None:
        self._file = BoundedFile(path)
        self._render = render
        self._timeout = _IO_TIMEOUT

    @classmethod
    def file(cls, plan: Plan) -> OutputFile:
        """Return the file of `run.report`."""
        return OutputFile("run.report", plan.outputs.get("report"))

    @classmethod
    def make(cls, plan: Plan, around: Surroundings) -> Optional[HtmlOutput]:
        """Return one if there is a file for it."""
        path = plan.outputs.get("report")
        if not path:
            return None
        from ..page.report import render  # Jinja is loaded only where there is a report

        return cls(path, lambda run: render(run, around.configuration))

    def start(self, plan: Plan) -> None:  # noqa: ARG002 - all is known
        """Start the thread that will write the file."""
        self._file.start()

    def hurry(self, seconds: float) -> None:
        """Wait no longer than that for the file."""
        self._timeout = min(self._timeout, seconds)

    def end(self, snapshot: RunSnapshot) -> None:
        """Write the file; StartError if that fails, or takes too long."""
        self._file.write(self._render(snapshot), self._timeout)

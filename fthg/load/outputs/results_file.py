"""The results file: one JSON line for every transfer."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any, ClassVar, Optional

from ...config import values
from ...config.schema import key
from ...errors import StartError
from ...results.file import PURPOSE, ResultsFile
from ...slices import WHOLE
from ...standstill import Slices, Standstill
from ...transfer import Result
from ...writing import OutputFile
from ...writing.lines import open_lines
from ..plan import Plan
from ..stats.snapshot import RunSnapshot
from .output import Output, Surroundings


class ResultsOutput(Output):
    """Appends the line of each result; see ResultsFile."""

    keys: ClassVar[Mapping[Any, Any]] = {
        key("results", "one JSON line for every transfer; - is standard output"): (
            values.output_path
        )
    }
    per_process = True

    def __init__(self, file: ResultsFile, slices: Slices) -> None:
        self._file = file
        self._slices = slices

    @classmethod
    def file(cls, plan: Plan) -> OutputFile:
        """Return the file of `run.results`."""
        return OutputFile("run.results", plan.outputs.get("results"), appended=True)

    @classmethod
    def reserve(cls, plan: Plan, stack: ExitStack) -> None:
        """Open the file; keep a pipe open, whose reader must not see an end before the run's."""
        path = plan.outputs.get("results")
        if path:
            fd = open_lines(path, PURPOSE)
            if stat.S_ISREG(os.fstat(fd).st_mode):
                os.close(fd)
            else:
                stack.callback(os.close, fd)

    @classmethod
    def make(cls, plan: Plan, around: Surroundings) -> Optional[ResultsOutput]:
        """Open the file of `run.results`."""
        path = plan.outputs.get("results")
        if not path:
            return None
        slices = {job.name: job.slice for job in plan.jobs if job.slice != WHOLE}
        whose = str(plan.slice) if plan.slice else ""
        return cls(ResultsFile(path, plan.run, around.clock, whose), slices)

    def record(self, results: Sequence[Result]) -> None:
        """Add their lines; they are in the file within a second."""
        for result in results:
            self._file.write(result)

    def standstill(self, standstill: Standstill) -> None:
        """Add its line."""
        self._file.write_standstill(standstill, self._slices)

    def hurry(self, seconds: float) -> None:
        """Let closing the file take no longer than that."""
        self._file.close_timeout = min(self._file.close_timeout, seconds)

    def end(self, snapshot: RunSnapshot) -> None:  # noqa: ARG002 - it writes no figures
        """Write the rest, and close; StartError if lines were lost."""
        self._file.close()
        self._file.report()
        if self.lost:
            raise StartError(f"results file {self._file.path}: {self.lost} lines are lost")

    def reopen(self) -> None:
        """Continue in a new file of the same name."""
        self._file.reopen()

    @property
    def lost(self) -> int:  # type: ignore[override]
        """Lines that could not be written."""
        return self._file.lost

"""The thresholds of a run as JUnit XML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Optional

from ...config import values
from ...config.schema import key
from ...verdicts.junit import Case, cases_of, junit
from ...writing import BoundedFile, OutputFile
from ..plan import Plan
from ..stats.snapshot import TOTAL, BreakingPoint, RunSnapshot
from .breaking import breaking_sentence
from .output import Output, Surroundings

_IO_TIMEOUT = 5.0  # seconds, however long a disk or the reader of a pipe takes


class JunitOutput(Output):
    """Writes the verdicts on all thresholds to the file of `run.junit`."""

    keys: ClassVar[Mapping[Any, Any]] = {
        key("junit", "the thresholds as JUnit XML"): values.output_path
    }

    def __init__(self, path: str) -> None:
        self._file = BoundedFile(path)
        self._timeout = _IO_TIMEOUT

    @classmethod
    def file(cls, plan: Plan) -> OutputFile:
        """Return the file of `run.junit`."""
        return OutputFile("run.junit", plan.outputs.get("junit"))

    @classmethod
    def make(cls, plan: Plan, around: Surroundings) -> Optional[JunitOutput]:  # noqa: ARG003
        """Return one if there is a file for it."""
        path = plan.outputs.get("junit")
        return cls(path) if path else None

    def start(self, plan: Plan) -> None:  # noqa: ARG002 - all is known
        """Start the thread that will write the file."""
        self._file.start()

    def hurry(self, seconds: float) -> None:
        """Wait no longer than that for the file."""
        self._timeout = min(self._timeout, seconds)

    def end(self, snapshot: RunSnapshot) -> None:
        """Write the file; StartError if that fails, or takes too long."""
        self._file.write(run_junit(snapshot), self._timeout)


def run_junit(run: RunSnapshot) -> str:
    """Return the document, with a class for each job and one for the total."""
    cases = [
        _with_rate(case, run.broken_by(name, verdict))
        for name, verdicts in run.verdicts.items()
        for verdict in verdicts
        for case in cases_of("total" if name == TOTAL else f"jobs.{name}", [verdict])
    ]
    return junit(f"fthg {run.plan.run}", cases, run.seconds)


def _with_rate(case: Case, point: Optional[BreakingPoint]) -> Case:
    """Return a case; the failure of the threshold that ended the run says at which rate."""
    if point is None:
        return case
    return case._replace(found=f"{case.found}; {breaking_sentence(point)}")

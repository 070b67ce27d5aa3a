"""The outputs of a run: live view, summary and its JSON, JUnit XML, results file, log lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any, Optional

from ...writing import OutputFile
from ..plan import Plan
from .group import OutputGroup
from .health import Health
from .html import HtmlOutput
from .junit import JunitOutput
from .outage_log import OutageLog
from .output import Output, Surroundings
from .progress import Progress
from .prometheus import PrometheusOutput
from .results_file import ResultsOutput
from .service_status import ServiceStatus
from .summary import SummaryOutput
from .summary_json import SummaryJson
from .transfer_log import TransferLog

__all__ = [
    "OUTPUTS",
    "OUTPUT_KEYS",
    "Output",
    "OutputGroup",
    "Surroundings",
    "make_outputs",
    "output_files",
    "reserve_outputs",
]

OUTPUTS: Mapping[str, type[Output]] = {
    "results": ResultsOutput,
    "transfer log": TransferLog,
    "outage log": OutageLog,
    "health": Health,
    "summary.json": SummaryJson,
    "junit": JunitOutput,
    "html": HtmlOutput,
    "prometheus": PrometheusOutput,
    "service status": ServiceStatus,
    "progress": Progress,
    "summary": SummaryOutput,
}
"""Name → Output, in the order in which they are ended: files first, the terminal last."""

OUTPUT_KEYS: Mapping[Any, Any] = {
    key: reader for output in OUTPUTS.values() for key, reader in output.keys.items()
}
"""The keys that outputs add to the section `run`."""


def output_files(plan: Plan) -> Sequence[OutputFile]:
    """Return the files that a run will write, to be checked before the start."""
    return [file for file in (kind.file(plan) for kind in OUTPUTS.values()) if file is not None]


def reserve_outputs(plan: Plan, stack: ExitStack) -> None:
    """Keep open, until the stack closes, what the workers of a run will open each."""
    for kind in OUTPUTS.values():
        kind.reserve(plan, stack)


def make_outputs(
    plan: Plan, around: Surroundings, *, per_process: Optional[bool] = None
) -> OutputGroup:
    """Make the outputs that the plan asks for; StartError if one of them could not work.

    `per_process` True: those that each of several processes has; False: those of the whole run.
    """
    kinds = [kind for kind in OUTPUTS.values() if per_process in (None, kind.per_process)]
    made = [kind.make(plan, around) for kind in kinds]
    return OutputGroup([output for output in made if output is not None], around.clock)
